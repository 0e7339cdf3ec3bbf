"""SHOW DYNAMIC TABLES.

https://docs.snowflake.com/en/sql-reference/sql/show-dynamic-tables: the state is RUNNING or
SUSPENDED here, ACTIVE only in DYNAMIC_TABLE_GRAPH_HISTORY.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tonearm.local.snowflake_server.dynamic import dynamic_tables
from tonearm.local.snowflake_server.dynamic.dynamic_tables import DynamicTable
from tonearm.local.snowflake_server.engine.options import text_option
from tonearm.local.snowflake_server.protocol.answers import Answer, Value, columns

if TYPE_CHECKING:
    from tonearm.local.snowflake_server.engine.engine import Engine

_COLUMNS = columns(
    "created_on timestamptz, name, database_name, schema_name, cluster_by, rows bigint, "
    "bytes bigint, owner, target_lag, scheduler, refresh_mode, refresh_mode_reason, warehouse, "
    "comment, text, automatic_clustering, scheduling_state, last_suspended_on timestamptz, "
    "is_clone, is_replica, is_iceberg, data_timestamp timestamptz, owner_role_type, "
    "immutable_where, execute_as_user"
)


def shown(engine: "Engine", takes: Callable[[str, str, str], bool]) -> Answer:
    """The rows of SHOW DYNAMIC TABLES for the names that are asked for."""
    tables = dynamic_tables.all_of(engine).values()
    return Answer(_COLUMNS, [_row(engine, table) for table in tables if takes(*table.name)])


def _row(engine: "Engine", table: DynamicTable) -> tuple[Value, ...]:
    said: dict[str, Value] = {
        "created_on": table.created_on,
        "name": table.name.name,
        "database_name": table.name.database,
        "schema_name": table.name.schema,
        "rows": _rows(engine, table),
        "owner": table.owner,
        "target_lag": text_option(table.options, "TARGET_LAG"),
        "refresh_mode": "INCREMENTAL" if table.mode == "AUTO" else table.mode,
        "warehouse": text_option(table.options, "WAREHOUSE").upper(),
        "comment": text_option(table.options, "COMMENT"),
        "text": table.query,
        "automatic_clustering": "OFF",
        "scheduling_state": "RUNNING" if table.is_running else "SUSPENDED",
        "last_suspended_on": table.suspended_on,
        "is_clone": "false",
        "is_replica": "false",
        "is_iceberg": "false",
        "data_timestamp": table.data_timestamp,
        "owner_role_type": "ROLE",
    }
    return tuple(said.get(column) for column in _COLUMNS)


def _rows(engine: "Engine", table: DynamicTable) -> int:
    found = engine.duck_conn.cursor().execute(f"select count(*) from {table.name.sql}")  # noqa: S608
    return int((found.fetchone() or (0,))[0])
