"""The SQL ConfirmLoad asks with; the database's name is a plain identifier (see settings)."""

from collections.abc import Sequence
from typing import Final

_HISTORY: Final = """
select
    '{entity}' as entity,
    file_name,
    status,
    row_count,
    first_error_message,
    first_error_line_number
from table({database}.information_schema.copy_history(
    table_name => '{database}.LANDING.{table}',
    start_time => dateadd('hour', -{hours}, current_timestamp())
))
where file_name like %s
"""
_LANDING_ROWS: Final = """
select
    '{entity}' as entity,
    source_file,
    count(distinct source_row) as distinct_rows,
    count(*) as all_rows
from {database}.LANDING.{table}
where run_id = %s and attempt = %s
group by source_file
"""
_FAILED_REFRESHES: Final = """
select
    name,
    state,
    state_message
from table({database}.information_schema.dynamic_table_refresh_history(
    name_prefix => '{database}.CORE.',
    data_timestamp_start => dateadd('hour', -1, current_timestamp()),
    error_only => true
))
order by name, data_timestamp
"""
_CORE_ROWS: Final = """
select
    entity,
    rows_in_core
from {database}.CORE.ROWS_BY_RUN
where run_id = %s and attempt = %s
"""


def pipe(database: str, entity: str) -> str:
    """Return the name of an entity's pipe."""
    return f"{database}.LANDING.{entity.upper()}_PIPE"


def pipe_statuses(database: str, entities: Sequence[str]) -> str:
    """Ask several pipes at once; there is no table in it, so no warehouse wakes."""
    calls = (f"system$pipe_status('{pipe(database, entity)}')" for entity in entities)
    return f"select {', '.join(calls)}"


def histories(database: str, entities: Sequence[str], hours: int) -> str:
    """Ask for the load histories of several landing tables."""
    return _union(_HISTORY, database, entities, hours=hours)


def landing_rows(database: str, entities: Sequence[str]) -> str:
    """Ask for the rows of a run in several landing tables, file by file."""
    return _union(_LANDING_ROWS, database, entities)


def failed_refreshes(database: str) -> str:
    """Ask which refreshes of core failed in the last hour."""
    return _FAILED_REFRESHES.format(database=database)


def core_rows(database: str) -> str:
    """Ask how many of a run's rows core has."""
    return _CORE_ROWS.format(database=database)


def _union(template: str, database: str, entities: Sequence[str], **values: object) -> str:
    parts = (
        template.format(database=database, entity=entity, table=entity.upper(), **values)
        for entity in entities
    )
    return "union all".join(parts)
