"""COPY_HISTORY: https://docs.snowflake.com/en/sql-reference/functions/copy_history."""

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.snowflake.local_account import BUCKET, LocalAccount
from tests.tonearm.local.snowflake_server.files import ingest, put
from tests.tonearm.local.snowflake_server.small_account import BARE_COPY, PIPE

DAY = 86_400
HISTORY = """select * from table(db.information_schema.copy_history(
    table_name => 'DB.S.T', start_time => dateadd('hour', -{hours}, current_timestamp()){more}))
order by file_name"""


def history(account: LocalAccount, hours: int = 1, more: str = "") -> list[dict[str, object]]:
    return account.rows(HISTORY.format(hours=hours, more=more))


def test_loads_of_pipes_and_statements_are_both_there(account: LocalAccount) -> None:
    ingest(account, put(account, "a.parquet"))
    account.run(f"{BARE_COPY} files = ('a.parquet')")

    told = {str(row["pipe_name"]): row for row in history(account)}
    assert set(told) == {"P", "None"}
    for row in told.values():
        assert (row["file_name"], row["stage_location"]) == ("t/a.parquet", f"s3://{BUCKET}/in/")
        assert (row["status"], row["row_count"], row["first_error_message"]) == ("Loaded", 2, None)
    assert told["P"]["pipe_received_time"] is not None
    assert told["None"]["pipe_received_time"] is None


def test_a_failed_load_has_its_first_error(account: LocalAccount) -> None:
    ingest(account, put(account, "bad.parquet", b"PAR1 no PAR1"))

    (row,) = history(account)

    assert (row["status"], row["row_count"], row["error_count"]) == ("Load failed", 0, 1)
    assert "bad.parquet" in str(row["first_error_message"])


def test_it_reaches_back_14_days(account: LocalAccount) -> None:
    ingest(account, put(account, "a.parquet"))

    account.engine.clock.advance(13 * DAY)
    assert len(history(account, hours=20 * 24)) == 1
    account.engine.clock.advance(2 * DAY)

    assert history(account, hours=20 * 24) == []


def test_a_dropped_pipe_takes_its_history_along(account: LocalAccount) -> None:
    ingest(account, put(account, "a.parquet"))

    account.run(PIPE.replace("create pipe", "create or replace pipe"))

    assert history(account) == []


def test_it_shows_nothing_from_before_a_truncate_but_the_pipe_remembers(
    account: LocalAccount,
) -> None:
    url = put(account, "a.parquet")
    ingest(account, url)

    account.run("truncate table db.s.t")

    assert history(account) == []
    assert ingest(account, url) == "LOAD_SKIPPED"


def test_it_can_be_asked_for_one_pipe(account: LocalAccount) -> None:
    ingest(account, put(account, "a.parquet"))

    assert len(history(account, more=", pipe_name => 'DB.S.P'")) == 1
    assert history(account, more=", pipe_name => 'DB.S.OTHER'") == []


def test_it_can_be_joined_and_aliased(account: LocalAccount) -> None:
    ingest(account, put(account, "a.parquet"))

    found = account.value(
        "select count(*) from table(db.information_schema.copy_history(table_name => 'db.s.t',"
        " start_time => dateadd('hour', -1, current_timestamp()))) as h where h.status = 'Loaded'"
    )

    assert found == 1


@pytest.mark.parametrize(
    "argument", ["table_name => 'DB.S.T'", "start_time => current_timestamp()"]
)
def test_both_arguments_are_needed(account: LocalAccount, argument: str) -> None:
    with pytest.raises(ProgrammingError, match="missing required argument"):
        account.rows(f"select * from table(db.information_schema.copy_history({argument}))")
