"""What a dynamic table shows, and when it stops being refreshed.

https://docs.snowflake.com/en/user-guide/dynamic-tables/manage
"""

from typing import Any

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.snowflake.local_account import LocalAccount

HOUR = 3600


@pytest.fixture
def graph(account: LocalAccount) -> LocalAccount:
    """d reads t, e reads d through a view, f reads e; nothing is refreshed but by hand."""
    account.engine.faults.schedule = "off"
    account.run("insert into db.s.t (id) values ('a')")
    head = "warehouse = wh refresh_mode = incremental"
    account.run(
        f"create dynamic table db.s.d target_lag = downstream {head} as select id from db.s.t"
    )
    account.run("create view db.s.v as select * from db.s.d")
    account.run(
        f"create dynamic table db.s.e target_lag = '1 hour' {head} as select id from db.s.v"
    )
    account.run(
        f"create dynamic table db.s.f target_lag = '1 hour' {head} as select id from db.s.e"
    )
    return account


def count(account: LocalAccount, table: str) -> int:
    return int(account.value(f"select count(*) from db.s.{table}"))


def one_more(account: LocalAccount) -> None:
    account.run("insert into db.s.t (id) values ('b')")


def states(account: LocalAccount) -> dict[str, str]:
    return {row["name"]: row["scheduling_state"] for row in account.rows("show dynamic tables")}


def reasons(account: LocalAccount) -> dict[str, Any]:
    sql = "table(db.information_schema.dynamic_table_graph_history())"
    said = f"select name, scheduling_state:reason_code::varchar as why from {sql}"
    return {row["name"]: row["why"] for row in account.rows(said)}


def test_it_shows_what_was_there_at_its_last_refresh(graph: LocalAccount) -> None:
    one_more(graph)
    assert [count(graph, table) for table in "tdvef"] == [2, 1, 1, 1, 1]

    graph.run("alter dynamic table db.s.e refresh")

    assert [count(graph, table) for table in "tdvef"] == [2, 2, 2, 2, 1]


def test_a_list_is_refreshed_as_of_one_moment(graph: LocalAccount) -> None:
    one_more(graph)

    graph.run("alter dynamic table db.s.d, db.s.f refresh")

    assert [count(graph, table) for table in "def"] == [2, 2, 2]
    rows = graph.rows("show dynamic tables in schema db.s")
    assert len({row["data_timestamp"] for row in rows}) == 1


def test_a_new_one_that_waits_for_its_schedule_cannot_be_read(graph: LocalAccount) -> None:
    graph.run(
        "create dynamic table db.s.g target_lag = '1 hour' warehouse = wh"
        " initialize = on_schedule as select id from db.s.d"
    )
    graph.run("create view db.s.w as select id from db.s.g")

    for read in ("g", "w"):
        with pytest.raises(ProgrammingError, match="is not initialized") as told:
            count(graph, read)
        assert told.value.errno == 2741
    graph.run("alter dynamic table db.s.g refresh")
    assert count(graph, "w") == 1


def test_what_reads_an_uninitialized_one_can_be_dropped(graph: LocalAccount) -> None:
    graph.run(
        "create dynamic table db.s.g target_lag = '1 hour' warehouse = wh"
        " initialize = on_schedule as select id from db.s.d"
    )
    graph.run("create view db.s.w as select id from db.s.g")

    graph.run("drop view db.s.w")

    assert graph.rows("show views like 'w' in schema db.s") == []


def test_an_eager_schedule_refreshes_what_is_resumed_in_time(graph: LocalAccount) -> None:
    graph.engine.faults.schedule = "eager"
    graph.run("alter dynamic table db.s.d suspend")
    graph.run("alter dynamic table db.s.d resume")

    graph.engine.clock.advance(15 * 24 * HOUR)
    one_more(graph)

    assert [count(graph, table) for table in "def"] == [2, 2, 2]


def test_by_the_clock_it_follows_when_its_lag_has_passed(graph: LocalAccount) -> None:
    graph.engine.faults.schedule = "clock"
    one_more(graph)

    graph.engine.clock.advance(HOUR / 2)
    assert count(graph, "f") == 1
    graph.engine.clock.advance(HOUR / 2)
    assert [count(graph, table) for table in "def"] == [2, 2, 2]


def test_eagerly_every_read_finds_it_fresh(graph: LocalAccount) -> None:
    graph.engine.faults.schedule = "eager"
    one_more(graph)

    assert [count(graph, table) for table in "vf"] == [2, 2]


def test_five_failed_refreshes_in_a_row_suspend_it_and_what_reads_it(graph: LocalAccount) -> None:
    graph.engine.faults.switch({"schedule": "clock", "failing": ["db.s.e"]})
    one_more(graph)

    graph.engine.clock.advance(4 * HOUR)
    assert states(graph) == {"D": "RUNNING", "E": "RUNNING", "F": "RUNNING"}
    graph.engine.clock.advance(HOUR)
    assert states(graph) == {"D": "RUNNING", "E": "SUSPENDED", "F": "SUSPENDED"}

    assert reasons(graph) == {
        "D": None,
        "E": "SUSPENDED_DUE_TO_ERRORS",
        "F": "UPSTREAM_SUSPENDED_DUE_TO_ERRORS",
    }
    history = "table(db.information_schema.dynamic_table_refresh_history(error_only => true))"
    told = graph.rows(f"select name, state, state_code from {history} order by name")
    assert {(row["name"], row["state"], row["state_code"]) for row in told} == {
        ("E", "FAILED", "002724"),
        ("F", "UPSTREAM_FAILED", "002724"),
    }


def test_a_refresh_by_hand_does_not_count_and_resets_the_count(graph: LocalAccount) -> None:
    graph.engine.faults.switch({"schedule": "clock", "failing": ["db.s.e"]})
    graph.engine.clock.advance(4 * HOUR)
    states(graph)

    for _ in range(3):
        with pytest.raises(ProgrammingError, match=r"DB\.S\.E") as told:
            graph.run("alter dynamic table db.s.e refresh")
        assert told.value.errno == 2724
    assert states(graph)["E"] == "RUNNING"
    graph.engine.faults.failing = set()
    graph.run("alter dynamic table db.s.e refresh")
    graph.engine.faults.failing = {"DB.S.E"}
    graph.engine.clock.advance(4 * HOUR)
    assert states(graph)["E"] == "RUNNING"


def test_a_suspended_one_is_refreshed_by_hand_only_and_resumed_with_what_it_took_along(
    graph: LocalAccount,
) -> None:
    graph.engine.faults.schedule = "eager"
    graph.run("alter dynamic table db.s.f suspend")
    graph.run("alter dynamic table db.s.d suspend")
    one_more(graph)
    assert [count(graph, table) for table in "def"] == [1, 1, 1]

    graph.run("alter dynamic table db.s.e refresh")
    assert [count(graph, table) for table in "def"] == [2, 2, 1]
    with pytest.raises(ProgrammingError, match=r"upstream dynamic table DB\.S\.D is suspended"):
        graph.run("alter dynamic table db.s.e resume")
    graph.run("alter dynamic table db.s.d resume")

    assert reasons(graph) == {"D": None, "E": None, "F": "USER_SUSPENDED"}


def test_suspended_longer_than_the_tables_keep_changes_it_must_be_made_anew(
    graph: LocalAccount,
) -> None:
    graph.run("alter dynamic table db.s.f suspend")
    graph.engine.clock.advance(25 * HOUR)
    one_more(graph)
    graph.run("alter dynamic table db.s.f resume")

    with pytest.raises(ProgrammingError, match="Change tracking") as told:
        graph.run("alter dynamic table db.s.f refresh")
    assert told.value.errno == 91930
    graph.run("drop dynamic table db.s.f")
    graph.run(
        "create dynamic table db.s.f target_lag = '1 hour' warehouse = wh as select id from db.s.e"
    )
    assert count(graph, "f") == 2


def test_what_went_well_stays_when_another_of_the_list_fails(graph: LocalAccount) -> None:
    graph.engine.faults.failing = {"DB.S.F"}
    one_more(graph)

    with pytest.raises(ProgrammingError, match=r"DB\.S\.F"):
        graph.run("alter dynamic table db.s.f, db.s.e refresh")

    assert [count(graph, table) for table in "def"] == [2, 2, 1]


def test_a_table_that_lost_what_it_reads_fails_by_its_own_name(graph: LocalAccount) -> None:
    graph.run("drop view db.s.v")

    with pytest.raises(ProgrammingError, match=r"refresh dynamic table DB\.S\.E"):
        graph.run("alter dynamic table db.s.f refresh")


@pytest.mark.parametrize(
    ("sql", "errno"),
    [
        ("alter dynamic table db.s.d, db.s.e, db.s.d refresh", 2008),
        ("alter dynamic table db.s.d, db.s.none refresh", 2003),
    ],
)
def test_a_list_that_names_one_twice_or_none_is_refused(
    graph: LocalAccount, sql: str, errno: int
) -> None:
    with pytest.raises(ProgrammingError) as told:
        graph.run(sql)

    assert told.value.errno == errno


def test_names_that_are_gone_can_be_passed_over(graph: LocalAccount) -> None:
    one_more(graph)

    graph.run("alter dynamic table if exists db.s.none, db.s.d refresh")

    assert count(graph, "d") == 2


def test_no_refresh_in_a_transaction(graph: LocalAccount) -> None:
    graph.run("begin")

    with pytest.raises(ProgrammingError, match="multi-statement transaction") as told:
        graph.run("alter dynamic table db.s.d refresh")

    assert told.value.errno == 2743
    graph.run("rollback")


def test_the_switches_know_their_names_and_values(graph: LocalAccount) -> None:
    with pytest.raises(ValueError, match="no such switch: tasks"):
        graph.engine.faults.switch({"tasks": True})
    with pytest.raises(ValueError, match="sometimes is none of eager, clock, off"):
        graph.engine.faults.switch({"schedule": "sometimes"})
    assert graph.engine.faults.told() == {
        "schedule": "off",
        "failing": [],
        "refresh_seconds": 0.0,
    }
