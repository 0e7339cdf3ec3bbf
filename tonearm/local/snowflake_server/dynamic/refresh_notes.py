"""What is known of past refreshes of dynamic tables, and the functions that tell it.

https://docs.snowflake.com/en/sql-reference/functions/dynamic_table_refresh_history,
https://docs.snowflake.com/en/sql-reference/functions/dynamic_table_graph_history
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from snowflake.connector.errors import Error as SnowflakeError
from sqlglot import Expr

from tonearm.local.snowflake_server.dynamic import dynamic_tables
from tonearm.local.snowflake_server.dynamic.dynamic_tables import DynamicTable
from tonearm.local.snowflake_server.engine.names import ObjectName, literal, object_name
from tonearm.local.snowflake_server.engine.table_functions import answered_by, arguments, called

if TYPE_CHECKING:
    from tonearm.local.snowflake_server.engine.engine import Engine
    from tonearm.local.snowflake_server.engine.session import Session

_REFRESHES = "_fs_global.tonearm.dynamic_table_refreshes"
_HISTORY, _GRAPH = "DYNAMIC_TABLE_REFRESH_HISTORY", "DYNAMIC_TABLE_GRAPH_HISTORY"
_DEFAULT_ROWS = 100


@dataclass(frozen=True)
class Refresh:
    """One refresh of one dynamic table."""

    name: ObjectName
    state: str  # SUCCEEDED, FAILED or UPSTREAM_FAILED
    error: SnowflakeError | None
    data_timestamp: datetime
    ended_at: datetime
    action: str
    trigger: str
    table: DynamicTable


def record(engine: "Engine", done: Refresh) -> None:
    """Write one refresh down."""
    error = done.error
    code = f"{error.errno or 0:06d}" if error is not None else "SUCCESS"
    message = (error.raw_msg or str(error)) if error is not None else None
    engine.store.run(
        f"insert into {_REFRESHES} values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        [
            *done.name,
            done.state,
            code,
            message,
            done.data_timestamp,
            done.data_timestamp,
            done.ended_at,
            done.action,
            done.trigger,
            done.table.lag_seconds,
        ],
    )


def is_refresh_function(node: Expr) -> bool:
    """Whether a table function is one of the two this module answers."""
    return called(node) in (_HISTORY, _GRAPH)


def refresh_query(node: Expr, session: "Session") -> Expr:
    """The subquery that answers a call."""
    is_history = called(node) == _HISTORY
    sql = _history(arguments(node), session) if is_history else _graph(session.engine)
    return answered_by(node, sql)


def _history(told: dict[str, Expr], session: "Session") -> str:
    """By default the past day's, the newest hundred."""
    now = literal(session.engine.clock.now().isoformat())
    end = _instant(told.get("DATA_TIMESTAMP_END"), f"{now}::timestamptz")
    start = _instant(told.get("DATA_TIMESTAMP_START"), f"{end} - interval '1 days'")
    where = [f"data_timestamp >= {start}", f"data_timestamp <= {end}"]
    full = "database || '.' || schema || '.' || name"
    if "NAME" in told:
        wanted = object_name(told["NAME"].name, session.database, session.schema)
        where.append(f"upper({full}) = {literal(str(wanted).upper())}")
    if "NAME_PREFIX" in told:
        where.append(f"starts_with(upper({full}), {literal(told['NAME_PREFIX'].name.upper())})")
    if "ERROR_ONLY" in told and told["ERROR_ONLY"].this is True:
        where.append("state <> 'SUCCEEDED'")
    limit = told["RESULT_LIMIT"].name if "RESULT_LIMIT" in told else str(_DEFAULT_ROWS)
    return f"""
    select
        name as name, schema as schema_name, database as database_name, state as state,
        state_code as state_code, state_message as state_message, null::varchar as query_id,
        data_timestamp as data_timestamp, started_at as refresh_start_time,
        ended_at as refresh_end_time, null::timestamptz as completion_target,
        {full} as qualified_name, null::variant as last_completed_dependency,
        null::variant as statistics, refresh_action as refresh_action,
        null::varchar as reinit_reason, refresh_trigger as refresh_trigger,
        target_lag_sec as target_lag_sec, null::timestamp_ntz as graph_history_valid_from,
        null::variant as inputs_with_changed_data
    from {_REFRESHES}
    where {" and ".join(where)}
    order by ended_at desc, name
    limit {limit}
    """  # noqa: S608


def _instant(given: Expr | None, default: str) -> str:
    return f"({given.sql(dialect='snowflake')})::timestamptz" if given is not None else default


def _graph(engine: "Engine") -> str:
    """How each dynamic table stands now."""
    rows = [_graph_row(table) for table in dynamic_tables.all_of(engine).values()]
    empty = "select null as name where 1 = 0"
    return " union all ".join(rows) if rows else empty


def _graph_row(table: DynamicTable) -> str:
    state: dict[str, str] = {"state": "ACTIVE" if table.is_running else "SUSPENDED"}
    if not table.is_running and table.suspended_on is not None:
        state |= {"reason_code": table.reason, "suspended_on": table.suspended_on.isoformat(" ")}
    lag = table.lag_seconds
    return f"""
    select
        {literal(table.name.name)} as name, {literal(table.name.schema)} as schema_name,
        {literal(table.name.database)} as database_name,
        {literal(str(table.name))} as qualified_name,
        {literal("DOWNSTREAM" if lag is None else "USER_DEFINED")} as target_lag_type,
        {"null::number" if lag is None else lag} as target_lag_sec,
        {literal(table.query)} as query_text,
        {literal(table.created_on.isoformat())}::timestamptz as valid_from,
        null::timestamptz as valid_to,
        parse_json({literal(json.dumps(state))}) as scheduling_state
    """
