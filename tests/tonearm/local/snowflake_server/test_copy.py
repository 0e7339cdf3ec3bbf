"""COPY INTO as a statement: https://docs.snowflake.com/en/sql-reference/sql/copy-into-table."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from snowflake.connector.errors import ProgrammingError

from tests.snowflake.local_account import LocalAccount
from tests.tonearm.local.snowflake_server.files import FIELDS, count, ingest, parquet, put, rows
from tests.tonearm.local.snowflake_server.small_account import BARE_COPY, COPY

DAY = 86_400


def statuses(account: LocalAccount, sql: str = COPY) -> dict[str, str]:
    """Run a COPY; file name to status."""
    return {
        str(row["file"]).rsplit("/", maxsplit=1)[-1]: str(row["status"])
        for row in account.rows(sql)
    }


def test_every_file_of_the_path_is_loaded_once(account: LocalAccount) -> None:
    put(account, "a.parquet")
    put(account, "deep/er/b.parquet", parquet(rows(3, 10)))
    put(account, "c.txt", b"text")

    assert statuses(account) == {"a.parquet": "LOADED", "b.parquet": "LOADED"}
    assert statuses(account) == {"a.parquet": "LOAD_SKIPPED", "b.parquet": "LOAD_SKIPPED"}
    assert count(account) == 5


def test_a_changed_file_loads_again_because_a_table_remembers_content(
    account: LocalAccount,
) -> None:
    """https://docs.snowflake.com/en/user-guide/data-load-considerations-load#load-metadata."""
    put(account, "a.parquet")
    statuses(account)

    put(account, "a.parquet", parquet(rows(3, 10)))

    assert statuses(account) == {"a.parquet": "LOADED"}


def test_force_loads_again_and_force_false_does_not(account: LocalAccount) -> None:
    put(account, "a.parquet")
    statuses(account)

    assert statuses(account, f"{COPY} force = false") == {"a.parquet": "LOAD_SKIPPED"}
    assert statuses(account, f"{COPY} force = true") == {"a.parquet": "LOADED"}
    assert count(account) == 4


def test_a_table_forgets_a_file_after_64_days_and_then_asks_to_be_told(
    account: LocalAccount,
) -> None:
    """https://docs.snowflake.com/en/user-guide/data-load-considerations-load#loading-older-files."""
    put(account, "a.parquet")
    statuses(account)

    account.engine.clock.advance(63 * DAY)
    assert statuses(account) == {"a.parquet": "LOAD_SKIPPED"}
    account.engine.clock.advance(2 * DAY)

    (row,) = account.rows(COPY)
    assert (row["status"], "expired after 64 days" in row["first_error"]) == ("LOAD_SKIPPED", True)
    assert statuses(account, f"{COPY} load_uncertain_files = true") == {"a.parquet": "LOADED"}


def test_an_old_file_loads_into_a_table_that_is_young(account: LocalAccount) -> None:
    url = put(account, "a.parquet")
    account.files.modified[url] = datetime.now(UTC) - timedelta(days=100)

    assert statuses(account) == {"a.parquet": "LOADED"}


def test_the_histories_of_pipe_and_table_are_separate(account: LocalAccount) -> None:
    """https://docs.snowflake.com/en/user-guide/data-load-snowpipe-intro#load-history."""
    url = put(account, "a.parquet")
    ingest(account, url)

    assert statuses(account) == {"a.parquet": "LOADED"}
    assert count(account) == 4


@pytest.mark.parametrize(
    "verb", ["truncate table db.s.t", "create or replace table db.s.t (id varchar)"]
)
def test_an_emptied_or_replaced_table_remembers_nothing(account: LocalAccount, verb: str) -> None:
    copy = COPY.split("include_metadata")[0]
    put(account, "a.parquet")
    statuses(account, copy)

    account.run(verb)

    assert statuses(account, copy) == {"a.parquet": "LOADED"}


def test_a_statement_loads_all_files_or_none(account: LocalAccount) -> None:
    put(account, "a.parquet")
    put(account, "b.parquet", b"PAR1 no parquet PAR1")

    with pytest.raises(ProgrammingError):
        account.run(COPY)

    assert count(account) == 0
    put(account, "b.parquet")
    assert set(statuses(account).values()) == {"LOADED"}


def test_skip_file_loads_the_good_ones_and_names_the_bad_one(account: LocalAccount) -> None:
    put(account, "a.parquet")
    put(account, "b.parquet", b"PAR1 no parquet PAR1")

    found = statuses(account, f"{COPY} on_error = skip_file")

    assert found == {"a.parquet": "LOADED", "b.parquet": "LOAD_FAILED"}
    assert count(account) == 2


def test_a_missing_column_is_null_and_an_extra_one_is_left_out(account: LocalAccount) -> None:
    fields = {"ID": pa.string(), "extra": pa.string()}
    put(account, "a.parquet", parquet([{"ID": "x", "extra": "y"}], fields))

    statuses(account)

    (row,) = account.rows("select id, n, tags from db.s.t")
    assert row == {"id": "x", "n": None, "tags": None}


def test_a_required_column_that_is_missing_fails_the_file(account: LocalAccount) -> None:
    put(account, "a.parquet", parquet([{"n": 1}], {"n": pa.int64()}))

    with pytest.raises(ProgrammingError):
        account.run(COPY)


def test_path_parts_do_not_fill_columns(account: LocalAccount) -> None:
    """Snowflake reads columns from the file only, not from `n=7/` in its path."""
    fields = {"id": pa.string()}
    put(account, "n=7/a.parquet", parquet([{"id": "x"}], fields))

    statuses(account)

    assert account.value("select n from db.s.t") is None


def test_named_files_are_below_the_path_and_must_be_there(account: LocalAccount) -> None:
    put(account, "d/a.parquet")

    assert statuses(account, f"{BARE_COPY} files = ('d/a.parquet')") == {"a.parquet": "LOADED"}
    with pytest.raises(ProgrammingError, match="was not found"):
        account.run(f"{BARE_COPY} files = ('gone.parquet')")


def test_a_statements_pattern_is_matched_against_the_whole_url(account: LocalAccount) -> None:
    """https://docs.snowflake.com/en/user-guide/data-load-considerations-load#pattern-matching."""
    put(account, "a.parquet")
    from_start = COPY.replace("'.*[.]parquet'", "'a[.]parquet'")

    assert account.rows(from_start) == [{"status": "Copy executed with 0 files processed."}]
    assert statuses(account, COPY.replace("'.*[.]parquet'", "'s3://.*/in/t/a[.]parquet'"))


def test_a_copy_in_a_transaction_is_undone_with_it(account: LocalAccount) -> None:
    put(account, "a.parquet")
    account.run("begin")
    statuses(account)
    account.run("rollback")

    assert count(account) == 0
    assert statuses(account) == {"a.parquet": "LOADED"}


def test_the_stages_file_format_is_used_when_none_is_named(account: LocalAccount) -> None:
    put(account, "a.parquet")
    unnamed = COPY.replace("file_format = (format_name = 'db.s.parquet_ff')", "")

    assert statuses(account, unnamed) == {"a.parquet": "LOADED"}


REFUSED = [
    COPY.replace("match_by_column_name = case_insensitive", ""),
    f"{COPY} validation_mode = return_errors",
    f"{COPY} on_error = continue",
    f"{COPY} purge = true",
    COPY.replace("(format_name = 'db.s.parquet_ff')", "(type = csv)"),
    COPY.replace("metadata$start_scan_time", "metadata$file_last_modified"),
    "copy into db.s.t from (select $1:id from @db.s.files/t/) file_format = (type = parquet)",
]


@pytest.mark.parametrize("sql", REFUSED)
def test_what_it_cannot_follow_is_refused(account: LocalAccount, sql: str) -> None:
    put(account, "a.parquet")

    with pytest.raises(ProgrammingError, match="Unsupported feature on the local server"):
        account.run(sql)

    assert count(account) == 0


def test_a_metadata_column_that_the_table_lacks_is_an_error(account: LocalAccount) -> None:
    account.run("alter table db.s.t drop column source_file")

    with pytest.raises(ProgrammingError, match="SOURCE_FILE"):
        account.run(COPY)


def test_all_types_of_the_contract_arrive_unchanged(account: LocalAccount) -> None:
    put(account, "a.parquet", parquet(rows(1), FIELDS))
    statuses(account)

    (row,) = account.rows("select id, n, day, heard_at from db.s.t")
    assert row == {key: rows(1)[0][key] for key in ("id", "n", "day", "heard_at")}
