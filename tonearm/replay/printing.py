"""What the operator sees of a replay: a table of differences per run, and examples."""

from collections.abc import Sequence
from typing import Any

from tonearm.replay.comparing import TableDifference
from tonearm.screen import Screen

_HEADER = ("table", "rows", "added", "removed", "changed", "columns changed")
_MOST_CHARACTERS = 60


def show_differences(screen: Screen, run_id: str, found: Sequence[TableDifference]) -> None:
    """The table of one run, then the first examples of whatever differs."""
    rows = [
        (one.table, one.rows, one.added, one.removed, one.changed, _columns(one)) for one in found
    ]
    screen.table(f"Replay of {run_id} against what it published", _HEADER, rows)
    for one in found:
        for line in example_lines(one):
            screen.say(f"  {line}")


def example_lines(found: TableDifference) -> list[str]:
    """One line per example: the row's key, and of a changed row the column before and after."""
    lines = [f"{found.table} added: {_key(key)}" for key in found.added_keys]
    lines += [f"{found.table} removed: {_key(key)}" for key in found.removed_keys]
    return lines + [
        f"{found.table} {_key(one.key)} {column}: {_shown(one.before)} -> {_shown(one.after)}"
        for column, examples in found.examples.items()
        for one in examples
    ]


def summary(found: Sequence[TableDifference]) -> str:
    """All differences in one line."""
    added, removed, changed = (
        sum(getattr(one, name) for one in found) for name in ("added", "removed", "changed")
    )
    if not added + removed + changed:
        return "0 differences"
    return f"{added} rows added, {removed} removed, {changed} changed"


def _columns(found: TableDifference) -> str:
    return ", ".join(f"{column} {rows}" for column, rows in found.columns.items())


def _key(values: Sequence[Any]) -> str:
    return "/".join(str(value) for value in values)


def _shown(value: Any) -> str:
    text = "NULL" if value is None else repr(value)
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}…"
