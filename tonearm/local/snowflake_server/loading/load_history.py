"""Which file was loaded when, by Snowflake's two separate rules.

- A pipe remembers the path of each file it loaded for 14 days, whatever the file holds by then
  (https://docs.snowflake.com/en/user-guide/data-load-snowpipe-intro#data-duplication). Recreating
  the pipe forgets it all (.../data-load-snowpipe-manage#load-history), so the pipe's id, not its
  name, is the key.
- A table remembers each file a COPY statement loaded for 64 days, by path and content
  (https://docs.snowflake.com/en/user-guide/data-load-considerations-load#load-metadata).

The rows live in the target table's database: the engine commits a load and its history together.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import duckdb

from tonearm.local.snowflake_server.engine.names import ObjectName, quoted

PIPE_DAYS = 14
TABLE_DAYS = 64

_COLUMNS = """
    pipe_id varchar, pipe_database varchar, pipe_schema varchar, pipe_name varchar,
    table_schema varchar, table_name varchar, stage_location varchar, file_name varchar,
    content_key varchar, file_size bigint, received_at timestamptz, loaded_at timestamptz,
    status varchar, row_count bigint, row_parsed bigint, first_error_message varchar,
    error_count bigint, error_limit bigint, is_hidden boolean default false
"""


def creation_sql(database: str) -> str:
    """The history table of one database."""
    return f"create table if not exists {_table(database)} ({_COLUMNS})"


@dataclass(frozen=True)
class Pipe:
    """The pipe that loads, or loaded."""

    id: str
    name: ObjectName


@dataclass(frozen=True)
class LoadedFile:
    """One file's load, as COPY_HISTORY tells it."""

    table: ObjectName
    pipe: Pipe | None
    stage_location: str
    file_name: str
    content_key: str
    file_size: int
    received_at: datetime | None
    loaded_at: datetime
    status: str  # Loaded or Load failed
    row_count: int
    row_parsed: int
    first_error: str | None


def record(engine: duckdb.DuckDBPyConnection, load: LoadedFile) -> None:
    """Write one load down, in the engine's open transaction if there is one."""
    failed = load.first_error is not None
    pipe = load.pipe
    values: list[Any] = [pipe.id if pipe else None, *(pipe.name if pipe else (None, None, None))]
    values += [load.table.schema, load.table.name, load.stage_location, load.file_name]
    values += [load.content_key, load.file_size, load.received_at, load.loaded_at, load.status]
    values += [load.row_count, load.row_parsed, load.first_error, int(failed), 1]
    marks = ", ".join("?" * len(values))
    engine.execute(
        f"insert into {_table(load.table.database)} values ({marks}, false)",  # noqa: S608
        values,
    )


def loaded_by_pipe(
    engine: duckdb.DuckDBPyConnection, table: ObjectName, pipe_id: str, now: datetime
) -> set[str]:
    """URLs this pipe loaded within the last 14 days."""
    found = engine.execute(
        f"select stage_location || file_name from {_table(table.database)}"  # noqa: S608
        " where pipe_id = ? and status = 'Loaded' and loaded_at > ?",
        [pipe_id, now - timedelta(days=PIPE_DAYS)],
    )
    return {row[0] for row in found.fetchall()}


def loaded_into_table(
    engine: duckdb.DuckDBPyConnection, table: ObjectName, now: datetime
) -> set[tuple[str, str]]:
    """URL and content of the files COPY statements loaded into a table within the last 64 days."""
    found = engine.execute(
        f"select stage_location || file_name, content_key from {_table(table.database)}"  # noqa: S608
        " where pipe_id is null and table_schema = ? and table_name = ?"
        " and status = 'Loaded' and loaded_at > ?",
        [table.schema, table.name, now - timedelta(days=TABLE_DAYS)],
    )
    return {(row[0], row[1]) for row in found.fetchall()}


def first_load(engine: duckdb.DuckDBPyConnection, table: ObjectName) -> datetime | None:
    """When a COPY statement first loaded into a table."""
    found = engine.execute(
        f"select min(loaded_at) from {_table(table.database)}"  # noqa: S608
        " where pipe_id is null and table_schema = ? and table_name = ? and status = 'Loaded'",
        [table.schema, table.name],
    ).fetchone()
    first: datetime | None = found[0] if found else None
    return first


def last_by_pipe(
    engine: duckdb.DuckDBPyConnection, database: str, pipe_id: str
) -> tuple[str, datetime] | None:
    """The file a pipe loaded last, and when."""
    found = engine.execute(
        f"select file_name, loaded_at from {_table(database)}"  # noqa: S608
        " where pipe_id = ? and status = 'Loaded' order by loaded_at desc, file_name limit 1",
        [pipe_id],
    ).fetchone()
    return (str(found[0]), found[1]) if found else None


def forget_table(engine: duckdb.DuckDBPyConnection, table: ObjectName) -> None:
    """A dropped, replaced or truncated table has no load history.

    COPY_HISTORY no longer shows what pipes loaded before either, but they still remember it:
    https://docs.snowflake.com/en/sql-reference/functions/copy_history#usage-notes.
    """
    engine.execute(
        f"update {_table(table.database)} set is_hidden = true"  # noqa: S608
        " where table_schema = ? and table_name = ?",
        [table.schema, table.name],
    )
    engine.execute(
        f"delete from {_table(table.database)}"  # noqa: S608
        " where pipe_id is null and table_schema = ? and table_name = ?",
        [table.schema, table.name],
    )


def forget_pipe(engine: duckdb.DuckDBPyConnection, database: str, pipe_id: str) -> None:
    """A dropped or recreated pipe takes its history with it."""
    engine.execute(f"delete from {_table(database)} where pipe_id = ?", [pipe_id])  # noqa: S608


def _table(database: str) -> str:
    return f"{quoted(database)}._fs_information_schema._tonearm_loads"
