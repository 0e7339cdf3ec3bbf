"""The page of a run: each figure is its document's, and nothing comes from elsewhere."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tonearm.errors import OperatorError
from tonearm.report.documents import RunDocuments, gather
from tonearm.report.page import page_of, write_page

CHARTS = 6


class Figures(HTMLParser):
    """The figures of a page by their source, and the page's tags with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, set[str]] = {}
        self.texts: dict[str, set[str]] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._source = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        self._source = found.get("data-source") or ""
        if self._source:
            self.values.setdefault(self._source, set()).add(str(found["data-value"]))

    def handle_data(self, data: str) -> None:
        if self._source:
            self.texts.setdefault(self._source, set()).add(data)
        self._source = ""


def numbers(node: Any, path: str) -> Iterator[tuple[str, float]]:
    """Every number of a document with its path."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from numbers(value, f"{path}.{name}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from numbers(value, f"{path}.{index}")
    elif isinstance(node, int | float) and not isinstance(node, bool):
        yield path, node


def document_of(run: RunDocuments, name: str) -> Any:
    return {
        "ledger": run.ledger,
        "receipt": run.receipt,
        "load": run.load,
        "manifest": run.published,
        "plan": run.plan,
    }[name]


def test_every_number_of_the_ledger_is_on_the_page_and_the_same(run: RunDocuments) -> None:
    figures = Figures(page_of(run))

    assert run.ledger is not None
    wanted = dict(numbers(run.ledger["entities"], "ledger.entities"))
    wanted |= dict(numbers(run.ledger["playlists"], "ledger.playlists"))
    assert len(wanted) == 5 * 8 + 2 * 6
    for source, value in wanted.items():
        assert figures.values[source] == {str(value)}, source
        assert figures.texts[source] == {f"{value:,}"}, source


def test_every_figure_of_the_page_is_its_documents(run: RunDocuments) -> None:
    figures = Figures(page_of(run))

    known = {
        source: value
        for name in ("ledger", "receipt", "load", "manifest", "plan")
        for source, value in numbers(document_of(run, name), name)
    }
    assert set(figures.values) <= set(known)
    for source, values in figures.values.items():
        assert values == {str(known[source])}, source
    assert {source.split(".")[0] for source in figures.values} == {
        "ledger",
        "receipt",
        "load",
        "manifest",
        "plan",
    }


def test_the_figures_follow_the_ledger(run: RunDocuments) -> None:
    assert run.ledger is not None
    run.ledger["entities"]["songs"]["warehouse"] = 12_345

    figures = Figures(page_of(run))

    assert figures.texts["ledger.entities.songs.warehouse"] == {"12,345"}


def test_each_chart_has_bars_that_grow_with_their_figures(run: RunDocuments) -> None:
    page = page_of(run)

    charts = re.findall(r'<svg class="chart".*?</svg>', page)
    assert len(charts) == CHARTS
    for chart in charts:
        widths = [float(width) for width in re.findall(r'<rect class="bar".*?width="(.*?)"', chart)]
        values = [float(value) for value in re.findall(r'data-value="(.*?)"', chart)]
        (full,) = map(float, re.findall(r'data-full="(.*?)"', chart))
        wanted = [330 * value / full for value in values]
        assert widths == pytest.approx(wanted, abs=2)
        assert [width > 0 for width in widths] == [value > 0 for value in values]


def test_nothing_comes_from_elsewhere_and_dark_is_known(run: RunDocuments) -> None:
    page = page_of(run)

    tags = Figures(page).tags
    assert not [tag for tag, _ in tags if tag in {"script", "link", "img", "iframe"}]
    assert not [a for _, attrs in tags for a in attrs if a in {"src", "href", "onload"}]
    assert "http" not in page.replace("http-equiv", "")
    assert "prefers-color-scheme: dark" in page


def test_a_failed_run_says_why_and_what_next_and_text_is_escaped(run: RunDocuments) -> None:
    failure = {
        "error": "AuditError",
        "state": "PublishRun",
        "cause": "rows <script>alert(1)</script>",
        "why": "It differs.",
        "next_command": "sam deploy",
    }
    failed = replace(run, failure=failure, published=None, load=None, ledger=None, receipt=None)

    page = page_of(failed)

    assert "AuditError in PublishRun" in page
    assert "Next: sam deploy" in page
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "The run ended before this was known." in page


def test_an_unmeasured_run_says_so(run: RunDocuments) -> None:
    assert run.receipt is not None
    unmeasured = replace(run, receipt=run.receipt | {"cost": None, "usage": None})

    assert "It was not measured" in page_of(unmeasured)


def test_a_run_without_documents_is_an_error_and_a_page_is_written(
    run: RunDocuments, tmp_path: Path
) -> None:
    with pytest.raises(OperatorError, match="left no document"):
        gather(lambda _: None, "r1")

    path = write_page(run, tmp_path / "pages" / "r.html")

    assert path.read_text() == page_of(run)
