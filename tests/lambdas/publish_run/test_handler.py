from collections.abc import Iterator

import boto3
import pytest

from publish_run import handler
from publish_run.settings import Settings
from tests.lambdas.lambda_context import FakeContext
from tests.lambdas.local_aws import BUCKET, TABLE
from tests.lambdas.publish_run.staged_run import RUN_ID, StagedRun
from tonearm_pipeline.errors import BadEventError, SettingsError
from tonearm_pipeline.json_store import JsonStore

NAMES = ("BUCKET", "STATE_TABLE", "GLUE_DATABASE", "QUARANTINE_MAX_SHARE", "QUARANTINE_MAX_ROWS")


@pytest.fixture(autouse=True)
def fresh_parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    handler._deps.cache_clear()
    yield
    handler._deps.cache_clear()


def test_a_run_is_published_with_what_the_environment_says(
    store: JsonStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUCKET", BUCKET)
    monkeypatch.setenv("STATE_TABLE", TABLE)
    monkeypatch.setenv("GLUE_DATABASE", "music")
    boto3.client("glue").create_database(DatabaseInput={"Name": "music"})
    run = StagedRun.small()
    run.write(store)

    answer = handler.lambda_handler(run.event(), FakeContext())

    assert answer["published_key"] == f"runs/{RUN_ID}/manifest.json"


def test_all_missing_settings_are_named_at_once(aws: None) -> None:
    with pytest.raises(SettingsError, match=r"BUCKET.*STATE_TABLE.*GLUE_DATABASE"):
        handler.lambda_handler(StagedRun.small().event(), FakeContext())


@pytest.mark.parametrize("field", ["run_id", "snapshot_date", "attempt", "manifest_key"])
def test_a_missing_field_is_named(field: str) -> None:
    event = StagedRun.small().event()
    del event[field]

    with pytest.raises(BadEventError, match=field):
        handler.lambda_handler(event, FakeContext())


def test_limits_that_are_no_numbers_are_named() -> None:
    environ = {"BUCKET": "b-1", "STATE_TABLE": "t", "GLUE_DATABASE": "d"}

    with pytest.raises(SettingsError, match=r"QUARANTINE_MAX_SHARE.*QUARANTINE_MAX_ROWS"):
        Settings.from_env({**environ, "QUARANTINE_MAX_SHARE": "x", "QUARANTINE_MAX_ROWS": "-1"})
