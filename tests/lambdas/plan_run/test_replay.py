"""A replay gets an attempt of its own, and the same execution always the same one."""

from typing import Any

import pytest

from tests.lambdas.plan_run.test_plan import ARN, environment, plan  # noqa: F401 - a fixture
from tonearm_pipeline.errors import BadEventError
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.keys import published_manifest_key, raw_manifest_key, replay_key

RUN_ID = "20261120T090000Z-abc123"


@pytest.fixture
def past_run(store: JsonStore) -> JsonStore:
    store.put(raw_manifest_key(RUN_ID), {"run_id": RUN_ID, "snapshot_date": "2026-11-20"})
    return store


def replay(**fields: Any) -> dict[str, Any]:
    return plan({"replay": {"run_id": RUN_ID, **fields}})


def test_a_replay_begins_at_the_transformation_of_the_old_raw_data(past_run: JsonStore) -> None:
    assert replay() == {
        "run_id": RUN_ID,
        "snapshot_date": "2026-11-20",
        "attempt": 2,
        "plan_key": replay_key(RUN_ID, 2),
        "start_at": "Transform",
        "publish": False,
    }


def test_each_execution_has_an_attempt_and_keeps_it(past_run: JsonStore) -> None:
    other = {"input": {"replay": {"run_id": RUN_ID}}, "execution_id": f"{ARN}2"}

    attempts = [replay()["attempt"], plan(**other)["attempt"], replay()["attempt"]]

    assert attempts == [2, 3, 2]


def test_an_attempt_follows_the_published_one(past_run: JsonStore) -> None:
    past_run.put(published_manifest_key(RUN_ID), {"attempt": 4})

    assert replay()["attempt"] == 5


def test_a_named_attempt_is_only_published(past_run: JsonStore) -> None:
    answer = replay(attempt=3, publish=True)

    assert (answer["attempt"], answer["start_at"], answer["publish"]) == (3, "PublishRun", True)
    assert past_run.get(replay_key(RUN_ID, 3)) is None


def test_an_ordinary_run_extracts_and_publishes(store: JsonStore) -> None:
    answer = plan()

    assert (answer["start_at"], answer["publish"]) == ("ExtractSpotify", True)


@pytest.mark.parametrize(
    ("user_input", "message"),
    [
        pytest.param({"replay": RUN_ID}, "object", id="no object"),
        pytest.param({"replay": {}}, "run_id", id="no run"),
        pytest.param({"replay": {"run_id": "../x"}}, "no name of a run", id="no run's name"),
        pytest.param({"replay": {"run_id": RUN_ID, "attempt": 0}}, "attempt", id="attempt 0"),
        pytest.param({"replay": {"run_id": RUN_ID, "publish": "x"}}, "publish", id="no flag"),
        pytest.param({"replay": {"run_id": RUN_ID, "attempt": 2}}, "only be published", id="odd"),
        pytest.param({"replay": {"run_id": RUN_ID, "force": 1}}, "unknown force", id="unknown"),
        pytest.param({"replay": {"run_id": RUN_ID}, "sources": []}, "only field", id="mixed"),
        pytest.param({"replay": {"run_id": RUN_ID}}, "raw data has expired", id="no raw data"),
    ],
)
def test_a_bad_replay_is_named(store: JsonStore, user_input: Any, message: str) -> None:
    with pytest.raises(BadEventError, match=message):
        plan(user_input)
