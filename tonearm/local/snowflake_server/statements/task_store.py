"""Tasks as they are kept."""

import json
from dataclasses import dataclass
from datetime import datetime

from tonearm.local.snowflake_server.engine.engine import Engine
from tonearm.local.snowflake_server.engine.names import ObjectName
from tonearm.local.snowflake_server.engine.options import Options
from tonearm.local.snowflake_server.protocol.errors import missing

_TABLE = "_fs_global.tonearm.tasks"
STARTED, SUSPENDED = "started", "suspended"


@dataclass(frozen=True)
class Task:
    """A task as it is kept."""

    name: ObjectName
    options: Options
    after: tuple[ObjectName, ...]
    definition: str
    state: str
    suspended_on: datetime | None = None
    reason: str | None = None
    failures: int = 0


def followers(engine: Engine, task: Task) -> list[Task]:
    """The tasks that run after one."""
    return [each for _, each in all_tasks(engine) if task.name in each.after]


def task_named(engine: Engine, name: ObjectName) -> Task:
    """A task that must be there."""
    task = find(engine, name)
    if task is None:
        raise missing("Task", str(name))
    return task


def find(engine: Engine, name: ObjectName) -> Task | None:
    """A task by name."""
    return next((task for _, task in all_tasks(engine) if task.name == name), None)


def all_tasks(engine: Engine) -> list[tuple[datetime, Task]]:
    """Every task and when it was created."""
    rows = engine.store.rows(
        "select created_on, database, schema, name, properties, predecessors, text, state,"  # noqa: S608
        f" suspended_on, reason, failures from {_TABLE} order by database, schema, name"
    )
    return [
        (
            created_on,
            Task(
                ObjectName(*name),
                json.loads(said),
                tuple(ObjectName(*parts) for parts in json.loads(after)),
                text,
                state,
                suspended_on,
                reason,
                failures or 0,
            ),
        )
        for created_on, *name, said, after, text, state, suspended_on, reason, failures in rows
    ]


def keep(engine: Engine, task: Task) -> None:
    """Write a task down."""
    with engine.store.changing():
        forget(engine, task.name)
        engine.store.run(
            f"insert into {_TABLE} values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            [
                *task.name,
                engine.clock.now(),
                json.dumps(task.options),
                json.dumps([list(name) for name in task.after]),
                task.definition,
                task.state,
                task.suspended_on,
                task.reason,
                task.failures,
            ],
        )


def set_state(engine: Engine, task: Task, state: str, reason: str | None = None) -> None:
    """Suspend a task for a reason, or resume it; either way its failures are forgotten."""
    engine.store.run(
        f"update {_TABLE} set state = ?, failures = 0 where database = ? and schema = ?"  # noqa: S608
        " and name = ?",
        [state, *task.name],
    )
    if reason is not None:
        engine.store.run(
            f"update {_TABLE} set reason = ?, suspended_on = ? where database = ?"  # noqa: S608
            " and schema = ? and name = ?",
            [reason, engine.clock.now(), *task.name],
        )


def note_failures(engine: Engine, task: Task, failures: int) -> None:
    """Keep how many runs of a graph failed in a row."""
    engine.store.run(
        f"update {_TABLE} set failures = ? where database = ? and schema = ? and name = ?",  # noqa: S608
        [failures, *task.name],
    )


def forget(engine: Engine, name: ObjectName) -> None:
    """Drop the note of a task."""
    engine.store.run(
        f"delete from {_TABLE} where database = ? and schema = ? and name = ?",  # noqa: S608
        list(name),
    )
