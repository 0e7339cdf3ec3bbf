"""Which tests share a process when they run in several, and the browser they share."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

# One local cloud, and one Spark session, for all tests of these.
_LONG = ("tests/e2e/", "tests/glue_jobs/")


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    from tests.snowflake.dashboard.browsing import chromium_without_screen

    with chromium_without_screen() as found:
        yield found


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """The long groups begin, so that the short ones fill what is left."""
    yield
    items.sort(key=lambda item: _turn_of(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: "Producer") -> "LoadScopeScheduling":
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):  # type: ignore[misc]
        """The tests with the local cloud share a process, those with Spark do, those of a file."""

        def _split_scope(self, nodeid: str) -> str:
            return [*_LONG, nodeid.partition("::")[0]][_turn_of(nodeid)]

    return ByGroup(config, log)


def _turn_of(nodeid: str) -> int:
    return next((n for n, folder in enumerate(_LONG) if nodeid.startswith(folder)), len(_LONG))
