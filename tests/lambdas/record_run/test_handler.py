from collections.abc import Iterator

import pytest

from record_run import handler
from tests.lambdas.lambda_context import FakeContext
from tests.lambdas.local_aws import BUCKET, TABLE
from tests.lambdas.record_run.conftest import failure_event, success_event
from tonearm_pipeline.errors import BadEventError, SettingsError
from tonearm_pipeline.json_store import JsonStore


@pytest.fixture(autouse=True)
def fresh_parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("BUCKET", "STATE_TABLE", "TOPIC_ARN"):
        monkeypatch.delenv(name, raising=False)
    handler._deps.cache_clear()
    yield
    handler._deps.cache_clear()


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, topic_arn: str) -> None:
    monkeypatch.setenv("BUCKET", BUCKET)
    monkeypatch.setenv("STATE_TABLE", TABLE)
    monkeypatch.setenv("TOPIC_ARN", topic_arn)


def test_a_good_run_is_recorded(environment: None, finished: JsonStore) -> None:
    answer = handler.lambda_handler(success_event(), FakeContext())

    assert answer["status"] == "succeeded"


def test_a_failed_run_is_recorded(environment: None, store: JsonStore) -> None:
    answer = handler.lambda_handler(failure_event(), FakeContext())

    assert answer["error"] == "AuditError"


@pytest.mark.parametrize("outcome", ["", None, "perhaps"])
def test_an_outcome_that_is_neither_is_a_bad_event(environment: None, outcome: object) -> None:
    with pytest.raises(BadEventError, match="'outcome'"):
        handler.lambda_handler(success_event(outcome=outcome), FakeContext())


def test_all_missing_settings_are_named_at_once(aws: None) -> None:
    with pytest.raises(SettingsError, match=r"BUCKET.*STATE_TABLE.*TOPIC_ARN"):
        handler.lambda_handler(success_event(), FakeContext())
