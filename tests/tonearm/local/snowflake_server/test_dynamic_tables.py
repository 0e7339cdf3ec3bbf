"""Dynamic tables: https://docs.snowflake.com/en/sql-reference/sql/create-dynamic-table."""

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.snowflake.local_account import LocalAccount

HEAD = "dynamic table db.s.d target_lag = '1 minute' warehouse = wh refresh_mode = incremental"


def test_it_is_as_fresh_as_after_a_refresh(account: LocalAccount) -> None:
    account.run(f"create {HEAD} as select id, count(*) as n from db.s.t group by id")

    account.run("insert into db.s.t (id) values ('a'), ('a')")

    assert account.rows("select * from db.s.d") == [{"id": "a", "n": 2}]
    account.run("alter dynamic table db.s.d refresh")


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


def test_altering_to_the_same_changes_nothing_and_to_another_query_rebuilds(
    account: LocalAccount,
) -> None:
    account.run(f"create {HEAD} as select id from db.s.t")
    before = account.rows("show dynamic tables in account")

    account.run(f"create or alter {HEAD} as select id from db.s.t")
    assert account.rows("show dynamic tables in account") == before

    account.run(f"create or alter {HEAD} as select id, n from db.s.t")
    assert [row["name"] for row in account.rows("describe table db.s.d")] == ["ID", "N"]


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
        ("drop dynamic table db.s.none_such", "does not exist"),
        ("alter dynamic table db.s.none_such refresh", "does not exist"),
    ],
)
def test_what_is_missing_is_named(account: LocalAccount, sql: str, problem: str) -> None:
    with pytest.raises(ProgrammingError, match=problem):
        account.run(sql)


def test_it_is_not_created_twice_and_can_be_dropped(account: LocalAccount) -> None:
    account.run(f"create {HEAD} as select id from db.s.t")

    with pytest.raises(ProgrammingError, match="already exists"):
        account.run(f"create {HEAD} as select id from db.s.t")
    account.run("create dynamic table if not exists db.s.d as select nonsense")
    account.run("drop dynamic table db.s.d")

    assert account.rows("show dynamic tables") == []
