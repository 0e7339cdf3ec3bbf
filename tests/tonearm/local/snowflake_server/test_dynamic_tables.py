"""Dynamic tables as they are defined.

https://docs.snowflake.com/en/sql-reference/sql/create-dynamic-table
"""

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.snowflake.local_account import LocalAccount

HEAD = "dynamic table db.s.d target_lag = '1 minute' warehouse = wh refresh_mode = incremental"


def columns(account: LocalAccount) -> list[str]:
    return [row["name"] for row in account.rows("describe table db.s.d")]


def test_it_can_be_read_from_any_database(account: LocalAccount) -> None:
    account.run(
        f"create {HEAD} as select t.id, f.value::varchar as tag from db.s.t as t,"
        " lateral flatten(input => t.tags) as f"
    )
    account.run("insert into db.s.t (id, tags) select 'a', parse_json('[\"x\", \"y\"]')")
    account.run("create database elsewhere")
    account.run("use database elsewhere")

    assert (
        account.value("select listagg(tag, ',') within group (order by tag) from db.s.d") == "x,y"
    )


def test_altering_to_the_same_changes_nothing(account: LocalAccount) -> None:
    account.run(f"create {HEAD} as select id from db.s.t")
    before = account.rows("show dynamic tables in account")

    account.run(f"create or alter {HEAD} initialize = on_schedule as select id from db.s.t")

    assert account.rows("show dynamic tables in account") == before


def test_altering_keeps_the_rows_until_the_next_refresh_starts_anew(account: LocalAccount) -> None:
    """ "No implicit refreshes", and new columns are there at once."""
    account.engine.faults.schedule = "off"
    account.run("insert into db.s.t (id, n) values ('a', 1)")
    account.run(f"create {HEAD} as select id from db.s.t")
    account.run("insert into db.s.t (id, n) values ('b', 2)")

    account.run(f"create or alter {HEAD} as select id, n from db.s.t")

    assert account.rows("select * from db.s.d") == [{"id": "a", "n": None}]
    account.run("alter dynamic table db.s.d refresh")
    assert account.value("select sum(n) from db.s.d") == 3
    history = "table(db.information_schema.dynamic_table_refresh_history(name => 'db.s.d'))"
    actions = account.rows(f"select refresh_action as a, refresh_trigger as t from {history}")
    assert actions == [
        {"a": "REINITIALIZE", "t": "MANUAL"},
        {"a": "INCREMENTAL", "t": "CREATION"},
    ]


@pytest.mark.parametrize(
    ("after", "there"),
    [
        ("id, day, n", None),
        ("n, id", None),
        ("id as track_id, n", None),
        ("day, heard_at", None),
        ("id", ["ID"]),
        ("id, n as number", ["ID", "NUMBER"]),
        ("id, n, day", ["ID", "N", "DAY"]),
        ("n", ["N"]),
    ],
)
def test_columns_are_added_and_renamed_at_the_end_only(
    account: LocalAccount, after: str, there: list[str] | None
) -> None:
    account.run(f"create {HEAD} as select id, n from db.s.t")
    alter = f"create or alter {HEAD} as select {after} from db.s.t"

    if there is None:
        with pytest.raises(ProgrammingError, match="only be added, or renamed, at the end"):
            account.run(alter)
    else:
        account.run(alter)

    assert columns(account) == (there or ["ID", "N"])


def test_transient_and_permanent_ones_are_not_turned_into_each_other(account: LocalAccount) -> None:
    account.run(f"create transient {HEAD} as select id from db.s.t")

    with pytest.raises(ProgrammingError, match="TRANSIENT and permanent"):
        account.run(f"create or alter {HEAD} as select id from db.s.t")
    account.run(f"create or replace {HEAD} as select id, n from db.s.t")

    assert columns(account) == ["ID", "N"]


def test_an_incremental_one_refuses_a_query_that_is_not(account: LocalAccount) -> None:
    """https://docs.snowflake.com/en/user-guide/dynamic-tables/supported-queries."""
    with pytest.raises(ProgrammingError, match="not supported for incremental refresh") as told:
        account.run(f"create {HEAD} as select id from db.s.t limit 1")

    assert told.value.errno == 2711


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("create dynamic table db.s.d target_lag = '1 minute' as select 1 as a", "WAREHOUSE"),
        (f"create {HEAD.replace('= wh', '= none_such')} as select 1 as a", "NONE_SUCH"),
        (f"create {HEAD.replace('1 minute', '59 seconds')} as select 1 as a", "60 seconds"),
        (f"create {HEAD.replace('1 minute', 'soon')} as select 1 as a", "'soon'"),
        (f"create {HEAD}", "AS and a query"),
        (f"create {HEAD} as select nonsense from db.s.t", "NONSENSE"),
        ("drop dynamic table db.s.none_such", "does not exist"),
        ("alter dynamic table db.s.none_such refresh", "does not exist"),
        ("alter dynamic table db.s.none_such suspend", "does not exist"),
        ("alter dynamic table db.s.none_such set target_lag = downstream", "does not exist"),
    ],
)
def test_what_is_wrong_or_missing_is_named(account: LocalAccount, sql: str, problem: str) -> None:
    with pytest.raises(ProgrammingError, match=problem):
        account.run(sql)


def test_it_is_not_created_twice_and_can_be_dropped(account: LocalAccount) -> None:
    account.run(f"create {HEAD} as select id from db.s.t")

    with pytest.raises(ProgrammingError, match="already exists"):
        account.run(f"create {HEAD} as select id from db.s.t")
    account.run("create dynamic table if not exists db.s.d as select nonsense")
    account.run("drop dynamic table db.s.d")
    account.run("drop dynamic table if exists db.s.d")

    assert account.rows("show dynamic tables") == []
    with pytest.raises(ProgrammingError, match="does not exist"):
        account.run("select * from db.s.d")


def test_its_lag_warehouse_and_comment_can_be_set(account: LocalAccount) -> None:
    account.run(f"create {HEAD} as select id from db.s.t")

    account.run("alter dynamic table db.s.d set target_lag = '2 hours' comment = 'slow'")

    (row,) = account.rows("show dynamic tables like 'd' in schema db.s")
    assert (row["target_lag"], row["comment"], row["warehouse"]) == ("2 hours", "slow", "WH")
    with pytest.raises(ProgrammingError, match="NONE_SUCH"):
        account.run("alter dynamic table db.s.d set warehouse = none_such")
