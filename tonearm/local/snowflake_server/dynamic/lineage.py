"""What a query reads: tables, views, and through views what those read."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from snowflake.connector.errors import ProgrammingError
from sqlglot import Expr, exp, parse_one

from tonearm.local.snowflake_server.engine.names import ObjectName, object_name

if TYPE_CHECKING:
    from tonearm.local.snowflake_server.engine.engine import Engine


def tables_in(tree: Expr, database: str | None, schema: str | None) -> set[ObjectName]:
    """The tables and views a statement names, completed from a database and a schema."""
    ctes = {cte.alias_or_name.upper() for cte in tree.find_all(exp.CTE)}
    found = set()
    for table in tree.find_all(exp.Table):
        if table.db or table.name.upper() not in ctes:
            text = ".".join(part.sql(dialect="snowflake") for part in table.parts)
            try:
                found.add(object_name(text, database, schema))
            except ProgrammingError:
                continue  # a stage, a function, or a name the engine itself will refuse
    return found


class Lineage:
    """The graph of dynamic tables of an account, views between them passed through."""

    def __init__(self, engine: "Engine", queries: dict[ObjectName, str]) -> None:
        self._queries = queries
        cursor = engine.duck_conn.cursor()
        rows = cursor.execute(
            "select database_name, schema_name, view_name, sql from duckdb_views()"
            " where not internal and database_name <> '_fs_global'"
            " and schema_name <> '_fs_information_schema'"
        ).fetchall()
        self._views = {ObjectName(*row[:3]): str(row[3]) for row in rows}

    def dynamic_tables(self, names: Iterable[ObjectName]) -> set[ObjectName]:
        """The dynamic tables among names, and those that views among them read."""
        found: set[ObjectName] = set()
        for name in names:
            if name in self._queries:
                found.add(name)
            elif name in self._views:
                named = _named_in(self._views[name], "duckdb", *name[:2])
                found |= self.dynamic_tables(named - {name})
        return found

    def inputs(self, name: ObjectName) -> set[ObjectName]:
        """The dynamic tables a dynamic table reads."""
        named = _named_in(self._queries[name], "snowflake", *name[:2])
        return self.dynamic_tables(named) - {name}

    def upstream_first(self, names: Iterable[ObjectName]) -> list[ObjectName]:
        """Dynamic tables and all they are made from, each after what it reads."""
        order: dict[ObjectName, None] = {}
        for name in sorted(names):
            self._visit(name, order)
        return list(order)

    def _visit(self, name: ObjectName, order: dict[ObjectName, None]) -> None:
        if name not in order:
            for above in sorted(self.inputs(name)):
                self._visit(above, order)
            order[name] = None

    def downstream(self, name: ObjectName) -> Iterator[ObjectName]:
        """The dynamic tables made from one, at any distance."""
        for other in self._queries:
            if other != name and name in self.upstream_first([other]):
                yield other


@lru_cache(maxsize=512)
def _named_in(sql: str, dialect: str, database: str, schema: str) -> frozenset[ObjectName]:
    return frozenset(tables_in(parse_one(sql, read=dialect), database, schema))
