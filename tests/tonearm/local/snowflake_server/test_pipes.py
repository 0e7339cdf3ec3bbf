"""Pipes: https://docs.snowflake.com/en/sql-reference/sql/create-pipe."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.snowflake.local_account import BUCKET, LocalAccount
from tests.tonearm.local.snowflake_server.files import count, ingest, parquet, put, rows
from tests.tonearm.local.snowflake_server.small_account import BARE_COPY, COPY, PIPE

DAY = 86_400


def status(account: LocalAccount) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(account.value("select system$pipe_status('db.s.p')"))
    return told


def test_a_file_loads_with_its_name_row_numbers_and_scan_time(account: LocalAccount) -> None:
    """https://docs.snowflake.com/en/user-guide/querying-metadata."""
    url = put(account, "snapshot_date=2024-05-01/p+a rt=é.parquet")

    assert ingest(account, url) == "LOADED"

    found = account.rows("select * from db.s.t order by source_row")
    assert [row["source_row"] for row in found] == [1, 2]
    assert found[0]["source_file"] == "in/t/snapshot_date=2024-05-01/p+a rt=é.parquet"
    assert found[0]["loaded_at"] <= datetime.now(UTC)
    assert json.loads(found[0]["tags"]) == ["x", 'y"z']
    assert found[0]["heard_at"].microsecond == 123456


def test_a_pipe_remembers_the_path_not_what_is_in_the_file(account: LocalAccount) -> None:
    """https://docs.snowflake.com/en/user-guide/data-load-snowpipe-intro#data-duplication."""
    url = put(account, "a.parquet")
    ingest(account, url)

    put(account, "a.parquet", parquet(rows(5)))

    assert ingest(account, url) == "LOAD_SKIPPED"
    assert count(account) == 2


def test_after_14_days_the_same_path_loads_again(account: LocalAccount) -> None:
    """https://docs.snowflake.com/en/user-guide/data-load-snowpipe-intro#load-history."""
    url = put(account, "a.parquet")
    ingest(account, url)

    account.engine.clock.advance(13.9 * DAY)
    assert ingest(account, url) == "LOAD_SKIPPED"
    account.engine.clock.advance(0.2 * DAY)

    assert ingest(account, url) == "LOADED"
    assert count(account) == 4


def test_a_recreated_pipe_remembers_nothing(account: LocalAccount) -> None:
    """https://docs.snowflake.com/en/user-guide/data-load-snowpipe-manage#load-history."""
    url = put(account, "a.parquet")
    ingest(account, url)

    account.run(PIPE.replace("create pipe", "create or replace pipe"))

    assert ingest(account, url) == "LOADED"


def test_creating_a_pipe_again_if_not_exists_keeps_its_history(account: LocalAccount) -> None:
    url = put(account, "a.parquet")
    ingest(account, url)

    account.run(PIPE.replace("create pipe", "create pipe if not exists"))

    assert ingest(account, url) == "LOAD_SKIPPED"


def test_a_bad_file_is_skipped_whole_reported_and_may_come_again(account: LocalAccount) -> None:
    """https://docs.snowflake.com/en/sql-reference/sql/copy-into-table (ON_ERROR = SKIP_FILE)."""
    url = put(account, "bad.parquet", b"PAR1 this is no parquet PAR1")

    assert ingest(account, url) == "LOAD_FAILED"
    assert count(account) == 0
    put(account, "bad.parquet")
    assert ingest(account, url) == "LOADED"


def test_a_file_with_one_value_that_does_not_fit_leaves_no_row(account: LocalAccount) -> None:
    import pyarrow as pa

    bad = [*({"id": row["id"], "n": "1"} for row in rows(3)), {"id": "r9", "n": "no number"}]
    url = put(account, "cast.parquet", parquet(bad, {"id": pa.string(), "n": pa.string()}))

    assert ingest(account, url) == "LOAD_FAILED"
    assert count(account) == 0


def test_a_file_that_is_gone_is_reported(account: LocalAccount) -> None:
    assert ingest(account, f"s3://{BUCKET}/in/t/gone.parquet") == "LOAD_FAILED"


def test_a_paused_pipe_queues_and_loads_when_resumed(account: LocalAccount) -> None:
    """https://docs.snowflake.com/en/sql-reference/sql/alter-pipe (PIPE_EXECUTION_PAUSED)."""
    url = put(account, "a.parquet")
    account.run("alter pipe db.s.p set pipe_execution_paused = true")

    assert ingest(account, url) == "QUEUED"
    assert (status(account)["executionState"], status(account)["pendingFileCount"]) == ("PAUSED", 1)
    assert count(account) == 0

    account.run("alter pipe db.s.p set pipe_execution_paused = false")

    assert (status(account)["executionState"], status(account)["pendingFileCount"]) == (
        "RUNNING",
        0,
    )
    assert count(account) == 2


def test_a_stale_pipe_is_resumed_only_by_force_and_its_oldest_events_are_gone(
    account: LocalAccount,
) -> None:
    """https://docs.snowflake.com/en/user-guide/data-load-snowpipe-manage#resuming-a-stale-pipe."""
    account.run("alter pipe db.s.p set pipe_execution_paused = true")
    ingest(account, put(account, "old.parquet"))
    account.engine.clock.advance(14.5 * DAY)
    ingest(account, put(account, "new.parquet"))

    with pytest.raises(ProgrammingError, match="SYSTEM\\$PIPE_FORCE_RESUME"):
        account.run("alter pipe db.s.p set pipe_execution_paused = false")
    with pytest.raises(ProgrammingError, match="staleness_check_override"):
        account.run("select system$pipe_force_resume('db.s.p')")
    account.run("select system$pipe_force_resume('db.s.p', 'staleness_check_override')")

    assert status(account)["executionState"] == "RUNNING"
    assert account.value("select max(source_file) from db.s.t") == "in/t/new.parquet"
    assert count(account) == 2


def test_refresh_takes_recent_files_that_nobody_loaded(account: LocalAccount) -> None:
    """https://docs.snowflake.com/en/sql-reference/sql/alter-pipe (REFRESH)."""
    now = datetime.now(UTC)
    loaded, missed, old, copied = (put(account, f"{name}.parquet") for name in "abcd")
    put(account, "x.txt", b"no parquet")
    ingest(account, loaded)
    account.run(f"{BARE_COPY} files = ('d.parquet')")
    account.files.modified[old] = now - timedelta(days=7, minutes=1)

    sent = account.rows("alter pipe db.s.p refresh")

    assert [row["file"] for row in sent] == [missed]
    assert copied not in [row["file"] for row in sent]
    assert count(account) == 6


def test_refresh_can_be_limited_by_prefix_and_time(account: LocalAccount) -> None:
    urls = [put(account, f"{folder}/f.parquet") for folder in ("one", "two")]
    account.files.modified[urls[0]] = datetime.now(UTC) - timedelta(days=2)
    after = (datetime.now(UTC) - timedelta(days=1)).isoformat()

    assert (
        account.rows(f"alter pipe db.s.p refresh modified_after = '{after}'")[0]["file"] == urls[1]
    )
    assert account.rows("alter pipe db.s.p refresh prefix = 'one/'")[0]["file"] == urls[0]


def test_show_pipes_tells_what_a_deployment_asks_for(account: LocalAccount) -> None:
    """https://docs.snowflake.com/en/sql-reference/sql/show-pipes."""
    (row,) = account.rows("show pipes like 'P' in schema db.s")

    assert row["definition"].startswith("copy into db.s.t")
    assert row["notification_channel"] == "arn:queue"
    assert row["pattern"] == ".*[.]parquet"
    assert row["error_integration"] == "ERRORS_INT"
    assert row["comment"] == "loads t"
    assert account.rows("describe pipe db.s.p") == [row]
    assert account.rows("show pipes in schema db.other") == []
    assert account.rows("show pipes in database db") == [row]


def test_the_status_names_the_last_file_and_the_channel(account: LocalAccount) -> None:
    """https://docs.snowflake.com/en/sql-reference/functions/system_pipe_status."""
    ingest(account, put(account, "a.parquet"))

    told = status(account)

    assert told["lastIngestedFilePath"] == "t/a.parquet"
    assert told["notificationChannelName"] == "arn:queue"


def test_a_pipe_whose_table_is_gone_says_so(account: LocalAccount) -> None:
    account.run("drop table db.s.t")

    assert status(account)["executionState"] == "STOPPED_MISSING_TABLE"


@pytest.mark.parametrize(
    "option",
    [
        "files = ('a.parquet')",
        "force = true",
        "purge = true",
        "size_limit = 10",
        "on_error = abort_statement",
        "return_failed_only = true",
        "validation_mode = return_errors",
    ],
)
def test_a_pipe_with_a_forbidden_option_is_refused(account: LocalAccount, option: str) -> None:
    """https://docs.snowflake.com/en/sql-reference/sql/create-pipe#usage-notes."""
    with pytest.raises(ProgrammingError, match=option.split(" ", maxsplit=1)[0]):
        account.run(f"create pipe db.s.p2 auto_ingest = true as {COPY} {option}")


@pytest.mark.parametrize(
    ("sql", "missing"),
    [
        (
            PIPE.replace("create pipe db.s.p ", "create pipe db.s.q ").replace("errors_int", "no"),
            "NO",
        ),
        (
            PIPE.replace("pipe db.s.p ", "pipe db.s.q ").replace("@db.s.files", "@db.s.no"),
            "DB.S.NO",
        ),
        (
            PIPE.replace("pipe db.s.p ", "pipe db.s.q ").replace("into db.s.t", "into db.s.no"),
            "DB.S.NO",
        ),
        (PIPE.replace("pipe db.s.p ", "pipe db.s.q ").replace("parquet_ff", "no"), "DB.S.NO"),
        ("alter pipe db.s.no refresh", "DB.S.NO"),
        ("drop pipe db.s.no", "DB.S.NO"),
        ("select system$pipe_status('db.s.no')", "DB.S.NO"),
    ],
)
def test_what_is_not_there_is_named(account: LocalAccount, sql: str, missing: str) -> None:
    with pytest.raises(ProgrammingError, match=f"'{missing}' does not exist") as told:
        account.run(sql)

    assert told.value.errno == 2003


def test_a_pipe_that_is_there_is_not_created_twice(account: LocalAccount) -> None:
    with pytest.raises(ProgrammingError, match="already exists"):
        account.run(PIPE)


def test_a_pipe_whose_stage_moved_loads_nothing_until_it_is_created_anew(
    account: LocalAccount,
) -> None:
    """https://docs.snowflake.com/en/user-guide/data-load-snowpipe-manage."""
    account.run(
        "create storage integration other_int type = external_stage enabled = true"
        f" storage_allowed_locations = ('s3://{BUCKET}/in/')"
    )
    url = put(account, "a.parquet")
    account.run("alter stage db.s.files set comment = 'no move'")
    assert status(account)["executionState"] == "RUNNING"

    account.run("alter stage db.s.files set storage_integration = other_int")

    assert status(account)["executionState"] == "STOPPED_STAGE_ALTERED"
    assert (ingest(account, url), count(account)) == ("STOPPED_STAGE_ALTERED", 0)
    account.run(PIPE.replace("create pipe", "create or replace pipe"))
    assert (ingest(account, url), count(account)) == ("LOADED", 2)


def test_a_pipe_without_its_stage_says_so(account: LocalAccount) -> None:
    account.run("drop stage db.s.files")

    assert status(account)["executionState"] == "STOPPED_STAGE_DROPPED"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("set storage_integration = none_such", "NONE_SUCH"),
        ("set url = 's3://elsewhere/'", "not allowed"),
        ("set directory = (enable = true)", "Unsupported"),
    ],
)
def test_a_stage_is_not_moved_to_where_it_may_not_be(
    account: LocalAccount, change: str, why: str
) -> None:
    with pytest.raises(ProgrammingError, match=why):
        account.run(f"alter stage db.s.files {change}")

    assert status(account)["executionState"] == "RUNNING"
