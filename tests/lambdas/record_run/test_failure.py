import inspect
import json
import shlex
from datetime import UTC, datetime
from typing import Any

import pytest

from record_run.failure import (
    ADVICE,
    Failure,
    compose_failure,
    fail_answer,
    failure_note,
    state_machine_arn,
)
from tonearm_pipeline import errors

EXECUTION = "arn:aws:states:eu-central-1:123456789012:execution:pipeline:daily-1"
MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:pipeline"
AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
GROUPS = {"PipelineError", "TransientError", "PermanentError", "DataError"}


def failure(error: str = "AuditError", cause: str = "it differs", state: str = "PublishRun") -> Any:
    found = Failure(
        run_id="r1",
        execution_id=EXECUTION,
        started_at="2026-11-22T09:00:00Z",
        state=state,
        error=error,
        cause=cause,
        bucket="bucket-1",
    )
    return compose_failure(found, AT)


def test_every_error_of_the_pipeline_has_its_advice() -> None:
    leaves = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, errors.PipelineError)
    } - GROUPS

    assert leaves == {name for name in ADVICE if "." not in name}


@pytest.mark.parametrize("error", ["Runtime.ExitError", "Lambda.Unknown", "Sandbox.Timedout"])
def test_a_function_that_died_or_took_too_long_is_told_as_that(error: str) -> None:
    document = failure(error)

    assert "each time it was tried" in document["why"]
    assert document["next_command"].startswith("aws stepfunctions start-execution")


def test_the_record_says_what_failed_where_why_and_what_to_run() -> None:
    document = failure("NeedsLoginError", "There is no usable Spotify token.", "ExtractSpotify")

    assert document == {
        "run_id": "r1",
        "execution_id": EXECUTION,
        "started_at": "2026-11-22T09:00:00Z",
        "failed_at": "2026-11-22T09:30:00.000000Z",
        "state": "ExtractSpotify",
        "error": "NeedsLoginError",
        "cause": "There is no usable Spotify token.",
        "why": "There is no login yet, or Spotify takes it no more (a login lasts six months).",
        "next_command": "tonearm login",
        "then": f"aws stepfunctions start-execution --state-machine-arn {MACHINE} --input "
        f'"$(aws stepfunctions describe-execution --execution-arn {EXECUTION} '
        '--query input --output text)"',
        "look_at": "",
    }


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("NeedsLoginError", "tonearm login"),
        ("WrongAppError", "tonearm login"),
        ("AwsRefusedError", "sam deploy"),
    ],
)
def test_what_a_person_must_put_right_comes_first(name: str, command: str) -> None:
    document = failure(name)

    assert document["next_command"] == command
    assert document["then"].startswith("aws stepfunctions start-execution")


@pytest.mark.parametrize("name", ["WarehouseNotWiredError", "LoadFailedError", "LoadPendingError"])
def test_trouble_with_the_warehouse_leads_to_the_deployer(name: str) -> None:
    assert failure(name)["next_command"] == "tonearm snowflake deploy"


@pytest.mark.parametrize(
    "name", ["SpotifyUnavailableError", "StorageUnavailableError", "RunInProgressError"]
)
def test_what_time_heals_is_started_again_with_the_same_input(name: str) -> None:
    document = failure(name)

    assert document["next_command"].startswith(
        f"aws stepfunctions start-execution --state-machine-arn {MACHINE}"
    )
    assert f"--execution-arn {EXECUTION} --query input" in document["next_command"]
    assert document["then"] == ""


def test_a_wrong_source_is_put_right_in_the_input() -> None:
    command = failure("BadSourceError")["next_command"]

    words = shlex.split(command)
    assert json.loads(words[words.index("--input") + 1]) == {"sources": ["PLAYLIST_URL"]}


def test_what_the_audit_refused_can_be_looked_at() -> None:
    assert failure("QuarantineLimitError")["look_at"] == (
        "aws s3 ls --recursive s3://bucket-1/staged/r1/"
    )


def test_the_message_is_taken_out_of_a_lambdas_cause() -> None:
    cause = json.dumps(
        {"errorMessage": "staged songs: rows", "errorType": "AuditError", "stackTrace": ["line 1"]}
    )

    assert failure("AuditError", cause)["cause"] == "staged songs: rows"


def test_a_glue_job_is_named_with_its_run() -> None:
    cause = json.dumps(
        {
            "JobName": "songs-job",
            "Id": "jr_1",
            "JobRunState": "FAILED",
            "ErrorMessage": "out of disk",
        }
    )

    document = failure("States.TaskFailed", cause, "Transform")

    assert document["cause"] == "songs-job: out of disk"
    assert document["look_at"] == "aws glue get-job-run --job-name songs-job --run-id jr_1"


def test_a_glue_job_without_a_message_tells_its_state() -> None:
    cause = json.dumps({"JobName": "songs-job", "JobRunState": "TIMEOUT"})

    document = failure("States.TaskFailed", cause)

    assert (document["cause"], document["look_at"]) == ("songs-job: TIMEOUT", "")


@pytest.mark.parametrize("cause", ["", "[1]", "not {json", '{"other": 1}'])
def test_any_other_cause_is_kept_as_it_is(cause: str) -> None:
    assert failure(cause=cause)["cause"] == cause


def test_an_error_nobody_foresaw_is_still_told() -> None:
    document = failure("", "boom")

    assert document["error"] == "UnknownError"
    assert document["next_command"].startswith("aws stepfunctions start-execution")


def test_a_long_cause_is_cut() -> None:
    document = failure(cause="x" * 100_000)

    assert len(document["cause"]) == 4000
    assert len(fail_answer(document)["cause"]) < 3000


def test_the_fail_state_shows_error_cause_and_next_command() -> None:
    answer = fail_answer(failure("NeedsLoginError", "no token", "ExtractSpotify"))

    assert answer["error"] == "NeedsLoginError"
    assert answer["cause"].startswith("ExtractSpotify: no token | There is no login")
    assert answer["cause"].endswith("Next: tonearm login")


def test_the_note_has_all_a_person_needs() -> None:
    lines = failure_note(failure("WarehouseNotWiredError", "refused")).splitlines()

    assert lines[0] == "Run r1 failed in PublishRun: WarehouseNotWiredError"
    assert lines[1] == "refused"
    assert "Next: tonearm snowflake deploy" in lines
    assert any(line.startswith("Then: aws stepfunctions start-execution") for line in lines)
    assert lines[-1] == f"Execution: {EXECUTION}"


def test_the_state_machine_is_named_by_its_execution() -> None:
    assert state_machine_arn(EXECUTION) == MACHINE
