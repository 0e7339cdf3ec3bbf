"""Pieces of the page: numbers that say where they come from, tables and bar charts."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

_LABEL_WIDTH, _BAR_WIDTH, _VALUE_WIDTH = 210, 330, 100
_ROW_HEIGHT, _BAR_HEIGHT = 26, 14
_LEAST_BAR = 1.5
_LONGEST_LABEL = 30


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


def cell(value: Cell) -> str:
    """A piece of text, or a number with where it comes from."""
    if isinstance(value, Number):
        place = f'data-source="{escape(value.source)}" data-value="{value.value}"'
        return f'<span class="number" {place}>{escape(value.shown)}</span>'
    return escape(value)


def table(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """A table; numbers stand right."""
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "".join("<tr>" + "".join(_table_cell(value) for value in row) + "</tr>" for row in rows)
    inside = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll">{inside}</div>'


def bars(title: str, rows: Sequence[tuple[str, Number]], whole: float = 0) -> str:
    """A horizontal bar chart as inline SVG: a label, a bar and its figure in each row.

    Args:
        title: what the figures are.
        rows: label and figure of each bar.
        whole: the figure of a full bar, drawn behind each; 0 makes the largest figure's bar full.
    """
    if not rows:
        return paragraph(f"{title}: nothing to show.")
    height = _ROW_HEIGHT * len(rows)
    width = _LABEL_WIDTH + _BAR_WIDTH + _VALUE_WIDTH
    full = whole or max(number.value for _, number in rows) or 1
    drawn = "".join(
        _track(index, is_drawn=bool(whole))
        + _bar(index, label, number, share=number.value / full, has_track=bool(whole))
        for index, (label, number) in enumerate(rows)
    )
    box = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    box += f' data-full="{full}"'
    svg = f'<svg class="chart" role="img" aria-label="{escape(title)}" {box}>{drawn}</svg>'
    return f"<figure><figcaption>{escape(title)}</figcaption>{svg}</figure>"


def paragraph(text: str) -> str:
    """A paragraph of plain text."""
    return f"<p>{escape(text)}</p>"


def section(title: str, *parts: str) -> str:
    """A part of the page under a heading."""
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def _table_cell(value: Cell) -> str:
    side = ' class="right"' if isinstance(value, Number) else ""
    return f"<td{side}>{cell(value)}</td>"


def _track(index: int, *, is_drawn: bool) -> str:
    if not is_drawn:
        return ""
    y = index * _ROW_HEIGHT + (_ROW_HEIGHT - _BAR_HEIGHT) / 2
    return (
        f'<rect class="track" x="{_LABEL_WIDTH}" y="{y}" width="{_BAR_WIDTH}" '
        f'height="{_BAR_HEIGHT}" rx="3"/>'
    )


def _bar(index: int, label: str, number: Number, *, share: float, has_track: bool) -> str:
    top = index * _ROW_HEIGHT
    middle = top + _ROW_HEIGHT / 2
    length = max(_LEAST_BAR, share * _BAR_WIDTH) if number.value else 0
    end = _BAR_WIDTH if has_track else length
    name = label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…"
    y = top + (_ROW_HEIGHT - _BAR_HEIGHT) / 2
    place = f'data-source="{escape(number.source)}" data-value="{number.value}"'
    return (
        f"<g><title>{escape(f'{label}: {number.shown}')}</title>"
        f'<text class="label" x="{_LABEL_WIDTH - 8}" y="{middle}">{escape(name)}</text>'
        f'<rect class="bar" x="{_LABEL_WIDTH}" y="{y}" width="{length:.1f}" '
        f'height="{_BAR_HEIGHT}" rx="3"/>'
        f'<text class="value" x="{_LABEL_WIDTH + end + 6:.1f}" y="{middle}" {place}>'
        f"{escape(number.shown)}</text></g>"
    )
