"""Tasks: https://docs.snowflake.com/en/sql-reference/sql/create-task and the pages beside it."""

from typing import Any

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.snowflake.local_account import LocalAccount

ROOT = """create or alter task db.s.root warehouse = wh schedule = 'using cron 0 3 * * * UTC'
comment = 'it''s as select after all' as insert into db.s.t (id) select 'root'"""
CHILD = "create task db.s.child warehouse = wh after db.s.root as delete from db.s.t where n = 1"


def test_a_new_task_is_suspended_and_shown_with_what_it_does(account: LocalAccount) -> None:
    account.run(ROOT)
    account.run(CHILD)

    child, root = account.rows("show tasks in database db")
    assert (root["state"], root["schedule"]) == ("suspended", "using cron 0 3 * * * UTC")
    assert (root["warehouse"], root["comment"]) == ("WH", "it's as select after all")
    assert root["definition"] == "insert into db.s.t (id) select 'root'"
    assert (child["schedule"], child["predecessors"]) == (None, '["DB.S.ROOT"]')


def test_executing_a_root_runs_it_and_then_the_resumed_tasks_after_it(
    account: LocalAccount,
) -> None:
    account.run("insert into db.s.t (id, n) values ('gone', 1)")
    account.run(ROOT)
    account.run(CHILD)

    account.run("execute task db.s.root")
    assert account.value("select count(*) from db.s.t") == 2  # the child is suspended

    assert account.value("select system$task_dependents_enable('db.s.root')") == "True"
    account.run("execute task db.s.root")
    assert [row["id"] for row in account.rows("select id from db.s.t")] == ["root", "root"]


def test_a_graph_is_changed_only_while_its_root_is_suspended(account: LocalAccount) -> None:
    account.run(ROOT)
    account.run("alter task db.s.root resume")

    for sql in (ROOT, CHILD):
        with pytest.raises(ProgrammingError, match="root task is not suspended"):
            account.run(sql)
    account.run("alter task if exists db.s.root suspend")
    account.run(ROOT)
    account.run(CHILD)


def test_an_altered_task_keeps_its_state_and_a_replaced_one_is_suspended(
    account: LocalAccount,
) -> None:
    account.run(ROOT)
    account.run(CHILD)
    account.run("alter task db.s.child resume")

    account.run(CHILD.replace("create task", "create or alter task"))
    assert account.rows("show tasks like 'child'")[0]["state"] == "started"
    account.run(CHILD.replace("create task", "create or replace task"))
    assert account.rows("show tasks like 'child'")[0]["state"] == "suspended"


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("execute task db.s.none", "does not exist"),
        ("alter task db.s.none suspend", "does not exist"),
        ("drop task db.s.none", "does not exist"),
        ("create task db.s.x after db.s.none as select 1", "does not exist"),
        (ROOT.replace("or alter ", ""), "already exists"),
        ("execute task db.s.child", "root"),
        ("create task db.s.x when true as select 1", "syntax error"),
        ("create task db.s.x user_task_timeout_ms = 1 as select 1", "Unsupported"),
        ("create task db.s.x schedule = '1 hours' after db.s.root as select 1", "no schedule"),
    ],
)
def test_what_snowflake_or_this_server_does_not_take_is_refused(
    account: LocalAccount, sql: str, why: str
) -> None:
    account.run(ROOT)
    account.run(CHILD)

    with pytest.raises(ProgrammingError, match=why):
        account.run(sql)


def test_a_dropped_task_is_gone(account: LocalAccount) -> None:
    account.run(ROOT)
    account.run("drop task db.s.root")
    account.run("drop task if exists db.s.root")

    assert account.rows("show tasks in account") == []


def task_states(account: LocalAccount) -> dict[str, Any]:
    return {row["name"]: row["state"] for row in account.rows("show tasks in database db")}


def test_nobody_waits_for_a_task_its_error_is_in_its_history(account: LocalAccount) -> None:
    """https://docs.snowflake.com/en/sql-reference/functions/task_history."""
    account.run(ROOT)
    account.run(CHILD)
    account.run("alter task db.s.child resume")
    account.engine.faults.failing = {"DB.S.ROOT"}

    account.run("execute task db.s.root")

    told = account.rows(
        "select name, state, error_code from table(db.information_schema.task_history())"
    )
    assert told == [{"name": "ROOT", "state": "FAILED", "error_code": "000606"}]


def test_a_graph_that_fails_too_often_is_suspended(account: LocalAccount) -> None:
    """https://docs.snowflake.com/en/sql-reference/sql/create-task."""
    account.run(ROOT)
    account.run("alter task db.s.root set suspend_task_after_num_failures = 2")
    account.run(CHILD)
    account.value("select system$task_dependents_enable('db.s.root')")
    account.engine.faults.failing = {"DB.S.CHILD"}

    account.run("execute task db.s.root")
    account.engine.faults.failing = set()
    account.run("execute task db.s.root")  # success: counted from the start again
    account.engine.faults.failing = {"DB.S.CHILD"}
    account.run("execute task db.s.root")
    assert task_states(account) == {"CHILD": "started", "ROOT": "started"}
    account.run("execute task db.s.root")

    (root,) = account.rows("show tasks like 'root'")
    assert (root["state"], root["last_suspended_reason"]) == (
        "suspended",
        "SUSPENDED_DUE_TO_ERRORS",
    )
    assert root["last_suspended_on"] is not None


def test_ten_failures_in_a_row_suspend_a_task_that_says_nothing(account: LocalAccount) -> None:
    account.run(ROOT)
    account.run("alter task db.s.root resume")
    account.engine.faults.failing = {"DB.S.ROOT"}

    for _ in range(9):
        account.run("execute task db.s.root")
    assert task_states(account) == {"ROOT": "started"}
    account.run("execute task db.s.root")

    assert task_states(account) == {"ROOT": "suspended"}


def test_an_error_integration_must_be_there_and_is_shown(account: LocalAccount) -> None:
    with pytest.raises(ProgrammingError, match="NONE_SUCH"):
        account.run(ROOT.replace("schedule", "error_integration = none_such schedule"))

    account.run(ROOT.replace("schedule", "error_integration = errors_int schedule"))

    (root,) = account.rows("show tasks")
    assert root["error_integration"] == "ERRORS_INT"
    account.run("alter task db.s.root resume")
    with pytest.raises(ProgrammingError, match="root task is not suspended"):
        account.run("alter task db.s.root set comment = 'later'")
