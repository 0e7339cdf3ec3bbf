"""The names of MiniStack that Tonearm replaces are still there, and what replaces them is right."""

import json
import queue
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tonearm.local.cloud import patches
from tonearm.local.cloud.spark_pool import JobFailedError, JobTimedOutError

TRACEBACK = """{"level":"INFO","message":"page_read"}
Traceback (most recent call last):
  File "x.py", line 1, in f
KeyError: 'a'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "handler.py", line 9, in lambda_handler
    return extract()
tonearm_pipeline.errors.RateLimitedError: playlists/{id}: asked to wait 46800 s
and a second line: with a colon
"""


def test_this_version_of_ministack_has_every_name_we_replace() -> None:
    from ministack.core import iam_evaluator, lambda_runtime, responses
    from ministack.services import glue, iam, lambda_svc, stepfunctions
    from ministack.services.cloudformation import provisioners

    for module, name in (
        (glue, "_get_docker"),
        (glue, "_execute_spark_docker"),
        (glue, "_start_job_run"),
        (glue, "_job_runs"),
        (stepfunctions, "_SERVICE_DISPATCH"),
        (stepfunctions, "_ExecutionError"),
        (glue, "_create_job"),
        (glue, "_update_job"),
        (glue, "_jobs"),
        (stepfunctions, "_error_matches"),
        (lambda_svc, "_execute_function_warm"),
        (lambda_svc, "_resolve_layer_version_for_attachment"),
        (provisioners, "_cw_metric_alarm_record"),
        (responses, "error_response_json"),
        (responses, "get_account_id"),
        (iam, "_roles"),
        (lambda_runtime, "_PYTHON_WORKER_SCRIPT"),
        (lambda_svc, "acquire_worker"),
        (lambda_svc, "release_worker"),
        (lambda_svc, "ensure_spawned"),
        (lambda_svc, "_functions"),
        (provisioners, "_RESOURCE_HANDLERS"),
        (iam_evaluator, "_resolve_condition_key"),
        (iam_evaluator, "evaluate"),
        (iam_evaluator, "enforce"),
    ):
        patches._named(module, name)


def test_a_name_that_moved_is_a_clear_error() -> None:
    from ministack.services import glue

    with pytest.raises(patches.MiniStackMovedError, match=r"glue has no _elsewhere"):
        patches._named(glue, "_elsewhere")


def test_the_exceptions_class_becomes_the_error_type() -> None:
    assert patches.exception_name(TRACEBACK) == "RateLimitedError"
    assert patches.exception_name("no traceback at all") is None


def test_a_timeout_keeps_its_own_error_type() -> None:
    body = {"errorType": "Sandbox.Timedout", "errorMessage": "x"}
    execute = patches.with_exception_names(lambda: {"body": body, "error": True, "log": TRACEBACK})

    assert execute()["body"]["errorType"] == "Sandbox.Timedout"


def test_a_result_that_is_no_error_is_left_alone() -> None:
    execute = patches.with_exception_names(lambda: {"body": {"status": "done"}, "log": TRACEBACK})

    assert execute()["body"] == {"status": "done"}


def test_a_created_function_is_started_ahead_and_free_for_its_first_call() -> None:
    calls: queue.Queue[str] = queue.Queue()
    functions = {"plan": {"config": {}, "code_zip": b"zip"}}
    lambda_svc = ModuleType("lambda_svc")
    lambda_svc.__dict__.update(
        _functions=functions,
        acquire_worker=lambda name, *_: (f"worker of {name}", "spawn"),
        release_worker=lambda worker: calls.put(f"{worker} released"),
        ensure_spawned=lambda worker: calls.put(f"{worker} started"),
    )

    created = patches.then_initialised(lambda *_: ("plan", {"Arn": "a"}), lambda_svc)("x", {}, "s")

    assert created == ("plan", {"Arn": "a"})
    assert [calls.get(timeout=10), calls.get(timeout=10)] == [
        "worker of plan released",
        "worker of plan started",
    ]


SCRIPT = "s3://assets/albums.py"
JOB = {"Command": {"ScriptLocation": SCRIPT}}


class FakePool:
    def __init__(self, error: Exception | None) -> None:
        self.error = error
        self.script = ""

    def run(self, _job: str, _run_id: str, script: str, *_: Any, **__: Any) -> None:
        self.script = script
        if self.error:
            raise self.error


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (None, "SUCCEEDED"),
        (JobFailedError("boom"), "FAILED"),
        (JobTimedOutError("slow"), "TIMEOUT"),
    ],
)
def test_how_a_job_ended_is_its_state(error: Exception | None, state: str) -> None:
    run: dict[str, Any] = {"Id": "jr", "Timeout": 20}

    pool = FakePool(error)

    patches.spark_runner(pool)(run, JOB, "albums", {}, "/tmp/shared/albums.py", None)  # type: ignore[arg-type]

    assert run["JobRunState"] == state
    # Not the copy that the next start of the job writes anew.
    assert pool.script == SCRIPT


class ExecutionError(Exception):
    pass


def fake_glue(state: str, status: int = 200) -> Any:
    run = {"Id": "jr", "JobName": "albums", "JobRunState": state, "CompletedOn": 1}
    body = {"JobRunId": "jr"} if status < 400 else {"__type": "ConcurrentRunsExceededException"}
    return SimpleNamespace(
        _start_job_run=lambda _: (status, {}, json.dumps(body)), _job_runs={"albums": [run]}
    )


SYNC = "arn:aws:states:::glue:startJobRun.sync"


def test_sync_hands_back_the_final_job_run() -> None:
    run = patches.start_job_run(fake_glue("SUCCEEDED"), ExecutionError)(SYNC, {"JobName": "albums"})

    assert run["JobRunState"] == "SUCCEEDED"


def test_a_failed_run_is_task_failed_with_the_run_as_cause() -> None:
    with pytest.raises(ExecutionError) as caught:
        patches.start_job_run(fake_glue("FAILED"), ExecutionError)(SYNC, {"JobName": "albums"})

    name, cause = caught.value.args
    assert name == "States.TaskFailed"
    assert json.loads(cause)["JobRunState"] == "FAILED"


def test_too_many_runs_carry_glues_own_error_name() -> None:
    with pytest.raises(ExecutionError, match=r"Glue\.ConcurrentRunsExceededException"):
        patches.start_job_run(fake_glue("", 400), ExecutionError)(SYNC, {"JobName": "albums"})


def test_only_the_tls_rule_is_taken_as_kept() -> None:
    resolve = patches.with_loopback_as_tls(lambda key, _: key)

    assert resolve("aws:SecureTransport", None) == "true"
    assert resolve("aws:PrincipalArn", None) == "aws:PrincipalArn"


@pytest.mark.parametrize("error", ["States.Runtime", "States.DataLimitExceeded"])
def test_what_ends_an_execution_by_itself_is_not_caught(error: str) -> None:
    from ministack.services import stepfunctions

    catches = patches.uncaught_as_documented(stepfunctions._error_matches)

    assert not catches(["States.ALL"], error)
    assert not catches(["States.TaskFailed"], error)
    assert catches(["States.ALL"], "States.QueryEvaluationError")
    assert not catches(["AuditError"], "States.Timeout")


def test_ministack_itself_still_catches_them() -> None:
    from ministack.services import stepfunctions

    assert stepfunctions._error_matches(["States.ALL"], "States.Runtime"), "docs/upstream.md"
