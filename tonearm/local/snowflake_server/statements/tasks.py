"""Tasks: kept, shown, and run by EXECUTE TASK at once; no schedule starts them here.

https://docs.snowflake.com/en/sql-reference/sql/create-task, .../alter-task, .../execute-task,
https://docs.snowflake.com/en/user-guide/tasks-graphs
"""

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from tonearm.local.snowflake_server.engine.engine import Engine
from tonearm.local.snowflake_server.engine.names import QUALIFIED, ObjectName
from tonearm.local.snowflake_server.engine.options import Options, parse_options, text_option
from tonearm.local.snowflake_server.protocol.answers import Value, columns, done
from tonearm.local.snowflake_server.protocol.errors import (
    already_there,
    compile_error,
    missing,
    refused,
)
from tonearm.local.snowflake_server.statements import task_runs, task_store
from tonearm.local.snowflake_server.statements.grammar import (
    NAMED,
    THERE,
    Handled,
    Rule,
    Services,
    creation,
    rule,
)
from tonearm.local.snowflake_server.statements.task_store import STARTED, SUSPENDED, Task

if TYPE_CHECKING:
    from tonearm.local.snowflake_server.engine.session import Session

_TEXT = r"'(?:[^']|'')*'|"  # a text is stepped over: a comment may hold any word
_BODY = re.compile(
    _TEXT + r"\bAS\s+(?P<body>(?:INSERT|DELETE|UPDATE|MERGE|SELECT|WITH)\b.*)", re.I | re.S
)
_AFTER = re.compile(_TEXT + rf"\bAFTER\s+(?P<names>{QUALIFIED}(?:\s*,\s*{QUALIFIED})*)", re.I)
_OPTIONS = {
    "WAREHOUSE",
    "SCHEDULE",
    "COMMENT",
    "ERROR_INTEGRATION",
    "SUSPEND_TASK_AFTER_NUM_FAILURES",
}


def create(services: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """CREATE TASK of one plain statement; a new one is suspended, an altered one as it was."""
    name = session.named(found["name"])
    before = task_store.find(services.engine, name)
    if before and found["missing"]:
        return done(f"{name.name} already exists, statement succeeded.")
    if before and not (found["replace"] or found["alter"]):
        raise already_there(str(name))
    task = _task(name, found["tail"], session)
    for above in (name, *task.after):
        _check_root_is_suspended(services.engine, above)
    state = before.state if before and found["alter"] else SUSPENDED
    kept = replace(task, state=state)
    if before and found["alter"]:
        kept = replace(kept, suspended_on=before.suspended_on, reason=before.reason)
    task_store.keep(services.engine, kept)
    return done(f"Task {name.name} successfully created.")


def alter(services: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """ALTER TASK … SUSPEND and RESUME."""
    task = task_store.find(services.engine, session.named(found["name"]))
    if task is None:
        if found["there"]:
            return done()
        raise missing("Task", str(session.named(found["name"])))
    if found["word"].upper() == "SUSPEND":
        task_store.set_state(services.engine, task, SUSPENDED, "USER_SUSPENDED")
    else:
        task_store.set_state(services.engine, task, STARTED)
    return done()


def change(services: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """ALTER TASK … SET."""
    task = task_store.task_named(services.engine, session.named(found["name"]))
    _check_root_is_suspended(services.engine, task.name)
    said = parse_options(found["tail"])
    _check_options(services.engine, said)
    task_store.keep(services.engine, replace(task, options=task.options | said))
    return done()


def drop(services: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """DROP TASK."""
    name = session.named(found["name"])
    if task_store.find(services.engine, name) is None and not found["there"]:
        raise missing("Task", str(name))
    task_store.forget(services.engine, name)
    return done(f"{name.name} successfully dropped.")


def execute(services: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """EXECUTE TASK: the task and, after it, each resumed task that follows it."""
    task = task_store.task_named(services.engine, session.named(found["name"]))
    if task.after:
        raise compile_error(f"{task.name.name} is not a root task, only those are executed.", 91089)
    task_runs.run_graph(session, task)
    return done(f"Task {task.name.name} is scheduled to run immediately.")


def enable_dependents(engine: Engine, name: ObjectName) -> str:
    """SYSTEM$TASK_DEPENDENTS_ENABLE: resume a root task and all that follow it.

    https://docs.snowflake.com/en/sql-reference/functions/system_task_dependents_enable
    """
    _resume_graph(engine, task_store.task_named(engine, name))
    return "True"


COLUMNS = columns(
    "created_on timestamptz, name, database_name, schema_name, owner, comment, warehouse, "
    "schedule, predecessors, state, definition, condition, allow_overlapping_execution, "
    "error_integration, last_suspended_on timestamptz, owner_role_type, last_suspended_reason"
)


def shown(engine: Engine) -> list[tuple[ObjectName, tuple[Value, ...]]]:
    """The rows of SHOW TASKS, each with the name it is filtered by."""
    return [
        (
            task.name,
            (
                created_on,
                task.name.name,
                task.name.database,
                task.name.schema,
                "SYSADMIN",
                text_option(task.options, "COMMENT"),
                text_option(task.options, "WAREHOUSE").upper() or None,
                text_option(task.options, "SCHEDULE") or None,
                json.dumps([str(name) for name in task.after]),
                task.state,
                task.definition,
                None,
                "false",
                text_option(task.options, "ERROR_INTEGRATION").upper() or "null",
                task.suspended_on,
                "ROLE",
                task.reason,
            ),
        )
        for created_on, task in task_store.all_tasks(engine)
    ]


def _resume_graph(engine: Engine, task: Task) -> None:
    for later in task_store.followers(engine, task):
        _resume_graph(engine, later)
    task_store.set_state(engine, task, STARTED)


def _task(name: ObjectName, tail: str, session: "Session") -> Task:
    body = _first(_BODY, tail, "body")
    if body is None:
        raise refused("a task of anything but one plain statement")
    said, after = _options(tail[: body.start()], session)
    if after and "SCHEDULE" in said:
        raise compile_error("A task that follows another one has no schedule.", 93202)
    for above in after:
        task_store.task_named(session.engine, above)
    return Task(name, said, after, body["body"].strip(), SUSPENDED)


def _options(text: str, session: "Session") -> tuple[Options, tuple[ObjectName, ...]]:
    found = _first(_AFTER, text, "names")
    names = re.split(r"\s*,\s*", found["names"]) if found else []
    said = parse_options(text[: found.start()] + text[found.end() :] if found else text)
    _check_options(session.engine, said)
    return said, tuple(session.named(name) for name in names)


def _check_options(engine: Engine, said: Options) -> None:
    if unknown := said.keys() - _OPTIONS:
        raise refused(f"a task with {', '.join(sorted(unknown)).lower()}")
    integration = text_option(said, "ERROR_INTEGRATION").upper()
    if integration and engine.store.account_object("INTEGRATION", integration) is None:
        raise missing("Integration", integration)


def _first(pattern: "re.Pattern[str]", text: str, group: str) -> "re.Match[str] | None":
    return next((found for found in pattern.finditer(text) if found[group]), None)


def _check_root_is_suspended(engine: Engine, name: ObjectName) -> None:
    task = task_store.find(engine, name)
    if task is None:
        return
    for above in task.after:
        _check_root_is_suspended(engine, above)
    if not task.after and task.state == STARTED:
        raise compile_error(
            f"Unable to update graph with root task {name} since that root task is not suspended.",
            91421,
        )


RULES: tuple[Rule, ...] = (
    rule(creation("TASK", QUALIFIED), create),
    rule(rf"ALTER\s+TASK\s+{THERE}{NAMED}\s+(?P<word>SUSPEND|RESUME)", alter),
    rule(rf"ALTER\s+TASK\s+{NAMED}\s+SET\s+(?P<tail>.*)", change),
    rule(rf"DROP\s+TASK\s+{THERE}{NAMED}", drop),
    rule(rf"EXECUTE\s+TASK\s+{NAMED}", execute),
)
