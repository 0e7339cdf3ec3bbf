"""Compares two sets of Parquet files of one table by key: rows added, removed and changed.

DuckDB does the join, so tables larger than memory go to disk. The column `attempt` is left out: it
differs by its nature.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

MOST_EXAMPLES = 3
_MEMORY = "1GB"
_LEFT_OUT = "attempt"
_SHOWN_AS_TEXT = ("TIMESTAMP WITH TIME ZONE",)


@dataclass(frozen=True)
class Example:
    """One row that differs in one column."""

    key: tuple[Any, ...]
    before: Any
    after: Any


@dataclass(frozen=True)
class TableDifference:
    """How the new files of a table differ from the old ones.

    Attributes:
        table: its name.
        rows: rows of the new files.
        added: keys only the new files have.
        removed: keys only the old files have.
        changed: keys both have, with another value in any column.
        columns: per column that differs, in how many rows.
        examples: per such column, the first few in key order.
        added_keys: the first few of them.
        removed_keys: the first few of them.
    """

    table: str
    rows: int
    added: int
    removed: int
    changed: int
    columns: Mapping[str, int] = field(default_factory=dict)
    examples: Mapping[str, Sequence[Example]] = field(default_factory=dict)
    added_keys: Sequence[tuple[Any, ...]] = ()
    removed_keys: Sequence[tuple[Any, ...]] = ()

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        return not (self.added or self.removed or self.changed)


def compare(
    table: str, key: Sequence[str], before: Sequence[Path], after: Sequence[Path]
) -> TableDifference:
    """Compare two sets of files of one table; either may be empty.

    Args:
        table: the table's name, for the answer.
        key: the columns that tell its rows apart; a NULL there equals a NULL.
        before: the old files.
        after: the new files.
    """
    if not before and not after:
        return TableDifference(table, 0, 0, 0, 0)
    with _database() as db:
        columns = _load(db, before, after)
        compared = [name for name in columns if name not in key and name != _LEFT_OUT]
        _join(db, key, compared)
        return _difference(db, table, key, compared)


@contextmanager
def _database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"memory_limit": _MEMORY}) as db:
        yield db


def _load(
    db: duckdb.DuckDBPyConnection, before: Sequence[Path], after: Sequence[Path]
) -> list[str]:
    """Make the views `before` and `after`, with the same columns; return their names."""
    types = [_types(db, before), _types(db, after)]
    columns = {**types[0], **types[1]}
    for view, files, own in zip(("before", "after"), (before, after), types, strict=True):
        shown = ", ".join(_shown(name, kind, own, types) for name, kind in columns.items())
        source = f"read_parquet({_listed(files)}, union_by_name = true)" if files else "(select 1)"
        where = "" if files else " where false"
        db.execute(f"create view {view} as select {shown} from {source}{where}")  # noqa: S608
    return list(columns)


def _types(db: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> dict[str, str]:
    if not files:
        return {}
    described = db.execute(
        f"describe select * from read_parquet({_listed(files)}, union_by_name = true)"  # noqa: S608
    )
    return {name: kind for name, kind, *_ in described.fetchall()}


def _shown(name: str, kind: str, own: Mapping[str, str], types: Sequence[Mapping[str, str]]) -> str:
    """A column of one side: NULL when the side has none, text when the sides' types differ.

    A point in time becomes text too (UTC): Python would need one more package for it.
    """
    kinds = {side[name] for side in types if name in side}
    kind = kind if len(kinds) == 1 and kind not in _SHOWN_AS_TEXT else "varchar"
    value = _quoted(name) if name in own else "null"
    return f"cast({value} as {kind}) as {_quoted(name)}"


def _join(db: duckdb.DuckDBPyConnection, key: Sequence[str], compared: Sequence[str]) -> None:
    """Make the table `joined`: each key with where it is and which columns differ."""
    same = " and ".join(f"b.{_quoted(k)} is not distinct from a.{_quoted(k)}" for k in key)
    keys = ", ".join(f"coalesce(a.{_quoted(k)}, b.{_quoted(k)}) as {_quoted(k)}" for k in key)
    differs = [
        f"b.{_quoted(c)} is distinct from a.{_quoted(c)} as {_quoted(f'differs {c}')}"
        for c in compared
    ]
    values = [
        f"{side}.{_quoted(c)} as {_quoted(f'{word} {c}')}"
        for c in compared
        for side, word in (("b", "before"), ("a", "after"))
    ]
    shown = ", ".join([keys, "b.here as was", "a.here as is_now", *differs, *values])
    db.execute(
        f"create table joined as select {shown}"  # noqa: S608 - column names of the files
        " from (select *, true as here from before) as b"
        f" full outer join (select *, true as here from after) as a on {same}"
    )


def _difference(
    db: duckdb.DuckDBPyConnection, table: str, key: Sequence[str], compared: Sequence[str]
) -> TableDifference:
    any_differs = " or ".join(_quoted(f"differs {c}") for c in compared) or "false"
    counted = [
        "count(is_now)",
        "count(*) filter (was is null)",
        "count(*) filter (is_now is null)",
        f"count(*) filter (was and is_now and ({any_differs}))",
        *(f"count(*) filter (was and is_now and {_quoted(f'differs {c}')})" for c in compared),
    ]
    [figures] = db.execute(f"select {', '.join(counted)} from joined").fetchall()  # noqa: S608
    rows, added, removed, changed, *per_column = figures
    columns = {name: n for name, n in zip(compared, per_column, strict=True) if n}
    return TableDifference(
        table,
        rows,
        added,
        removed,
        changed,
        columns,
        {column: _examples(db, key, column) for column in columns},
        _keys(db, key, "was is null") if added else (),
        _keys(db, key, "is_now is null") if removed else (),
    )


def _examples(db: duckdb.DuckDBPyConnection, key: Sequence[str], column: str) -> list[Example]:
    keys = ", ".join(_quoted(k) for k in key)
    rows = db.execute(
        f"select {_quoted(f'before {column}')}, {_quoted(f'after {column}')}, {keys} from joined"  # noqa: S608
        f" where was and is_now and {_quoted(f'differs {column}')}"
        f" order by {keys} limit {MOST_EXAMPLES}"
    ).fetchall()
    return [Example(tuple(row[2:]), row[0], row[1]) for row in rows]


def _keys(db: duckdb.DuckDBPyConnection, key: Sequence[str], where: str) -> list[tuple[Any, ...]]:
    keys = ", ".join(_quoted(k) for k in key)
    return db.execute(
        f"select {keys} from joined where {where} order by {keys} limit {MOST_EXAMPLES}"  # noqa: S608
    ).fetchall()


def _listed(files: Sequence[Path]) -> str:
    paths = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    return f"[{paths}]"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
