"""A healthy stack: scripted executions, AWS in memory, a scripted Spotify."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.lambdas.local_aws import use_test_keys
from tests.lambdas.scripted_spotify import ScriptedSpotify, serving
from tests.tonearm.doctor.healthy import Healthy


@pytest.fixture
def spotify() -> Iterator[ScriptedSpotify]:
    with serving() as server:
        yield server


@pytest.fixture
def healthy(spotify: ScriptedSpotify, monkeypatch: pytest.MonkeyPatch) -> Iterator[Healthy]:
    use_test_keys(monkeypatch)
    with mock_aws():
        yield Healthy(spotify)
