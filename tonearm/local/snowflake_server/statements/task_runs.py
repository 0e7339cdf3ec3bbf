"""Runs of task graphs: what came of them, and when a graph is suspended for it.

https://docs.snowflake.com/en/sql-reference/sql/execute-task,
https://docs.snowflake.com/en/sql-reference/sql/create-task (SUSPEND_TASK_AFTER_NUM_FAILURES),
https://docs.snowflake.com/en/sql-reference/functions/task_history
"""

from typing import TYPE_CHECKING

from snowflake.connector.errors import Error as SnowflakeError
from sqlglot import Expr

from tonearm.local.snowflake_server.engine.names import literal
from tonearm.local.snowflake_server.engine.options import text_option
from tonearm.local.snowflake_server.engine.table_functions import answered_by, arguments, called
from tonearm.local.snowflake_server.protocol.errors import OwnError
from tonearm.local.snowflake_server.statements import task_store
from tonearm.local.snowflake_server.statements.task_store import Task

if TYPE_CHECKING:
    from tonearm.local.snowflake_server.engine.session import Session

_RUNS = "_fs_global.tonearm.task_runs"
_MOST_FAILURES = "10"
BY_ERRORS = "SUSPENDED_DUE_TO_ERRORS"


def run_graph(session: "Session", root: Task) -> None:
    """Run a task and, after each that succeeds, the resumed ones that follow it.

    Nobody waits for a task: an error is in its history, not in the answer.
    """
    engine = session.engine
    work = session.apart()
    work.is_internal = False  # a task reads like anybody else
    try:
        has_failed = not _run_from(work, root)
    finally:
        work.close()
    failures = root.failures + 1 if has_failed else 0
    task_store.note_failures(engine, root, failures)
    most = int(text_option(root.options, "SUSPEND_TASK_AFTER_NUM_FAILURES", _MOST_FAILURES))
    if most and failures >= most:
        task_store.set_state(engine, root, task_store.SUSPENDED, BY_ERRORS)


def _run_from(work: "Session", task: Task) -> bool:
    """Whether a task and all that follow it succeeded."""
    if not _run(work, task):
        return False
    followers = task_store.followers(work.engine, task)
    done = [_run_from(work, each) for each in followers if each.state == task_store.STARTED]
    return all(done)


def _run(work: "Session", task: Task) -> bool:
    engine, started = work.engine, work.engine.clock.now()
    error: SnowflakeError | None = None
    try:
        if str(task.name).upper() in engine.faults.failing:
            raise OwnError(msg="Warehouse is suspended.", errno=606, sqlstate="57P03")
        work.cursor().execute(task.definition)
    except SnowflakeError as exc:
        error = exc
    code = f"{error.errno or 0:06d}" if error is not None else None
    message = (error.raw_msg or str(error)) if error is not None else None
    state = "SUCCEEDED" if error is None else "FAILED"
    engine.store.run(
        f"insert into {_RUNS} values (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        [*task.name, task.definition, state, code, message, started, engine.clock.now()],
    )
    return error is None


def is_task_history(node: Expr) -> bool:
    """Whether a table function is TASK_HISTORY."""
    return called(node) == "TASK_HISTORY"


def history_query(node: Expr) -> Expr:
    """The subquery that answers a call."""
    told = arguments(node)
    where = ["true"]
    if "TASK_NAME" in told:
        where.append(f"upper(name) = {literal(told['TASK_NAME'].name.upper())}")
    if "ERROR_ONLY" in told and told["ERROR_ONLY"].this is True:
        where.append("state = 'FAILED'")
    sql = f"""
    select
        null::varchar as query_id, name as name, database as database_name,
        schema as schema_name, query_text as query_text, null::varchar as condition_text,
        state as state, error_code as error_code, error_message as error_message,
        started_at as scheduled_time, started_at as query_start_time,
        ended_at as completed_time
    from {_RUNS}
    where {" and ".join(where)}
    order by ended_at desc
    """  # noqa: S608
    return answered_by(node, sql)
