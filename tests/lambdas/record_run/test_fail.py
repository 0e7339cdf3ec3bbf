import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
import pytest

from record_run.events import FailureRequest
from record_run.fail import Failing
from record_run.notify import Topic
from record_run.usage import RunMeter
from tests.lambdas.local_aws import FakeClock
from tests.lambdas.record_run.conftest import EXECUTION, failure_event
from tests.lambdas.tonearm_pipeline.finished_run import RUN_ID
from tonearm_pipeline.errors import BadEventError
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.keys import plan_key, run_id_of
from tonearm_pipeline.state.unfinished import UnfinishedRuns

FAILURE_KEY = f"runs/{RUN_ID}/failure.json"


def fail(failing: Failing, **overrides: Any) -> dict[str, str]:
    return failing.run(FailureRequest.from_event(failure_event(**overrides)))


def test_a_failure_is_written_down_and_told(
    failing: Failing, store: JsonStore, heard: Callable[[], list[dict[str, Any]]]
) -> None:
    answer = fail(failing)

    document = store.get(FAILURE_KEY)
    assert document is not None
    assert (document["state"], document["error"], document["cause"]) == (
        "PublishRun",
        "AuditError",
        "it differs",
    )
    assert document["failed_at"] == "2026-11-22T09:00:00.000000Z"
    assert answer["error"] == "AuditError"
    assert answer["cause"].startswith("PublishRun: it differs")
    (note,) = heard()
    assert note["Subject"] == f"Tonearm run {RUN_ID}: failed"
    assert note["MessageAttributes"]["outcome"]["Value"] == "failed"
    assert document["next_command"] in note["Message"]


def test_a_run_that_was_never_named_gets_the_name_it_would_have_had(
    failing: Failing, store: JsonStore
) -> None:
    fail(failing, run_id="", state="PlanRun", error={"Error": "BadSourceError", "Cause": "none"})

    run_id = run_id_of(EXECUTION, "2026-11-22T08:53:00Z")
    document = store.get(f"runs/{run_id}/failure.json")
    assert document is not None
    assert document["run_id"] == run_id


@pytest.mark.parametrize("error", [None, {}, "boom", {"Error": None, "Cause": None}])
def test_an_error_of_any_shape_is_told(failing: Failing, store: JsonStore, error: object) -> None:
    answer = fail(failing, error=error)

    assert answer["error"] == "UnknownError"
    assert store.get(FAILURE_KEY) is not None


def test_failing_again_writes_the_same_record_anew(
    failing: Failing, store: JsonStore, clock: FakeClock
) -> None:
    first = fail(failing)
    clock.move(minutes=1)

    assert fail(failing) == first
    document = store.get(FAILURE_KEY)
    assert document is not None
    assert document["failed_at"] == "2026-11-22T09:01:00.000000Z"


def test_what_a_failed_run_cost_is_told_with_it(
    failing: Failing, capsys: pytest.CaptureFixture[str]
) -> None:
    fail(failing)

    cost = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert cost["CostInDollars"][0] > 0
    assert cost["run_id"] == RUN_ID


def test_a_cost_that_cannot_be_measured_does_not_hide_the_error(
    failing: Failing, store: JsonStore, capsys: pytest.CaptureFixture[str]
) -> None:
    unknown = RunMeter(boto3.client("stepfunctions"), store.s3, store.bucket)

    answer = fail(replace(failing, meter=unknown))

    assert answer["error"] == "AuditError"
    assert "CostInDollars" not in capsys.readouterr().out


def test_a_measuring_that_dies_comes_after_everything_was_told(
    failing: Failing,
    store: JsonStore,
    heard: Callable[[], list[dict[str, Any]]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Dying(RunMeter):
        def measure(self, *_: Any) -> Any:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        fail(replace(failing, meter=Dying(boto3.client("stepfunctions"), store.s3, store.bucket)))

    assert store.get(FAILURE_KEY) is not None
    assert len(heard()) == 1
    assert '"RunsFailed"' in capsys.readouterr().out


def test_a_note_that_cannot_be_sent_does_not_hide_the_first_error(
    failing: Failing, store: JsonStore
) -> None:
    nowhere = Topic(boto3.client("sns"), "arn:aws:sns:eu-central-1:123456789012:nowhere")

    answer = fail(replace(failing, topic=nowhere))

    assert answer["error"] == "AuditError"
    assert store.get(FAILURE_KEY) is not None


def test_the_failure_is_counted(failing: Failing, capsys: pytest.CaptureFixture[str]) -> None:
    fail(failing)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert [line["RunsFailed"] for line in lines if "RunsFailed" in line] == [[1.0]]
    assert (lines[0]["state"], lines[0]["error"]) == ("PublishRun", "AuditError")


def test_an_execution_nobody_names_is_a_bad_event() -> None:
    event = failure_event()
    del event["execution_id"]

    with pytest.raises(BadEventError, match="execution_id"):
        FailureRequest.from_event(event)


PLAN = {
    "run_id": RUN_ID,
    "sources": ["me/playlists"],
    "force_full": False,
    "enrich": "none",
    "snapshot_date": "2026-11-22",
}


@pytest.mark.parametrize(
    ("ended_by", "goes_on"),
    [
        (("ExtractSpotify", "RunTooLongError"), RUN_ID),
        (("ExtractSpotify", "Runtime.OutOfMemory"), RUN_ID),
        # The function leaves its run itself, or there is nothing to go on with.
        (("ExtractSpotify", "NeedsLoginError"), None),
        (("ConfirmLoad", "RunTooLongError"), None),
        (("PublishRun", "Runtime.OutOfMemory"), None),
    ],
)
def test_an_extraction_that_stopped_in_its_loop_goes_on_in_the_next_execution(
    failing: Failing,
    store: JsonStore,
    unfinished: UnfinishedRuns,
    ended_by: tuple[str, str],
    goes_on: str | None,
) -> None:
    state, error = ended_by
    store.put(plan_key(RUN_ID), PLAN)

    fail(failing, state=state, error={"Error": error, "Cause": "because"})

    assert unfinished.claim(PLAN | {"run_id": "next"}, "next") == goes_on


def test_a_run_whose_plan_is_gone_is_told_all_the_same(failing: Failing, store: JsonStore) -> None:
    answer = fail(failing, state="ExtractSpotify", error={"Error": "RunTooLongError"})

    assert answer["error"] == "RunTooLongError"
    assert store.get(FAILURE_KEY) is not None
