"""The page in Debian's chromium: every chart is drawn, in light and in dark, with right figures."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.tonearm.report.looking import (
    Scheme,
    brightness,
    charts_of,
    drawn_share,
    empty_charts,
    picture_of,
    window_on,
)
from tonearm.report.documents import RunDocuments
from tonearm.report.page import write_page

pytestmark = pytest.mark.browser

TITLES = [
    "Seconds of each state, all its visits together",
    "Rows published",
    "By endpoint",
    "Sources",
    "songs: rows in which the field is present",
    "US dollars by service",
]
SCHEMES: list[Scheme] = ["light", "dark"]
# Ways in which a chart may come out empty; each is done to the chart `it`.
EMPTYINGS = {
    "no rows": "it.replaceChildren()",
    "no bars": "it.querySelectorAll('.bar').forEach(bar => bar.remove())",
    "no width": "it.querySelectorAll('.bar').forEach(bar => bar.setAttribute('width', 0))",
    "hidden": "it.style.visibility = 'hidden'",
    "colour of the ground": "it.querySelectorAll('.bar').forEach(bar => bar.style.fill ="
    " getComputedStyle(document.body).backgroundColor)",
    "zeros alone": "it.querySelectorAll('.value').forEach(value => value.dataset.value = 0)",
}
LIGHT, DARK = 200, 60
LEAST_DRAWN = 0.02


@pytest.fixture
def path(run: RunDocuments, tmp_path: Path) -> Path:
    return write_page(run, tmp_path / "run.html")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_chart_is_drawn(browser: Browser, path: Path, scheme: Scheme) -> None:
    with window_on(browser, path, scheme) as page:
        assert list(charts_of(page)) == TITLES
        assert empty_charts(page) == []


@pytest.mark.parametrize("how", EMPTYINGS)
@pytest.mark.parametrize("number", range(len(TITLES)), ids=TITLES)
def test_an_empty_chart_is_noticed(browser: Browser, path: Path, number: int, how: str) -> None:
    with window_on(browser, path, "dark") as page:
        chart = f"document.querySelectorAll('svg.chart')[{number}]"
        page.evaluate(f"() => {{ const it = {chart}; {EMPTYINGS[how]} }}")

        assert empty_charts(page) == [TITLES[number]]


def test_light_is_light_and_dark_is_dark_and_neither_is_blank(browser: Browser, path: Path) -> None:
    shots = {}
    for scheme in SCHEMES:
        with window_on(browser, path, scheme) as page:
            shots[scheme] = picture_of(page)
            shots[scheme].save(path.with_name(f"{scheme}.png"))

    assert brightness(shots["light"]) > LIGHT
    assert brightness(shots["dark"]) < DARK
    assert all(drawn_share(shot) > LEAST_DRAWN for shot in shots.values())


def test_the_numbers_a_reader_sees_are_the_ledgers(
    browser: Browser, path: Path, run: RunDocuments
) -> None:
    assert run.ledger is not None
    with window_on(browser, path, "light") as page:
        for name, line in run.ledger["entities"].items():
            for step in ("read", "accepted", "quarantined", "curated", "warehouse"):
                shown = page.locator(f'td [data-source="ledger.entities.{name}.{step}"]')
                assert shown.inner_text() == f"{line[step]:,}"
                assert shown.is_visible()
        published = charts_of(page)["Rows published"]

    rows = [line["curated"] for line in run.ledger["entities"].values()]
    assert [mark.value for mark in published] == rows
    lengths = [mark.width for mark in published]
    assert lengths == pytest.approx([max(lengths) * count / max(rows) for count in rows], abs=2)


def test_a_narrow_window_scrolls_tables_and_not_the_page(browser: Browser, path: Path) -> None:
    with window_on(browser, path, "light") as page:
        page.set_viewport_size({"width": 390, "height": 800})

        assert page.evaluate("document.documentElement.scrollWidth") <= 390
