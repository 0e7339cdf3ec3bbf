"""What the engine keeps, and what it does when S3 does not answer."""

from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.snowflake.local_account import LocalAccount
from tests.tonearm.local.snowflake_server.files import count, ingest, put
from tests.tonearm.local.snowflake_server.small_account import BARE_COPY
from tonearm.local.snowflake_server.engine.engine import RecentResults
from tonearm.local.snowflake_server.loading.s3_files import Files, StagedFile
from tonearm.local.snowflake_server.protocol.errors import TRY_AGAIN


def test_only_recent_results_are_kept(account: LocalAccount) -> None:
    results = account.engine.results_cache
    assert isinstance(results, RecentResults)
    results.most = 3

    for number in range(10):
        account.value(f"select {number}")

    assert len(results) == 3


def test_a_result_can_be_scanned_again(account: LocalAccount) -> None:
    """https://docs.snowflake.com/en/sql-reference/functions/result_scan."""
    cursor = account.session.cursor()
    cursor.execute("show pipes in schema db.s")

    (row,) = account.rows(f"select * from table(result_scan('{cursor.sfqid}'))")
    assert row["name"] == "P"


class UnreachableFiles:
    """An S3 that is not there."""

    def listed(self, prefix_url: str) -> Iterator[StagedFile]:
        raise ConnectionError(prefix_url)

    def one(self, url: str) -> StagedFile:
        raise ConnectionError(url)

    def local_copy(self, file: StagedFile) -> AbstractContextManager[str]:
        raise ConnectionError(file.url)


class VanishingFiles(UnreachableFiles):
    """An S3 that stops answering between the look at a file and its bytes."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def one(self, url: str) -> StagedFile:
        return self._files.one(url)


def test_an_s3_that_stops_answering_leaves_nothing_behind(account: LocalAccount) -> None:
    url = put(account, "a.parquet")
    files, loader = account.files, account.statements.services.loader
    loader._files = VanishingFiles(files)

    with pytest.raises(ProgrammingError) as told:
        ingest(account, url)
    with pytest.raises(ProgrammingError):
        account.run(f"{BARE_COPY} files = ('a.parquet')")
    loader._files = files

    assert told.value.errno == TRY_AGAIN
    assert (count(account), ingest(account, url), count(account)) == (0, "LOADED", 2)


def test_an_s3_that_does_not_answer_is_no_verdict_on_a_file(account: LocalAccount) -> None:
    url = put(account, "a.parquet")
    files, loader = account.files, account.statements.services.loader
    loader._files = UnreachableFiles()

    with pytest.raises(ProgrammingError) as told:
        ingest(account, url)
    loader._files = files

    assert told.value.errno == TRY_AGAIN
    assert ingest(account, url) == "LOADED"
    assert count(account) == 2
