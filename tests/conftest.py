"""Which tests share a process when they run in several, and the browser they share."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_LONG = ("e2e", "spark")


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    from tests.snowflake.dashboard.browsing import chromium_without_screen

    with chromium_without_screen() as found:
        yield found


@pytest.hookimpl(wrapper=True, tryfirst=True)  # groups before xdist reads them, order at the end
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group_of(item)))
    yield
    items.sort(key=_turn_of)


def _group_of(item: pytest.Item) -> str:
    """Those with the local cloud share a process, those with Spark do, and those of a file."""
    return _long_group_of(item) or str(item.path)


def _turn_of(item: pytest.Item) -> int:
    """The long groups begin, so that the short ones fill what is left."""
    return _LONG.index(name) if (name := _long_group_of(item)) else len(_LONG)


def _long_group_of(item: pytest.Item) -> str | None:
    return next((name for name in _LONG if item.get_closest_marker(name)), None)
