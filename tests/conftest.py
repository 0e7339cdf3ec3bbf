"""Which tests share a process when they run in several, and what they share in it."""

import functools
import gc
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

# One local cloud, one Spark session, and one pair of wired sides for all tests of these.
_LONG = ("tests/e2e/", "tests/glue_jobs/", "tests/tonearm/warehouse/wiring/")
# How many objects come to be before the garbage collector looks at the new, the young and the old.
_GARBAGE_THRESHOLDS = (100_000, 50, 100)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Some million objects that stay anyway: looking through them took a third of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE_THRESHOLDS)


@pytest.fixture(scope="session", autouse=True)
def service_models_read_once() -> Iterator[None]:
    """boto3's sessions, of which moto makes one a test, share what they read from botocore's files.

    A session shares it between its own clients anyway.
    """
    import botocore.session

    with pytest.MonkeyPatch.context() as patch:
        shared = functools.cache(botocore.session.create_loader)
        patch.setattr(botocore.session, "create_loader", shared)
        yield


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
        """The tests of a long group share a process, and of the others those of a file."""

        def _split_scope(self, nodeid: str) -> str:
            return [*_LONG, nodeid.partition("::")[0]][_turn_of(nodeid)]

    return ByGroup(config, log)


def _turn_of(nodeid: str) -> int:
    return next((n for n, folder in enumerate(_LONG) if nodeid.startswith(folder)), len(_LONG))
