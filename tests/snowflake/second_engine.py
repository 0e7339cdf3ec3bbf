"""Core and marts computed by a second engine: plain DuckDB over sqlglot's translation.

Nothing of the local Snowflake stands between the SQL and the engine: no fakesnow and none of our
rewrites. So what both say is not what one of our own rules made of it.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
from sqlglot import exp, parse_one

from tests.snowflake.local_account import VALUES, LocalAccount
from tonearm.warehouse.deploy import plan

type Row = tuple[Any, ...]

LANDING = ("albums", "artists", "songs", "playlist_entries", "playlists")
# Columns that Snowflake holds as arrays.
_ARRAYS = ("artists", "genres")
_HEADS = ("create or alter dynamic table", "create or replace view")


def queries() -> dict[str, str]:
    """The query behind every table of core and mart, in the order in which they are made."""
    found: dict[str, str] = {}
    for statement in plan(VALUES):
        if statement.sql.lower().startswith(_HEADS):
            tree = parse_one(statement.sql, read="snowflake")
            assert isinstance(tree, exp.Create)
            table = tree.find(exp.Table)
            assert table is not None
            found[f"{table.db}.{table.name}".lower()] = tree.expression.sql(dialect="snowflake")
    return found


class SecondEngine:
    """An empty DuckDB with the schemas of the account, which reckons in UTC."""

    def __init__(self) -> None:
        self._connection = duckdb.connect()
        self._connection.execute("set timezone = 'UTC'")
        self._connection.execute("attach ':memory:' as tonearm")
        for schema in ("landing", "core", "mart"):
            self._connection.execute(f"create schema tonearm.{schema}")

    def fill(self, name: str, rows: pa.Table) -> None:
        """Make a table of rows that another engine holds."""
        is_text = name.startswith("mart.")  # marts show arrays as text
        arrays = [
            column for column in rows.column_names if column.lower() in _ARRAYS and not is_text
        ]
        as_json = ", ".join(f"{column}::json as {column}" for column in arrays)
        replaced = f" replace ({as_json})" if arrays else ""
        self._connection.register("given", rows)
        self._connection.execute(f"create table tonearm.{name} as select *{replaced} from given")
        self._connection.unregister("given")

    def compute(self, name: str, query: str) -> None:
        """Make a table of what a query of Snowflake's gives, translated by sqlglot alone.

        Raises:
            duckdb.Error: the translation does not run.
        """
        translated = parse_one(query, read="snowflake").sql(dialect="duckdb")
        self._connection.execute(f"create table tonearm.{name} as {translated}")

    def rows(self, name: str) -> list[Row]:
        """The rows of a table, as `compared` has them."""
        cursor = self._connection.execute(f"select * from tonearm.{name}")
        return compared([column[0] for column in cursor.description or ()], cursor.fetchall())


def rows_of(account: LocalAccount, name: str) -> list[Row]:
    """The rows of a table of the local Snowflake, as `compared` has them."""
    table = held_by(account, name)
    return compared(table.column_names, [tuple(row.values()) for row in table.to_pylist()])


def held_by(account: LocalAccount, name: str) -> pa.Table:
    """A table of the local Snowflake."""
    cursor = account.session.cursor()
    cursor.execute(f"select * from tonearm.{name}")
    table: pa.Table = cursor.table
    return table


def compared(columns: list[str], rows: list[Row]) -> list[Row]:
    """Rows as a multiset of values: columns by name, in one type for each kind of value."""
    order = sorted(range(len(columns)), key=lambda place: columns[place].lower())
    names = [(columns[place].lower(), place) for place in order]
    return sorted(
        (tuple(_plain(row[place], name) for name, place in names) for row in rows), key=repr
    )


def _plain(value: Any, name: str) -> Any:
    match value:
        case Decimal() | float():
            return round(float(value), 6)
        case bool() | None:
            return value
        case int():
            return float(value)
        case datetime():
            return value.astimezone(UTC)
        case str() if name in _ARRAYS and value[:1] in "[{":
            return json.dumps(json.loads(value), sort_keys=True)
    return value


def differing(account: LocalAccount, asked: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Every table that the second engine computes otherwise, or not at all, with what it says.

    Args:
        account: holds the landing rows, and what its own engine makes of them.
        asked: the query of each table, in the order in which they are made.
    """
    second = SecondEngine()
    for name in LANDING:
        second.fill(f"landing.{name}", held_by(account, f"landing.{name}"))
    for name, query in asked.items():
        try:
            second.compute(name, query)
        except duckdb.Error as error:
            yield name, f"{type(error).__name__}: {str(error).splitlines()[0]}"
            second.fill(name, held_by(account, name))
        else:
            if second.rows(name) != (expected := rows_of(account, name)):
                yield name, _first_difference(second.rows(name), expected)


def _first_difference(found: list[Row], expected: list[Row]) -> str:
    only = [row for row in found if row not in expected]
    lacks = [row for row in expected if row not in found]
    return f"{len(found)} rows for {len(expected)}: {only[:1]} for {lacks[:1]}"
