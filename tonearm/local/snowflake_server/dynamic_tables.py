"""Dynamic tables, played by views: always as fresh as a dynamic table after a refresh.

https://docs.snowflake.com/en/sql-reference/sql/create-dynamic-table. A query that
`refresh_mode = incremental` does not take is refused with Snowflake's own error
(https://docs.snowflake.com/en/user-guide/dynamic-tables/supported-queries).
"""

import json
from dataclasses import dataclass
from datetime import datetime

from tonearm.local.snowflake_server.answers import Answer, done
from tonearm.local.snowflake_server.engine import Engine
from tonearm.local.snowflake_server.errors import compile_error, missing
from tonearm.local.snowflake_server.names import ObjectName
from tonearm.local.snowflake_server.options import Options, parse_options, text_option
from tonearm.warehouse.dynamic_table_checks import unsupported_constructs

_TABLE = "_fs_global.tonearm.dynamic_tables"
# Both take the same constructs: https://docs.snowflake.com/en/user-guide/dynamic-tables/refresh-modes
_INCREMENTAL_MODES = ("INCREMENTAL", "ADAPTIVE")


@dataclass(frozen=True)
class CreateDynamicTable:
    """A CREATE DYNAMIC TABLE statement."""

    name: ObjectName
    is_alter: bool
    options: str
    query: str


def check_request(engine: Engine, request: CreateDynamicTable) -> Options:
    """The options of a request that Snowflake would take.

    Raises:
        ProgrammingError: an option is missing, or the query cannot be refreshed incrementally.
    """
    options = parse_options(request.options)
    for needed in ("TARGET_LAG", "WAREHOUSE"):
        if needed not in options:
            raise compile_error(f"Missing option(s): [{needed}]", 2029)
    warehouse = text_option(options, "WAREHOUSE").upper()
    if engine.store.account_object("WAREHOUSE", warehouse) is None:
        raise missing("Warehouse", warehouse)
    mode = text_option(options, "REFRESH_MODE", "AUTO").upper()
    if mode in _INCREMENTAL_MODES and (why := unsupported_constructs(request.query)):
        raise compile_error(
            f"Dynamic Table '{request.name.name}' is defined with REFRESH_MODE = {mode}, but"
            f" the query is not supported for incremental refresh: {'; '.join(why)}.",
            2711,
            "0A000",
        )
    return options


def is_unchanged(engine: Engine, request: CreateDynamicTable, options: Options) -> bool:
    """Whether CREATE OR ALTER would change nothing."""
    found = _stored(engine, request.name)
    return found is not None and found[1:] == (json.dumps(options), request.query)


def remember(engine: Engine, request: CreateDynamicTable, options: Options) -> Answer:
    """Keep what a dynamic table was created or altered with."""
    name = request.name
    with engine.store.changing():
        before = _stored(engine, name)
        forget(engine, name)
        engine.store.run(
            f"insert into {_TABLE} values (?, ?, ?, ?, ?, ?)",  # noqa: S608
            [
                *name,
                before[0] if before and request.is_alter else engine.clock.now(),
                json.dumps(options),
                request.query,
            ],
        )
    return done(f"Dynamic table {name.name} successfully created.")


def is_dynamic_table(engine: Engine, name: ObjectName) -> bool:
    """Whether there is such a dynamic table."""
    return _stored(engine, name) is not None


def _stored(engine: Engine, name: ObjectName) -> tuple[datetime, str, str] | None:
    """When it was created, its options and its query."""
    found = engine.store.rows(
        f"select created_on, properties, text from {_TABLE}"  # noqa: S608
        " where database = ? and schema = ? and name = ?",
        list(name),
    )
    return (found[0][0], found[0][1], found[0][2]) if found else None


def forget(engine: Engine, name: ObjectName) -> None:
    """Drop the note of a dynamic table."""
    engine.store.run(
        f"delete from {_TABLE} where database = ? and schema = ? and name = ?",  # noqa: S608
        list(name),
    )
