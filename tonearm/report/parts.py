"""What the page is made of: numbers that say where they come from, tables and bar charts."""

from collections.abc import Sequence
from typing import NamedTuple


class Number(NamedTuple):
    """A figure of a document.

    Attributes:
        source: its document and path there, such as `ledger.entities.songs.read`.
        value: as the document has it.
        text: as the page shows it; empty for the value itself.
    """

    source: str
    value: float
    text: str = ""

    @property
    def shown(self) -> str:
        """The figure as a reader sees it."""
        return self.text or f"{self.value:,}"


type Cell = str | Number


class Table(NamedTuple):
    """A table; numbers stand right."""

    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]


class Bars(NamedTuple):
    """A horizontal bar chart: a label, a bar and its figure in each row.

    Attributes:
        title: what the figures are.
        rows: label and figure of each bar.
        whole: the figure of a full bar, drawn behind each; 0 makes the largest figure's bar full.
    """

    title: str
    rows: Sequence[tuple[str, Number]]
    whole: float = 0

    @property
    def full(self) -> float:
        """The figure of a bar of full length."""
        return self.whole or max(number.value for _, number in self.rows) or 1


type Part = str | Table | Bars


class Section(NamedTuple):
    """A part of the page under a heading; a text is a paragraph."""

    title: str
    parts: Sequence[Part]
