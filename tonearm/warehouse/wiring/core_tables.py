"""Dynamic tables: which changes CREATE OR ALTER takes, and how the others are made.

A dynamic table is a function of the landing tables: made again, it holds what it held before.
https://docs.snowflake.com/en/sql-reference/sql/create-dynamic-table#limitations
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp, parse_one

_ALTER = re.compile(r"^CREATE\s+OR\s+ALTER\b", re.I)
_TRANSIENT = re.compile(r"^CREATE\s+(?:OR\s+\w+\s+)?TRANSIENT\b", re.I)
_ON_SCHEDULE = re.compile(r"\s*\bINITIALIZE\s*=\s*ON_SCHEDULE\b", re.I)
_QUERY = re.compile(r"\bAS\s+(?=\(?\s*(?:SELECT|WITH)\b)(?P<query>.*)$", re.I | re.S)


@dataclass(frozen=True)
class ExpectedTable:
    """A dynamic table as its file has it.

    Attributes:
        file: the file.
        query: what it is computed by.
        columns: their names in order, upper case; empty where the query does not spell them out.
        is_transient: whether it goes without Fail-safe.
    """

    file: str
    query: str
    columns: tuple[str, ...]
    is_transient: bool


@dataclass(frozen=True)
class TableState:
    """A dynamic table as the account has it.

    Attributes:
        text: the statement it was made with, as far as the account shows it.
        columns: their names in order, upper case; empty where they were not asked for.
    """

    text: str
    columns: tuple[str, ...] = ()

    @property
    def is_transient(self) -> bool | None:
        """Whether it goes without Fail-safe; None where the account does not show the statement."""
        return bool(_TRANSIENT.match(self.text)) if self._is_statement else None

    @property
    def waits_for_its_schedule(self) -> bool:
        """Whether it may have been made with INITIALIZE = ON_SCHEDULE."""
        return not self._is_statement or bool(_ON_SCHEDULE.search(self.text))

    @property
    def _is_statement(self) -> bool:
        return self.text.lstrip()[:6].upper() == "CREATE"


def expected_table(file: str, sql: str) -> ExpectedTable:
    """What a CREATE OR ALTER DYNAMIC TABLE statement says."""
    found = _QUERY.search(sql)
    query = found["query"] if found else ""
    return ExpectedTable(file, query, tuple(_columns(query)), bool(_TRANSIENT.match(sql)))


def obstacles(expected: ExpectedTable, there: TableState) -> Iterator[str]:
    """What keeps CREATE OR ALTER from making the expected table of the one that is there."""
    if there.is_transient not in (None, expected.is_transient):
        yield "it becomes transient" if expected.is_transient else "it becomes permanent"
    if expected.columns and there.columns and (moved := _moved(expected.columns, there.columns)):
        yield f"column {moved} does not stand after those that are there"


def statement_for(sql: str, there: TableState | None, *, is_anew: bool) -> str:
    """The statement to run for a dynamic table.

    INITIALIZE counts when a table is made and cannot be changed afterwards, so it is left out for
    a table that was made without it.

    Args:
        sql: the file's.
        there: the table that is there; None when there is none.
        is_anew: whether it is to be made again instead of altered.
    """
    if is_anew:
        return _ALTER.sub("create or replace", sql)
    if there is None or there.waits_for_its_schedule:
        return sql
    found = _QUERY.search(sql)
    options = sql[: found.start()] if found else sql
    return _ON_SCHEDULE.sub("", options, count=1) + sql[len(options) :]


def changed_types(before: Sequence[Any], after: Sequence[Any]) -> list[str]:
    """The columns whose type a new query changes: CREATE OR ALTER takes no other type.

    https://docs.snowflake.com/en/user-guide/dynamic-tables/modify

    Args:
        before: what the connector tells of the table's columns.
        after: what it tells of the query's.
    """
    types: Mapping[str, Any] = {column.name.upper(): column for column in before}
    return [
        column.name.upper()
        for column in after
        if (old := types.get(column.name.upper())) is not None
        and (old.type_code, old.scale) != (column.type_code, column.scale)
    ]


def _moved(expected: Sequence[str], there: Sequence[str]) -> str:
    """The first expected column that stands where one of today's must; empty without one."""
    kept = [name for name in there if name in expected]
    return next(
        (name for name, old in zip(expected, kept, strict=False) if name != old),
        "",
    )


def _columns(query: str) -> Iterator[str]:
    """The names of a query's columns; none when a star cannot be followed to where they stand."""
    if not query:
        return
    tree: Any = parse_one(query, read="snowflake")
    steps = {cte.alias.upper(): cte.this for cte in tree.find_all(exp.CTE)}
    for _ in range(len(steps) + 1):
        select: Any = tree.find(exp.Select) if isinstance(tree, exp.SetOperation) else tree
        if not _is_star(select):
            yield from (name.upper() for name in select.named_selects)
            return
        table = select.find(exp.Table)
        tree = steps.get(table.name.upper() if table else "")
        if tree is None:
            return


def _is_star(select: Any) -> bool:
    return any(item.is_star for item in select.expressions)
