"""Tasks: kept, shown, and run by EXECUTE TASK at once; no schedule starts them here.

https://docs.snowflake.com/en/sql-reference/sql/create-task, .../alter-task, .../execute-task,
https://docs.snowflake.com/en/user-guide/tasks-graphs
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tonearm.local.snowflake_server.answers import Value, done
from tonearm.local.snowflake_server.engine import Engine
from tonearm.local.snowflake_server.errors import already_there, compile_error, missing, refused
from tonearm.local.snowflake_server.names import QUALIFIED, ObjectName
from tonearm.local.snowflake_server.options import Options, parse_options, text_option
from tonearm.local.snowflake_server.services import (
    NAMED,
    THERE,
    Handled,
    Rule,
    Services,
    creation,
    rule,
)

if TYPE_CHECKING:
    from tonearm.local.snowflake_server.session import Session

_TABLE = "_fs_global.tonearm.tasks"
_TEXT = r"'(?:[^']|'')*'|"  # a text is stepped over: a comment may hold any word
_BODY = re.compile(
    _TEXT + r"\bAS\s+(?P<body>(?:INSERT|DELETE|UPDATE|MERGE|SELECT|WITH)\b.*)", re.I | re.S
)
_AFTER = re.compile(_TEXT + rf"\bAFTER\s+(?P<names>{QUALIFIED}(?:\s*,\s*{QUALIFIED})*)", re.I)
STARTED, SUSPENDED = "started", "suspended"


@dataclass(frozen=True)
class Task:
    """A task as it is kept."""

    name: ObjectName
    options: Options
    after: tuple[ObjectName, ...]
    definition: str
    state: str


def create(services: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """CREATE TASK of one plain statement; a new one is suspended, an altered one as it was."""
    name = session.named(found["name"])
    before = _find(services.engine, name)
    if before and found["missing"]:
        return done(f"{name.name} already exists, statement succeeded.")
    if before and not (found["replace"] or found["alter"]):
        raise already_there(str(name))
    task = _task(name, found["tail"], session)
    for above in (name, *task.after):
        _check_root_is_suspended(services.engine, above)
    state = before.state if before and found["alter"] else SUSPENDED
    _keep(services.engine, Task(name, task.options, task.after, task.definition, state))
    return done(f"Task {name.name} successfully created.")


def alter(services: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """ALTER TASK … SUSPEND and RESUME."""
    task = _find(services.engine, session.named(found["name"]))
    if task is None:
        if found["there"]:
            return done()
        raise missing("Task", str(session.named(found["name"])))
    _set_state(services.engine, task, SUSPENDED if found["word"].upper() == "SUSPEND" else STARTED)
    return done()


def drop(services: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """DROP TASK."""
    name = session.named(found["name"])
    if _find(services.engine, name) is None and not found["there"]:
        raise missing("Task", str(name))
    _forget(services.engine, name)
    return done(f"{name.name} successfully dropped.")


def execute(services: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """EXECUTE TASK: the task and, after it, each resumed task that follows it."""
    task = _named(services.engine, session.named(found["name"]))
    if task.after:
        raise compile_error(f"{task.name.name} is not a root task, only those are executed.", 91089)
    for statement in _statements_from(services.engine, task):
        session.cursor().execute(statement)
    return done(f"Task {task.name.name} is scheduled to run immediately.")


def enable_dependents(engine: Engine, name: ObjectName) -> str:
    """SYSTEM$TASK_DEPENDENTS_ENABLE: resume a root task and all that follow it.

    https://docs.snowflake.com/en/sql-reference/functions/system_task_dependents_enable
    """
    _resume_graph(engine, _named(engine, name))
    return "True"


COLUMNS = {
    "created_on": "TIMESTAMPTZ",
    "name": "VARCHAR",
    "database_name": "VARCHAR",
    "schema_name": "VARCHAR",
    "owner": "VARCHAR",
    "comment": "VARCHAR",
    "warehouse": "VARCHAR",
    "schedule": "VARCHAR",
    "predecessors": "VARCHAR",
    "state": "VARCHAR",
    "definition": "VARCHAR",
}


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
            ),
        )
        for created_on, task in _all(engine)
    ]


def _resume_graph(engine: Engine, task: Task) -> None:
    for later in _followers(engine, task):
        _resume_graph(engine, later)
    _set_state(engine, task, STARTED)


def _task(name: ObjectName, tail: str, session: "Session") -> Task:
    body = _first(_BODY, tail, "body")
    if body is None:
        raise refused("a task of anything but one plain statement")
    said, after = _options(tail[: body.start()], session)
    if after and "SCHEDULE" in said:
        raise compile_error("A task that follows another one has no schedule.", 93202)
    for above in after:
        _named(session.engine, above)
    return Task(name, said, after, body["body"].strip(), SUSPENDED)


def _options(text: str, session: "Session") -> tuple[Options, tuple[ObjectName, ...]]:
    found = _first(_AFTER, text, "names")
    names = re.split(r"\s*,\s*", found["names"]) if found else []
    said = parse_options(text[: found.start()] + text[found.end() :] if found else text)
    if unknown := said.keys() - {"WAREHOUSE", "SCHEDULE", "COMMENT"}:
        raise refused(f"a task with {', '.join(sorted(unknown)).lower()}")
    return said, tuple(session.named(name) for name in names)


def _first(pattern: "re.Pattern[str]", text: str, group: str) -> "re.Match[str] | None":
    return next((found for found in pattern.finditer(text) if found[group]), None)


def _check_root_is_suspended(engine: Engine, name: ObjectName) -> None:
    task = _find(engine, name)
    if task is None:
        return
    for above in task.after:
        _check_root_is_suspended(engine, above)
    if not task.after and task.state == STARTED:
        raise compile_error(
            f"Unable to update graph with root task {name} since that root task is not suspended.",
            91421,
        )


def _statements_from(engine: Engine, task: Task) -> list[str]:
    found = [task.definition]
    for later in _followers(engine, task):
        if later.state == STARTED:
            found += _statements_from(engine, later)
    return found


def _followers(engine: Engine, task: Task) -> list[Task]:
    return [each for _, each in _all(engine) if task.name in each.after]


def _named(engine: Engine, name: ObjectName) -> Task:
    task = _find(engine, name)
    if task is None:
        raise missing("Task", str(name))
    return task


def _find(engine: Engine, name: ObjectName) -> Task | None:
    return next((task for _, task in _all(engine) if task.name == name), None)


def _all(engine: Engine) -> list[tuple[datetime, Task]]:
    rows = engine.store.rows(
        "select created_on, database, schema, name, properties, predecessors, text, state"  # noqa: S608
        f" from {_TABLE} order by database, schema, name"
    )
    return [
        (
            created_on,
            Task(
                ObjectName(database, schema, name),
                json.loads(properties),
                tuple(ObjectName(*parts) for parts in json.loads(after)),
                text,
                state,
            ),
        )
        for created_on, database, schema, name, properties, after, text, state in rows
    ]


def _keep(engine: Engine, task: Task) -> None:
    with engine.store.changing():
        _forget(engine, task.name)
        engine.store.run(
            f"insert into {_TABLE} values (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            [
                *task.name,
                engine.clock.now(),
                json.dumps(task.options),
                json.dumps([list(name) for name in task.after]),
                task.definition,
                task.state,
            ],
        )


def _set_state(engine: Engine, task: Task, state: str) -> None:
    engine.store.run(
        f"update {_TABLE} set state = ? where database = ? and schema = ? and name = ?",  # noqa: S608
        [state, *task.name],
    )


def _forget(engine: Engine, name: ObjectName) -> None:
    engine.store.run(
        f"delete from {_TABLE} where database = ? and schema = ? and name = ?",  # noqa: S608
        list(name),
    )


RULES: tuple[Rule, ...] = (
    rule(creation("TASK", QUALIFIED), create),
    rule(rf"ALTER\s+TASK\s+{THERE}{NAMED}\s+(?P<word>SUSPEND|RESUME)", alter),
    rule(rf"DROP\s+TASK\s+{THERE}{NAMED}", drop),
    rule(rf"EXECUTE\s+TASK\s+{NAMED}", execute),
)
