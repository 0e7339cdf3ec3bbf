"""Walks the real definition through its success and failure paths; the tasks' answers are given."""

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest

from tonearm.executions import Finished, follow
from tonearm.local import processes

ROOT = Path(__file__).resolve().parents[2]
DEFINITION = ROOT / "statemachine" / "pipeline.asl.json"
MACHINE = "pipeline"

PLAN = {
    "run_id": "r1",
    "snapshot_date": "2026-11-22",
    "attempt": 1,
    "plan_key": "runs/r1/plan.json",
    "start_at": "ExtractSpotify",
    "publish": True,
}
REPLAY = {**PLAN, "attempt": 2, "start_at": "Transform", "publish": False}


def extracted(status: str, **more: Any) -> dict[str, Any]:
    answer = {"status": status, "manifest_key": "", "changed": False, "counts": {}}
    return {**answer, **more}


DONE = extracted("done", manifest_key="raw/r1/manifest.json", changed=True)
UNCHANGED = extracted("done", manifest_key="raw/r1/manifest.json")
MORE = extracted("more")
WAIT = extracted("wait", resume_at="2026-11-22T00:00:00Z", wait_seconds=1)
NEEDS_LOGIN = extracted("needs_login")
LOADED = {"status": "loaded", "load_key": "runs/r1/load.json", "files_loaded": 5, "files": 5}
PENDING = {"status": "pending", "load_key": "runs/r1/load.json", "files_loaded": 3, "files": 5}


class PipelinePath(NamedTuple):
    id: str
    answers: dict[str, list[Any]]
    visited: list[str]
    is_green: bool
    error: str = ""


class Throw(NamedTuple):
    error: str
    cause: str = "because"


HAPPY: dict[str, list[Any]] = {
    "PlanRun": [PLAN],
    "ExtractSpotify": [DONE],
    "AlbumsJob": [{"JobRunState": "SUCCEEDED"}],
    "ArtistsJob": [{"JobRunState": "SUCCEEDED"}],
    "SongsJob": [{"JobRunState": "SUCCEEDED"}],
    "PublishRun": [{"published_key": "runs/r1/manifest.json", "files": 5, "counts": {}}],
    "ConfirmLoad": [LOADED],
    "RecordRun": [{"run_id": "r1", "status": "succeeded"}],
    "RecordFailure": [{"error": "AuditError", "cause": "PublishRun: staged rows differ"}],
}
TO_TRANSFORM = ["PlanRun", "IsReplay", "ExtractSpotify", "IsExtractDone", "Transform"]
TO_PUBLISH = [*TO_TRANSFORM, "IsPublishWanted", "PublishRun"]
TO_THE_END = ["PublishRun", "ConfirmLoad", "IsLoadConfirmed", "RecordRun"]
RED = ["RecordFailure", "RunFailed"]

PATHS = [
    PipelinePath(
        "everything-works", {}, [*TO_PUBLISH, "ConfirmLoad", "IsLoadConfirmed", "RecordRun"], True
    ),
    PipelinePath(
        "a-replay-keeps-what-it-staged",
        {"PlanRun": [REPLAY]},
        ["PlanRun", "IsReplay", "Transform", "IsPublishWanted", "KeepStaged"],
        True,
    ),
    PipelinePath(
        "a-replay-publishes-at-once",
        {"PlanRun": [{**REPLAY, "publish": True}]},
        ["PlanRun", "IsReplay", "Transform", "IsPublishWanted", *TO_THE_END],
        True,
    ),
    PipelinePath(
        "a-replay-publishes-what-is-staged",
        {"PlanRun": [{**REPLAY, "start_at": "PublishRun", "publish": True}]},
        ["PlanRun", "IsReplay", *TO_THE_END],
        True,
    ),
    PipelinePath(
        "nothing-changed-skips-to-the-record",
        {"ExtractSpotify": [UNCHANGED]},
        [*TO_TRANSFORM[:-1], "RecordUnchangedRun", "RecordRun"],
        True,
    ),
    PipelinePath(
        "more-pages-loop",
        {"ExtractSpotify": [MORE, MORE, UNCHANGED]},
        [
            *["PlanRun", "IsReplay", *["ExtractSpotify", "IsExtractDone"] * 3],
            *["RecordUnchangedRun", "RecordRun"],
        ],
        True,
    ),
    PipelinePath(
        "a-quota-is-waited-for",
        {"ExtractSpotify": [WAIT, UNCHANGED]},
        [
            *[*TO_TRANSFORM[:-1], "WaitForQuota"],
            *["ExtractSpotify", "IsExtractDone", "RecordUnchangedRun", "RecordRun"],
        ],
        True,
    ),
    PipelinePath(
        "a-slow-load-is-asked-again",
        {"ConfirmLoad": [PENDING, PENDING, LOADED]},
        [
            *TO_PUBLISH,
            *["ConfirmLoad", "IsLoadConfirmed", "WaitForSnowpipe"] * 2,
            *["ConfirmLoad", "IsLoadConfirmed", "RecordRun"],
        ],
        True,
    ),
    PipelinePath(
        "a-dead-token-ends-red",
        {
            "ExtractSpotify": [NEEDS_LOGIN],
            "RecordFailure": [{"error": "NeedsLoginError", "cause": "run `tonearm login`"}],
        },
        [*TO_TRANSFORM[:-1], "AskForLogin", *RED],
        False,
        "NeedsLoginError",
    ),
    PipelinePath(
        "bad-input-ends-red",
        {
            "PlanRun": [Throw("BadSourceError")],
            "RecordFailure": [{"error": "BadSourceError", "cause": "no source"}],
        },
        ["PlanRun", *RED],
        False,
        "BadSourceError",
    ),
    PipelinePath(
        "a-failed-audit-publishes-nothing",
        {"PublishRun": [Throw("AuditError")]},
        [*TO_PUBLISH, *RED],
        False,
        "AuditError",
    ),
    PipelinePath(
        "a-failed-job-ends-red",
        {
            "SongsJob": [Throw("States.TaskFailed")],
            "RecordFailure": [{"error": "States.TaskFailed", "cause": "SongsJob"}],
        },
        [*TO_TRANSFORM, *RED],
        False,
        "States.TaskFailed",
    ),
    PipelinePath(
        "an-unbalanced-ledger-ends-red",
        {
            "RecordRun": [Throw("LedgerUnbalancedError")],
            "RecordFailure": [{"error": "LedgerUnbalancedError", "cause": "loaded"}],
        },
        [*TO_PUBLISH, "ConfirmLoad", "IsLoadConfirmed", "RecordRun", *RED],
        False,
        "LedgerUnbalancedError",
    ),
    PipelinePath(
        "a-report-that-fails-is-still-red-with-the-first-error",
        {
            "PublishRun": [Throw("AuditError", "staged rows differ")],
            "RecordFailure": [Throw("SettingsError")],
        },
        [*TO_PUBLISH, *RED],
        False,
        "AuditError",
    ),
]


def mock_config() -> dict[str, Any]:
    cases: dict[str, Any] = {}
    responses: dict[str, Any] = {}
    for path in PATHS:
        states = {**HAPPY, **path.answers}
        cases[path.id] = {state: f"{path.id}/{state}" for state in states}
        for state, answers in states.items():
            responses[f"{path.id}/{state}"] = {
                str(number): _mocked(answer) for number, answer in enumerate(answers)
            }
    return {"StateMachines": {MACHINE: {"TestCases": cases}}, "MockedResponses": responses}


def _mocked(answer: Any) -> dict[str, Any]:
    if isinstance(answer, Throw):
        return {"Throw": {"Error": answer.error, "Cause": answer.cause}}
    is_job_run = "JobRunState" in answer
    return {"Return": answer if is_job_run else {"Payload": answer}}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[boto3.Session, str]]:
    folder = tmp_path_factory.mktemp("cloud")
    (folder / "mocks.json").write_text(json.dumps(mock_config()))
    port = processes.free_port()
    arguments = ["tonearm.local.cloud", "--port", str(port), "--data", str(folder)]
    arguments += ["--wait-scale", "0", "--spark-workers", "0"]
    env = {"SFN_MOCK_CONFIG": str(folder / "mocks.json")}
    service = processes.start("cloud", arguments, folder, env)
    try:
        service.wait_until(lambda: processes.listens(port))
        yield boto3.Session("test", "test", region_name="us-east-1"), f"http://127.0.0.1:{port}"
    finally:
        service.stop()


@pytest.fixture(scope="module")
def stepfunctions(cloud: tuple[boto3.Session, str]) -> Any:
    session, url = cloud
    return session.client("stepfunctions", endpoint_url=url)


@pytest.fixture(scope="module")
def role_arn(cloud: tuple[boto3.Session, str]) -> str:
    session, url = cloud
    trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}}
    role = session.client("iam", endpoint_url=url).create_role(
        RoleName="pipeline",
        AssumeRolePolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{**trust, "Action": "sts:AssumeRole"}]}
        ),
    )
    return str(role["Role"]["Arn"])


@pytest.fixture(scope="module")
def machine_arn(stepfunctions: Any, role_arn: str) -> str:
    arn = "arn:aws:lambda:us-east-1:000000000000:function:f"
    definition = re.sub(r"\$\{\w+\}", arn, DEFINITION.read_text())
    answer = stepfunctions.create_state_machine(
        name=MACHINE, definition=definition, roleArn=role_arn
    )
    return str(answer["stateMachineArn"])


@pytest.mark.parametrize("path", PATHS, ids=[path.id for path in PATHS])
def test_the_pipeline_takes_this_path(
    stepfunctions: Any, machine_arn: str, path: PipelinePath
) -> None:
    finished = run_case(stepfunctions, machine_arn, path.id)

    inner = {"AlbumsJob", "ArtistsJob", "SongsJob"}
    assert [v.name for v in finished.visits if v.name not in inner] == path.visited
    assert finished.is_green is path.is_green
    assert finished.error == path.error


def test_the_three_jobs_answer_side_by_side(stepfunctions: Any, machine_arn: str) -> None:
    finished = run_case(stepfunctions, machine_arn, "everything-works")

    transform = next(visit for visit in finished.visits if visit.name == "Transform")
    assert {answer["job"] for answer in transform.output} == {"albums", "artists", "songs"}


def run_case(stepfunctions: Any, machine_arn: str, case: str) -> Finished:
    answer = stepfunctions.start_execution(
        stateMachineArn=f"{machine_arn}#{case}", name=f"{case[:40]}-{time.time_ns()}", input="{}"
    )
    return follow(stepfunctions, answer["executionArn"], lambda _: None)


def test_the_definition_passes_the_state_machine_validator() -> None:
    validator = ROOT / ".tonearm" / "tools" / "node_modules" / ".bin" / "asl-validator"
    if not validator.exists():
        if os.environ.get("TONEARM_REQUIRE_TOOLS"):
            pytest.fail("asl-validator is not installed: `make asl-validator`")
        pytest.skip("asl-validator is not installed: `make asl-validator` (needs npm)")
    finished = subprocess.run(
        [validator, "--json-path", DEFINITION], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
