"""Whether two ways of transforming a run gave the same tables, and how large the files are."""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from tonearm_glue.contract import ENTITIES, Entity

type Files = Mapping[str, str]
"""For each table, the pattern of its Parquet files."""


def differing(ours: Files, theirs: Files) -> list[str]:
    """A line for each table that is not the same on the columns both have; none when all are.

    Rows are compared whole, as sums of their hashes, in no order.
    """
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        return [
            line
            for entity in ENTITIES
            if (line := _of_table(connection, entity, ours[entity.name], theirs[entity.name]))
        ]


def total_bytes(files: Files) -> int:
    """The bytes of all tables' files."""
    return sum(
        file.stat().st_size
        for pattern in files.values()
        for file in Path(pattern).parent.glob(Path(pattern).name)
    )


def _of_table(
    connection: duckdb.DuckDBPyConnection, entity: Entity, ours: str, theirs: str
) -> str | None:
    shared = _columns(connection, theirs)
    columns = [name for name in entity.names if name in shared]
    lost = {*entity.key} - {*columns, "snapshot_date"}
    if lost:
        return f"{entity.name}: no {', '.join(sorted(lost))}"
    found = [_signature(connection, columns, files) for files in (ours, theirs)]
    if found[0] == found[1]:
        return None
    apart = [
        name
        for name in columns
        if _signature(connection, [name], ours) != _signature(connection, [name], theirs)
    ]
    return f"{entity.name}: {found[0][0]:,} and {found[1][0]:,} rows; not the same: {apart}"


def _columns(connection: duckdb.DuckDBPyConnection, files: str) -> set[str]:
    described = connection.execute("describe from read_parquet(?)", [files]).fetchall()
    return {row[0] for row in described}


def _signature(
    connection: duckdb.DuckDBPyConnection, columns: list[str], files: str
) -> tuple[int, int]:
    # As text, since the same number may be an integer here and a double there.
    row = ", ".join(f'cast("{name}" as varchar)' for name in columns)
    query = f"select count(*), sum(hash({row})::hugeint) from read_parquet(?)"  # noqa: S608
    count, total = connection.execute(query, [files]).fetchall()[0]
    return int(count), int(total or 0)
