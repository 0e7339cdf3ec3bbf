"""The dashboard in Debian's chromium, without a screen."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from dashboard_pages import PAGES

PAGE_SECONDS = 60  # far more than it takes, for a machine that is busy
RERUN_ENDED = "document.querySelector('[data-testid=stApp]').dataset.testScriptState"
CELLS = """tables => tables.map(table => [...table.querySelectorAll("tr")].map(
    row => [...row.children].map(cell => cell.innerText.trim())))"""
LOOKS_APART_MS = 300
SAME_AS_BEFORE = """() => {
    const before = window.wordsBefore;
    window.wordsBefore = document.querySelector("[data-testid=stMain]").innerText;
    return before === window.wordsBefore;
}"""
WIDTH, HEIGHT = 1280, 1400
type TableRow = dict[str, str]


def chromium() -> str:
    """The browser; the test is skipped when there is none, unless tools are required."""
    found = shutil.which("chromium")
    if found is None:
        if os.environ.get("TONEARM_REQUIRE_TOOLS"):
            pytest.fail("chromium is not installed (Debian: apt-get install chromium)")
        pytest.skip("chromium is not installed (Debian: apt-get install chromium)")
    return found


class Dashboard:
    """One open window on the dashboard."""

    def __init__(self, page: Page, url: str, shots: Path) -> None:
        self.page = page
        self.url = url
        self.shots = shots

    def open(self) -> float:
        """Load the first page; the seconds until its last number stood there."""
        began = time.monotonic()
        self.page.goto(self.url)
        self._wait_for(next(iter(PAGES)))
        seconds = time.monotonic() - began
        self._settle()
        return seconds

    def choose(self, name: str) -> None:
        """Go to a page, wait until it is drawn, keep a picture of it."""
        self.page.get_by_role("radiogroup").get_by_text(name, exact=True).click()
        self._wait_for(name)
        self._settle()
        assert self.page.get_by_test_id("stException").count() == 0, self.text()
        path = self.shots / f"{name.replace(' ', '-')}.png"
        self.page.screenshot(path=path, full_page=True, animations="disabled")

    def _wait_for(self, name: str) -> None:
        self.page.get_by_role("heading", name=name, exact=True).wait_for()
        self.page.wait_for_function(f"{RERUN_ENDED} === 'notRunning'")

    def _settle(self) -> None:
        """Wait until two looks see the same words: cells are filled after the script has ended."""
        self.page.wait_for_function(SAME_AS_BEFORE, polling=LOOKS_APART_MS)

    def text(self) -> str:
        """All words of the page."""
        return self.page.get_by_test_id("stMain").inner_text()

    def metrics(self) -> dict[str, str]:
        """The large numbers by their labels."""
        labels = self.page.get_by_test_id("stMetricLabel").all_inner_texts()
        values = self.page.get_by_test_id("stMetricValue").all_inner_texts()
        pairs = zip(labels, values, strict=True)
        return {label.strip(): value.strip() for label, value in pairs}

    def tables(self) -> list[list[TableRow]]:
        """Every table's rows, cells by the headings."""
        found = self.page.get_by_test_id("stTable").evaluate_all(CELLS)
        return [[dict(zip(header, row, strict=True)) for row in rows] for header, *rows in found]

    def links(self) -> list[str]:
        """Where the page's links lead."""
        found = self.page.get_by_test_id("stMain").get_by_role("link").all()
        return [link.get_attribute("href") or "" for link in found]


@contextmanager
def chromium_without_screen() -> Iterator[Browser]:
    """The browser; one for all tests of a process, as the library asks."""
    executable = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()


def window_on(browser: Browser, url: str, shots: Path) -> Dashboard:
    """A new window, and the folder its pictures go to."""
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    page.set_default_timeout(PAGE_SECONDS * 1000)
    return Dashboard(page, url, shots)
