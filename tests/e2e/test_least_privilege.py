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
_NOT_FOUND = "without it S3 answers 403 for a missing object, not 404"
_GOES = "when the stack goes, its code leaves the bucket; that stack stays up here"
REASONS: Final[Mapping[tuple[str, str], str]] = {
    ("ConfirmLoadFunction", "s3:ListBucket"): _NOT_FOUND,
    ("ExtractSpotifyFunction", "s3:ListBucket"): _NOT_FOUND,
    ("PlanRunFunction", "s3:ListBucket"): _NOT_FOUND,
    ("ExtractSpotifyFunction", "secretsmanager:PutSecretValue"): (
        "keeps a new refresh token when Spotify gives one"
    ),
    ("PublishRunFunction", "glue:UpdateTable"): "a new column contract changes the table",
    ("GlueAssetsFunction", "s3:ListBucketVersions"): _GOES,
    ("GlueAssetsFunction", "s3:DeleteObjectVersion"): _GOES,
}


def test_every_role_allows_what_is_asked_for(cloud: Cloud) -> None:
    found = privileges(cloud)

    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(as_text(found, REASONS))
    assert len(found.granted) == 6
    assert all(names <= MANAGED for names in found.managed.values())
    assert not found.denied


def test_no_role_allows_what_is_never_used(cloud: Cloud, request: pytest.FixtureRequest) -> None:
    here = Path(__file__).parent
    collected = {item.path for item in request.session.items}
    if not set(here.glob("test_*.py")) <= collected:
        pytest.skip("needs the calls of all end-to-end tests: `make least-privilege`")

    assert privileges(cloud).unused() == set(REASONS)
