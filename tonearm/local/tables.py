"""Reads the local warehouse back through the real connector: counts, exports, and a first look."""

import csv
from pathlib import Path
from typing import Any

from tonearm.screen import Screen

SCHEMAS = ("LANDING", "CORE", "MART")
EXPORTED = ("CORE", "MART")
SHOWN_CHANGES = 12
SHOWN_SONGS = 5


def counts(connection: Any, database: str) -> dict[str, int]:
    """Rows of every table and view of the warehouse, as `schema.name`."""
    found = {}
    for schema, name in _relations(connection, database, SCHEMAS):
        query = f'select count(*) from {database}."{schema}"."{name}"'  # noqa: S608 - catalog names
        found[f"{schema}.{name}".lower()] = int(_rows(connection, query)[1][0][0])
    return found


def export(connection: Any, database: str, folder: Path) -> list[Path]:
    """Write every core and mart table as CSV, one file each, rows in a fixed order."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for schema, name in _relations(connection, database, EXPORTED):
        header, rows = _rows(connection, f'select * from {database}."{schema}"."{name}"')  # noqa: S608
        path = folder / f"{schema}.{name}.csv".lower()
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(column.lower() for column in header)
            writer.writerows(sorted(rows, key=lambda row: [str(value) for value in row]))
        written.append(path)
    return written


def show(connection: Any, database: str, screen: Screen) -> None:
    """Print a first look: the newest songs, and what changed between the days."""
    header, rows = _rows(
        connection,
        f"select name, artists, release_date from {database}.mart.newest_songs"  # noqa: S608
        f" order by release_date desc nulls last, name limit {SHOWN_SONGS}",
    )
    screen.table("Newest songs", [name.lower() for name in header], rows)
    header, rows = _rows(
        connection,
        "select snapshot_date, playlist_name, change, name, old_position, new_position"  # noqa: S608
        f" from {database}.mart.playlist_changes"
        " order by case change when 'added' then 0 when 'removed' then 1 else 2 end,"
        f" snapshot_date desc, playlist_name, new_position, old_position limit {SHOWN_CHANGES}",
    )
    _, totals = _rows(
        connection,
        f"select change, count(*) from {database}.mart.playlist_changes"  # noqa: S608
        " group by change order by change",
    )
    total = ", ".join(f"{count} {change}" for change, count in totals) or "nothing"
    screen.table(f"What changed between the days: {total}", [n.lower() for n in header], rows)


def _relations(connection: Any, database: str, schemas: tuple[str, ...]) -> list[tuple[str, str]]:
    names = ", ".join(f"'{schema}'" for schema in schemas)
    parts = [
        f"select table_schema, table_name from {database}.information_schema.{kind}"  # noqa: S608
        f" where table_schema in ({names})"
        for kind in ("tables", "views")
    ]
    # `union` without `all`: in Snowflake a view stands in both lists.
    _, rows = _rows(connection, f"{' union '.join(parts)} order by 1, 2")
    return [(str(schema), str(name)) for schema, name in rows]


def _rows(connection: Any, query: str) -> tuple[list[str], list[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        header = [column.name for column in cursor.description]
        return header, cursor.fetchall()
