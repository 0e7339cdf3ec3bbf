"""One deployed account for all tests of the SQL, emptied before each."""

from collections.abc import Iterator

import pytest

from tests.snowflake.local_account import LocalAccount, deployed_account


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAccount]:
    with deployed_account(tmp_path_factory.mktemp("stage")) as account:
        yield account


@pytest.fixture
def account(deployed: LocalAccount) -> LocalAccount:
    deployed.reset()
    return deployed
