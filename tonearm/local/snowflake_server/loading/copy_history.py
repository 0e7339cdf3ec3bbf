"""INFORMATION_SCHEMA.COPY_HISTORY: what pipes and COPY statements loaded into a table in 14 days.

https://docs.snowflake.com/en/sql-reference/functions/copy_history
"""

from sqlglot import Expr, exp

from tonearm.local.snowflake_server.engine.clock import Clock
from tonearm.local.snowflake_server.engine.names import ObjectName, literal, object_name, quoted
from tonearm.local.snowflake_server.engine.table_functions import answered_by, arguments, called
from tonearm.local.snowflake_server.protocol.errors import compile_error

_HISTORY_DAYS = 14


def is_copy_history(node: Expr) -> bool:
    """Whether a table function is COPY_HISTORY."""
    return called(node) == "COPY_HISTORY"


def copy_history_query(node: Expr, database: str | None, schema: str | None, clock: Clock) -> Expr:
    """The subquery that answers a call of COPY_HISTORY.

    Raises:
        ProgrammingError: TABLE_NAME or START_TIME is missing.
    """
    given = _checked(arguments(node))
    table = _table(given, _owner(node) or database, schema)
    where = [
        "not is_hidden",
        f"table_schema = {literal(table.schema)}",
        f"table_name = {literal(table.name)}",
        f"loaded_at >= {given['START_TIME'].sql(dialect='snowflake')}::timestamptz",
        f"loaded_at >= {literal(clock.now().isoformat())}::timestamptz"
        f" - interval '{_HISTORY_DAYS} days'",
    ]
    if "END_TIME" in given:
        end = given["END_TIME"].sql(dialect="snowflake")
        where.append(f"loaded_at <= {end}::timestamptz")
    if "PIPE_NAME" in given:
        pipe = object_name(given["PIPE_NAME"].name, table.database, table.schema)
        where.append(
            f"pipe_database || '.' || pipe_schema || '.' || pipe_name = {literal(str(pipe))}"
        )
    return answered_by(node, _sql(table, where))


def _sql(table: ObjectName, where: list[str]) -> str:
    history = f'{quoted(table.database)}."_fs_information_schema"."_tonearm_loads"'
    return f"""
    select
        file_name as file_name, stage_location as stage_location, loaded_at as last_load_time,
        row_count as row_count, row_parsed as row_parsed, file_size as file_size,
        first_error_message as first_error_message, null::bigint as first_error_line_number,
        null::bigint as first_error_character_pos, null::varchar as first_error_column_name,
        error_count as error_count, error_limit as error_limit, status as status,
        {literal(table.database)} as table_catalog_name, table_schema as table_schema_name,
        table_name as table_name, pipe_database as pipe_catalog_name,
        pipe_schema as pipe_schema_name, pipe_name as pipe_name,
        received_at as pipe_received_time,
        iff(pipe_name is null, null, file_size) as bytes_billed
    from {history}
    where {" and ".join(where)}
    """  # noqa: S608


def _checked(given: dict[str, Expr]) -> dict[str, Expr]:
    for needed in ("TABLE_NAME", "START_TIME"):
        if needed not in given:
            raise compile_error(f"COPY_HISTORY: missing required argument [{needed}]", 939)
    return given


def _table(given: dict[str, Expr], database: str | None, schema: str | None) -> ObjectName:
    return object_name(given["TABLE_NAME"].name, database, schema)


def _owner(node: Expr) -> str | None:
    """The database a qualified call names: db.information_schema.copy_history(...)."""
    names = [found.name for found in node.this.find_all(exp.Identifier)] if node.this else []
    schema_at = next(
        (at for at, name in enumerate(names) if name.upper() == "INFORMATION_SCHEMA"), None
    )
    others = [name for at, name in enumerate(names) if at != schema_at]
    return others[0].upper() if schema_at is not None and others else None
