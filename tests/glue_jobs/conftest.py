"""One Spark session for all tests of the jobs."""

from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession

from tests.glue_jobs.jobs import small_session


def pytest_configure(config: pytest.Config) -> None:
    """Let pass the sockets that Spark's bridge to Java leaves to the garbage collector."""
    config.addinivalue_line("filterwarnings", "ignore:unclosed <socket:ResourceWarning")


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    session = small_session(tmp_path_factory.mktemp("spark"))
    yield session
    session.stop()
