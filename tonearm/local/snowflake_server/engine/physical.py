"""The tables of the engine in which dynamic tables keep their rows."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tonearm.local.snowflake_server.engine.names import ObjectName, quoted

if TYPE_CHECKING:
    from tonearm.local.snowflake_server.engine.session import Session


def shape(session: "Session", name: ObjectName, query: str) -> None:
    """An empty table with the columns of a query; what stood there before is gone."""
    remove(session, name)
    session.engine_execute(f"CREATE TABLE {name.sql} AS {session.translated(query)} LIMIT 0")


def rebuild(session: "Session", name: ObjectName, query: str) -> None:
    """Put a query's rows where the table's were."""
    session.engine_execute(f"CREATE OR REPLACE TABLE {name.sql} AS {session.translated(query)}")


def remove(session: "Session", name: ObjectName) -> None:
    """Drop the table, or the view an older version of this server kept in its place."""
    rows = session.engine_execute(
        "select table_type from information_schema.tables where table_catalog = ?"
        " and table_schema = ? and table_name = ?",
        list(name),
    )
    for (kind,) in rows:
        session.engine_execute(f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} {name.sql}")


def columns(session: "Session", name: ObjectName) -> dict[str, str]:
    """Names and types of a table's columns."""
    return {str(row[0]): str(row[1]) for row in session.engine_execute(f"DESCRIBE {name.sql}")}


def columns_of(session: "Session", query: str) -> dict[str, str]:
    """Names and types of the columns a query gives."""
    rows = session.engine_execute(f"DESCRIBE {session.translated(query)}")
    return {str(row[0]): str(row[1]) for row in rows}


def reshape(session: "Session", name: ObjectName, wanted: Mapping[str, str]) -> None:
    """Drop and add columns; a new one holds NULL until the next refresh."""
    there = columns(session, name)
    for column in there.keys() - wanted.keys():
        session.engine_execute(f"ALTER TABLE {name.sql} DROP COLUMN {quoted(column)}")
    for column, kind in wanted.items():
        if column not in there:
            session.engine_execute(f"ALTER TABLE {name.sql} ADD COLUMN {quoted(column)} {kind}")
