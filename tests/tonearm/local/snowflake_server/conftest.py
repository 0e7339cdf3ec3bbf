"""A small account in this process: one database, stage, table and pipe."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.snowflake.local_account import LocalAccount
from tests.tonearm.local.snowflake_server.small_account import PIPE, SETUP


@pytest.fixture
def account(tmp_path: Path) -> Iterator[LocalAccount]:
    account = LocalAccount(tmp_path / "stage")
    for statement in SETUP.split(";\n"):
        if statement.strip():
            account.run(statement)
    account.run(PIPE)
    yield account
    account.close()
