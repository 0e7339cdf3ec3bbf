"""One local cloud for all end-to-end tests: booted once, its runs made in a fixed order."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.bed import SwitchedStack
from tests.e2e.local_cloud import FIRST_DAY, RECORDED, SECOND_DAY, Cloud
from tonearm.local.days import Day, DayResult
from tonearm.local.stack import Ports, Spotify


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    ports = Ports.choose()
    stack = SwitchedStack(
        tmp_path_factory.mktemp("local-cloud"),
        ports,
        Spotify.fake(ports.spotify_url, ()),
    )
    try:
        stack.start(lambda _: None)
        yield Cloud(stack)
    finally:
        stack.stop()


@pytest.fixture(scope="session")
def sample_runs(cloud: Cloud) -> list[DayResult]:
    """Two days of the built-in catalogue."""
    return [cloud.run(Day(FIRST_DAY)), cloud.run(Day(SECOND_DAY))]


@pytest.fixture(scope="session")
def recorded() -> Path:
    if not RECORDED.is_dir():
        pytest.skip(f"the recorded responses are not at {RECORDED}; set TONEARM_RECORDED")
    return RECORDED


@pytest.hookimpl(trylast=True)  # after the shuffling
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What was left behind, and what the roles were used for, is judged when all runs are over."""
    last = ("test_redaction.py", "test_least_privilege.py")
    items.sort(key=lambda item: last.index(item.path.name) if item.path.name in last else -1)
