"""Whether Snowflake still refreshes each dynamic table and starts each task; what repairs the rest.

A suspended dynamic table goes on from where it stopped as long as its base tables keep what has
changed since; after that "the only recovery is to drop and recreate" it:
https://docs.snowflake.com/en/user-guide/dynamic-tables/manage#resumption-after-a-long-suspension
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

DYNAMIC_TABLE, TASK = "DYNAMIC TABLE", "TASK"
RUNNING, SUSPENDED = "running", "suspended"
DEFAULT_RETENTION_DAYS = 1
_RUNNING_WORDS = {"RUNNING", "ACTIVE", "STARTED"}

type Rows = Callable[[str], list[dict[str, Any]]]


class Repair(StrEnum):
    """What brings a suspended object back."""

    NOTHING = ""
    RESUME = "resume"
    RECREATE = "recreate"


@dataclass(frozen=True)
class ScheduledState:
    """A dynamic table or a task as the account shows it.

    Attributes:
        name: DATABASE.SCHEMA.NAME, upper case.
        kind: `DYNAMIC TABLE` or `TASK`.
        scheduling_state: `running` or `suspended`.
        suspended_on: when it was last suspended, UTC; None when that is not told.
        reason: Snowflake's word for why, such as SUSPENDED_DUE_TO_ERRORS; empty when not told.
        retention_days: how long the base tables keep what has changed; 0 for a task.
        repair: what brings it back.
        root: the task that starts the graph a task belongs to; empty for a dynamic table.
    """

    name: str
    kind: str
    scheduling_state: str
    suspended_on: datetime | None = None
    reason: str = ""
    retention_days: int = 0
    repair: Repair = Repair.NOTHING
    root: str = ""

    @property
    def is_suspended(self) -> bool:
        """Whether Snowflake has left off refreshing or starting it."""
        return self.scheduling_state == SUSPENDED


def scheduled_states(rows: Rows, database: str, now: datetime) -> list[ScheduledState]:
    """Every dynamic table and task of a database, by name.

    Asks with SHOW alone, so no warehouse wakes:
    https://docs.snowflake.com/en/sql-reference/sql/show-dynamic-tables, .../show-tasks

    Args:
        rows: gives the rows of a statement, column names in lower case.
        database: the database's name.
        now: the moment the time since a suspension is reckoned to.
    """
    tables = rows(f"show dynamic tables in database {database}")
    retention = _retention_days(rows, database) if any(map(_is_suspended, tables)) else 0
    found = [_dynamic_table(row, retention, now) for row in tables]
    tasks = rows(f"show tasks in database {database}")
    roots = dict(_roots(tasks))
    found += [_task(row, roots) for row in tasks]
    return sorted(found, key=lambda state: (state.kind, state.name))


def reasons(rows: Rows, database: str) -> dict[str, str]:
    """Why each suspended dynamic table is suspended, in Snowflake's words; needs a warehouse.

    https://docs.snowflake.com/en/sql-reference/functions/dynamic_table_graph_history
    """
    shown = rows(
        "select database_name, schema_name, name, scheduling_state"  # noqa: S608 - our own name
        f" from table({database}.information_schema.dynamic_table_graph_history())"
        " where valid_to is null"
    )
    told = {_name(row): _parsed(row["scheduling_state"]) for row in shown}
    return {
        name: str(state.get("reason_message") or state.get("reason_code") or "")
        for name, state in told.items()
        if str(state.get("state", "")).upper() == "SUSPENDED"
    }


def _dynamic_table(row: Mapping[str, Any], retention: int, now: datetime) -> ScheduledState:
    name = _name(row)
    if not _is_suspended(row):
        return ScheduledState(name, DYNAMIC_TABLE, RUNNING)
    state = _parsed(row["scheduling_state"])
    since = _moment(row.get("last_suspended_on") or state.get("suspended_on"))
    is_over = since is not None and now - since > timedelta(days=retention)
    return ScheduledState(
        name,
        DYNAMIC_TABLE,
        SUSPENDED,
        since,
        str(state.get("reason_code") or ""),
        retention,
        Repair.RECREATE if is_over else Repair.RESUME,
    )


def _task(row: Mapping[str, Any], roots: Mapping[str, str]) -> ScheduledState:
    name = _name(row)
    if str(row["state"]).upper() in _RUNNING_WORDS:
        return ScheduledState(name, TASK, RUNNING, root=roots[name])
    since = _moment(row.get("last_suspended_on"))
    reason = str(row.get("last_suspended_reason") or "")
    return ScheduledState(name, TASK, SUSPENDED, since, reason, 0, Repair.RESUME, roots[name])


def _is_suspended(row: Mapping[str, Any]) -> bool:
    state = _parsed(row.get("scheduling_state"))
    return str(state.get("state", "RUNNING")).upper() not in _RUNNING_WORDS


def _parsed(scheduling_state: Any) -> Mapping[str, Any]:
    """SHOW gives a word; the history function and older accounts give an object."""
    text = str(scheduling_state or "RUNNING").strip()
    if not text.startswith("{"):
        return {"state": text}
    state: Mapping[str, Any] = json.loads(text)
    return state


def _retention_days(rows: Rows, database: str) -> int:
    """The shortest time a landing table keeps what has changed."""
    shown = rows(f"show tables in schema {database}.landing")
    days = [int(str(row.get("retention_time") or 0)) for row in shown]
    return min(days, default=DEFAULT_RETENTION_DAYS)


def _roots(tasks: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    above = {_name(row): _predecessors(row.get("predecessors")) for row in tasks}
    for name in above:
        root = name
        while above.get(root):
            root = above[root][0]
        yield name, root


def _predecessors(shown: Any) -> list[str]:
    names = json.loads(shown) if isinstance(shown, str) and shown else shown or []
    return [str(name).replace('"', "").upper() for name in names]


def _moment(shown: Any) -> datetime | None:
    if shown is None or shown == "":
        return None
    if not isinstance(shown, datetime):
        # Snowflake writes a space before the offset: 2025-01-16 08:27:29.142 -0700
        shown = datetime.fromisoformat(re.sub(r"\s+([+-]\d{4})$", r"\1", str(shown)))
    moment: datetime = shown
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _name(row: Mapping[str, Any]) -> str:
    return ".".join(str(row[part]) for part in ("database_name", "schema_name", "name")).upper()
