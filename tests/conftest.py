"""Which tests share a process when they run in several, and the browser they share."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    from tests.snowflake.dashboard.browsing import chromium_without_screen

    with chromium_without_screen() as found:
        yield found


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group_of(item)))


def _group_of(item: pytest.Item) -> str:
    """Those with Spark together, else those of a file."""
    return "spark" if item.get_closest_marker("spark") else str(item.path)
