"""One Parquet file into one table: all its rows or none.

Column matching, NULL for missing columns and METADATA$ columns follow
https://docs.snowflake.com/en/sql-reference/sql/copy-into-table (MATCH_BY_COLUMN_NAME,
INCLUDE_METADATA) and https://docs.snowflake.com/en/user-guide/querying-metadata.
"""

import re
from datetime import datetime

import duckdb

from tonearm.local.snowflake_server.engine.names import literal, quoted
from tonearm.local.snowflake_server.loading.copy_job import CopyJob
from tonearm.local.snowflake_server.loading.s3_files import StagedFile
from tonearm.local.snowflake_server.protocol.errors import compile_error, missing


def insert_file(
    engine: duckdb.DuckDBPyConnection,
    job: CopyJob,
    file: StagedFile,
    path: str,
    scanned_at: datetime,
) -> int:
    """Insert the rows of a file, read at a path, in the open transaction; the number of rows.

    Raises:
        duckdb.Error: the file cannot be read or a value does not fit; nothing of it is kept.
    """
    source = f"read_parquet({literal(_exact(path))}, hive_partitioning = false"
    in_file = engine.execute(f"DESCRIBE SELECT * FROM {source})").fetchall()  # noqa: S608
    by_name = {str(row[0]).upper(): str(row[0]) for row in in_file}
    metadata = {column: _metadata(kind, file, scanned_at) for column, kind in job.metadata}
    selected = [
        f"{metadata.get(name) or _value(name, by_name, kind)} AS {quoted(name)}"
        for name, kind in _columns(engine, job)
    ]
    inserted = engine.execute(
        f"INSERT INTO {job.table.sql} BY NAME SELECT {', '.join(selected)}"  # noqa: S608
        f" FROM {source}, file_row_number = true)"
    ).fetchone()
    return int(inserted[0]) if inserted else 0


def check_target(engine: duckdb.DuckDBPyConnection, job: CopyJob) -> None:
    """The target table and its metadata columns must exist before anything is loaded.

    Raises:
        ProgrammingError: 002003 for the table, 000904 for a column.
    """
    names = {name for name, _ in _columns(engine, job)}
    if lost := sorted({column for column, _ in job.metadata} - names):
        raise compile_error(f"invalid identifier '{lost[0]}' in INCLUDE_METADATA", 904)


def first_line(error: Exception) -> str:
    """What went wrong with a file, in one line; where the copy of it lay says nothing."""
    text = re.sub(r"'/[^']*/([^'/]+)'", r"'\1'", str(error).strip().split("\n")[0])
    return re.sub(r"^\w[\w ]* Error: ", "", text)


def _columns(engine: duckdb.DuckDBPyConnection, job: CopyJob) -> list[tuple[str, str]]:
    try:
        rows = engine.execute(f"DESCRIBE {job.table.sql}").fetchall()
    except duckdb.CatalogException as exc:
        raise missing("Table", str(job.table)) from exc
    return [(str(row[0]), str(row[1])) for row in rows]


def _value(name: str, by_name: dict[str, str], kind: str) -> str:
    if name.upper() not in by_name:
        return "NULL"
    column = quoted(by_name[name.upper()])
    if kind != "JSON":
        return column
    return f"CASE WHEN {column} IS NOT NULL THEN to_json({column}) END"


def _metadata(kind: str, file: StagedFile, scanned_at: datetime) -> str:
    return {
        "METADATA$FILENAME": literal(file.key),
        "METADATA$FILE_ROW_NUMBER": "file_row_number + 1",
        "METADATA$START_SCAN_TIME": f"TIMESTAMPTZ {literal(scanned_at.isoformat())}",
    }[kind]


def _exact(path: str) -> str:
    """The path with the engine's glob characters taken literally."""
    return re.sub(r"([*?\[])", r"[\1]", path)
