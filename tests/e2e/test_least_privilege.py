"""Every call is allowed by its role, every allowed action is used; runs after all the others."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.local_cloud import ROOT, Cloud
from tests.e2e.privileges import MANAGED, as_text, privileges

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

REPORT: Final = ROOT / ".tonearm" / "least-privilege.txt"
# What these runs never come to, and why the role has it all the same.
REASONS: Final[Mapping[tuple[str, str], str]] = {}


def test_every_role_allows_what_is_asked_for_and_nothing_else(
    cloud: Cloud, request: pytest.FixtureRequest
) -> None:
    here = Path(__file__).parent
    collected = {item.path for item in request.session.items}
    if not set(here.glob("test_*.py")) <= collected:
        pytest.skip("needs the calls of all end-to-end tests: `make least-privilege`")

    found = privileges(cloud)

    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(as_text(found, REASONS))
    assert len(found.granted) == 6
    assert all(names <= MANAGED for names in found.managed.values())
    assert not found.denied
    assert found.unused() == set(REASONS)
