"""The two sides, booted once; each test gets them wired and without drift."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.tonearm.warehouse.wiring.local_sides import LocalSides


@pytest.fixture(scope="session")
def local_sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSides]:
    sides = LocalSides.start(tmp_path_factory.mktemp("sides"))
    try:
        yield sides
    finally:
        sides.stop()


@pytest.fixture
def wired(local_sides: LocalSides) -> LocalSides:
    """Both sides as a deploy leaves them, whatever the test before did to them."""
    if local_sides.status().findings:
        outcome = local_sides.deploy()
        assert outcome.findings == [], outcome.text
    return local_sides


@pytest.fixture
def apart(local_sides: LocalSides, tmp_path: Path) -> Iterator[LocalSides]:
    """A stack and an account of the test's own, not wired yet."""
    sides = local_sides.apart(tmp_path, f"apart-{uuid4().hex[:8]}")
    yield sides
    sides.stop()
