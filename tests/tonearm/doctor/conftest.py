"""A healthy stack: scripted executions, AWS in memory, a scripted Spotify."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.lambdas.scripted_spotify import ScriptedSpotify, serving
from tests.tonearm.doctor.healthy import Healthy


@pytest.fixture
def spotify() -> Iterator[ScriptedSpotify]:
    with serving() as server:
        yield server


@pytest.fixture
def healthy(spotify: ScriptedSpotify, monkeypatch: pytest.MonkeyPatch) -> Iterator[Healthy]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        yield Healthy(spotify)
