"""Dynamic tables as they are kept: definition, schedule, state.

https://docs.snowflake.com/en/sql-reference/sql/create-dynamic-table. A query that
`refresh_mode = incremental` does not take is refused with Snowflake's own error
(https://docs.snowflake.com/en/user-guide/dynamic-tables/supported-queries).
"""

import json
import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tonearm.local.snowflake_server.dynamic.incremental import obstacles
from tonearm.local.snowflake_server.engine.names import ObjectName
from tonearm.local.snowflake_server.engine.options import Options, parse_options, text_option
from tonearm.local.snowflake_server.protocol.errors import compile_error, missing

if TYPE_CHECKING:
    from tonearm.local.snowflake_server.engine.engine import Engine

_TABLE = "_fs_global.tonearm.dynamic_table_states"
# Both take the same constructs: https://docs.snowflake.com/en/user-guide/dynamic-tables/refresh-modes
_INCREMENTAL_MODES = ("INCREMENTAL", "ADAPTIVE")
_UNITS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86_400}
_LEAST_LAG_SECONDS = 60
RUNNING, USER_SUSPENDED = "", "USER_SUSPENDED"
BY_ERRORS = "SUSPENDED_DUE_TO_ERRORS"
DOWNSTREAM = "DOWNSTREAM"


@dataclass(frozen=True)
class CreateDynamicTable:
    """A CREATE DYNAMIC TABLE statement."""

    name: ObjectName
    is_alter: bool
    is_transient: bool
    options: str
    query: str


@dataclass(frozen=True)
class DynamicTable:
    """A dynamic table and how it stands.

    Attributes:
        data_timestamp: as of when its rows are; None before the first refresh.
        attempted_on: when its schedule last tried a refresh.
        suspended_on: when it was last suspended, if ever.
        reason: why it is suspended; empty while it runs.
        failures: scheduled refreshes that failed since the last that did not.
        is_changed: whether its definition changed since the last refresh.
    """

    name: ObjectName
    created_on: datetime
    options: Options
    query: str
    owner: str
    is_transient: bool
    data_timestamp: datetime | None = None
    attempted_on: datetime | None = None
    suspended_on: datetime | None = None
    reason: str = RUNNING
    failures: int = 0
    is_changed: bool = False

    @property
    def is_running(self) -> bool:
        """Whether its schedule refreshes it."""
        return self.reason == RUNNING

    @property
    def lag_seconds(self) -> int | None:
        """Its target lag; None when that is its consumers'."""
        return lag_seconds(text_option(self.options, "TARGET_LAG"))

    @property
    def mode(self) -> str:
        """Its refresh mode as asked for."""
        return mode_of(self.options)

    @property
    def due_on(self) -> datetime | None:
        """When its schedule refreshes it next; None when that is its consumers' to say."""
        if self.lag_seconds is None:
            return None
        since = max(filter(None, (self.attempted_on, self.data_timestamp, self.created_on)))
        return since + timedelta(seconds=self.lag_seconds)


def check_request(engine: "Engine", request: CreateDynamicTable) -> Options:
    """The options of a request that Snowflake would take.

    Raises:
        ProgrammingError: an option is missing, or the query cannot be refreshed incrementally.
    """
    options = parse_options(request.options)
    for needed in ("TARGET_LAG", "WAREHOUSE"):
        if needed not in options:
            raise compile_error(f"Missing option(s): [{needed}]", 2029)
    check_options(engine, options)
    mode = mode_of(options)
    if mode in _INCREMENTAL_MODES and (why := obstacles(request.query)):
        raise compile_error(
            f"Dynamic Table '{request.name.name}' is defined with REFRESH_MODE = {mode}, but"
            f" the query is not supported for incremental refresh: {'; '.join(why)}.",
            2711,
            "0A000",
        )
    return options


def mode_of(options: Options) -> str:
    """The refresh mode options ask for."""
    return text_option(options, "REFRESH_MODE", "AUTO").upper()


def check_options(engine: "Engine", options: Options) -> None:
    """A target lag must be one, a warehouse must be there.

    Raises:
        ProgrammingError: it is not.
    """
    if "TARGET_LAG" in options:
        lag_seconds(text_option(options, "TARGET_LAG"))
    if "WAREHOUSE" in options:
        warehouse = text_option(options, "WAREHOUSE").upper()
        if engine.store.account_object("WAREHOUSE", warehouse) is None:
            raise missing("Warehouse", warehouse)


def lag_seconds(text: str) -> int | None:
    """A target lag in seconds; None for DOWNSTREAM.

    Raises:
        ProgrammingError: it is neither that nor a time of at least a minute.
    """
    if text.upper() == DOWNSTREAM:
        return None
    found = re.fullmatch(r"\s*(\d+)\s+(second|minute|hour|day)s?\s*", text, re.I)
    seconds = int(found[1]) * _UNITS[found[2].upper()] if found else 0
    if seconds < _LEAST_LAG_SECONDS:
        raise compile_error(f"Invalid target lag '{text}': at least 60 seconds, or DOWNSTREAM.")
    return seconds


def check_columns(name: ObjectName, before: Sequence[str], after: Sequence[str]) -> None:
    """CREATE OR ALTER adds columns at the end only, and renames only at the end.

    Raises:
        ProgrammingError: a column would come between others, move, or be renamed among them.
    """
    kept = [column for column in before if column in after]
    if not kept or list(after[: len(kept)]) != kept:
        raise unsupported(
            f"CREATE OR ALTER DYNAMIC TABLE {name.name}: columns can only be added, or renamed,"
            f" at the end of existing columns ({', '.join(before)} -> {', '.join(after)})"
        )


def unsupported(what: str) -> Exception:
    """What CREATE OR ALTER does not do."""
    return compile_error(f"Unsupported feature '{what}'.", 2, "0A000")


def find(engine: "Engine", name: ObjectName) -> DynamicTable | None:
    """A dynamic table by name."""
    rows = _rows(engine, "where database = ? and schema = ? and name = ?", list(name))
    return rows[0] if rows else None


def all_of(engine: "Engine") -> dict[ObjectName, DynamicTable]:
    """Every dynamic table of the account."""
    return {table.name: table for table in _rows(engine, "order by database, schema, name", [])}


def keep(engine: "Engine", table: DynamicTable, **changes: Any) -> DynamicTable:
    """Write a dynamic table down, with changes; as it is then."""
    changed = replace(table, **changes)
    values = list(astuple(replace(changed, name=(), options=json.dumps(changed.options)))[1:])  # type: ignore[arg-type]
    with engine.store.changing():
        forget(engine, changed.name)
        marks = ", ".join("?" * (len(values) + 3))
        engine.store.run(
            f"insert into {_TABLE} values ({marks})",  # noqa: S608
            [*changed.name, *values],
        )
    return changed


def forget(engine: "Engine", name: ObjectName) -> None:
    """Drop the note of a dynamic table."""
    engine.store.run(
        f"delete from {_TABLE} where database = ? and schema = ? and name = ?",  # noqa: S608
        list(name),
    )


def _rows(engine: "Engine", condition: str, values: list[str]) -> list[DynamicTable]:
    found = engine.store.rows(f"select * from {_TABLE} {condition}", values)  # noqa: S608
    return [
        DynamicTable(ObjectName(*row[:3]), row[3], json.loads(row[4]), *row[5:]) for row in found
    ]
