"""What a handler gives back: a small table, rendered as SQL so the engine describes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tonearm.local.snowflake_server.engine.names import literal, quoted

type Value = str | int | float | bool | datetime | None


@dataclass(frozen=True)
class Answer:
    """Columns (name to engine type) and rows of a result."""

    columns: dict[str, str]
    rows: Sequence[Sequence[Value]]

    @property
    def sql(self) -> str:
        """A query that returns exactly this table."""
        selects = [self._select(row) for row in self.rows] or [self._empty()]
        return " UNION ALL ".join(selects)

    def _select(self, row: Sequence[Value]) -> str:
        cells = zip(self.columns.items(), row, strict=True)
        return "SELECT " + ", ".join(
            f"CAST({_rendered(value)} AS {kind}) AS {quoted(name)}" for (name, kind), value in cells
        )

    def _empty(self) -> str:
        return self._select([None] * len(self.columns)) + " WHERE 1 = 0"


def done(message: str = "Statement executed successfully.") -> Answer:
    """The one-line answer of a statement that changed something."""
    return Answer({"status": "VARCHAR"}, [(message,)])


def texts(columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> Answer:
    """A table of text columns."""
    return Answer(dict.fromkeys(columns, "VARCHAR"), rows)


def columns(text: str) -> dict[str, str]:
    """Columns from "name, name type, ..."; one that names no type is text."""
    pairs = (part.split() for part in text.split(","))
    return {name: (kind[0] if kind else "varchar").upper() for name, *kind in pairs}


def _rendered(value: Value) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).upper()
        case int() | float():
            return str(value)
        case datetime():
            return literal(value.isoformat())
        case _:
            return literal(value)
