"""An AWS in memory, a clock that a test moves, and a scripted Spotify."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from tests.lambdas.extraction import Extraction
from tests.lambdas.local_aws import BUCKET, TABLE, FakeClock, make_stores, put_secret, use_test_keys
from tests.lambdas.scripted_spotify import ScriptedSpotify, serving
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.state.table import StateTable


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty bucket, an empty table and a Spotify secret."""
    use_test_keys(monkeypatch)
    with mock_aws():
        make_stores()
        put_secret({"client_id": "app", "client_secret": "hush", "refresh_token": "refresh-1"})
        yield


@pytest.fixture
def store(aws: None) -> JsonStore:
    return JsonStore(boto3.client("s3"), BUCKET)


@pytest.fixture
def table(aws: None) -> StateTable:
    return StateTable(boto3.client("dynamodb"), TABLE)


@pytest.fixture
def spotify() -> Iterator[ScriptedSpotify]:
    with serving() as server:
        yield server


@pytest.fixture
def extraction(
    store: JsonStore, table: StateTable, spotify: ScriptedSpotify, clock: FakeClock
) -> Extraction:
    return Extraction(store, table, spotify, clock)
