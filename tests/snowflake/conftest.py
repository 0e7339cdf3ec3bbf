"""One deployed account for all tests of the SQL, emptied before each."""

from collections.abc import Iterator

import pytest

from tests.snowflake.local_account import LocalAccount


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAccount]:
    account = LocalAccount(tmp_path_factory.mktemp("stage"))
    account.deploy()
    yield account
    account.close()


@pytest.fixture
def account(deployed: LocalAccount) -> LocalAccount:
    deployed.reset()
    return deployed
