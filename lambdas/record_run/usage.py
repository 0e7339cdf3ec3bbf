"""What a run used of AWS, from the history of its execution and from the objects it wrote.

A figure never decides how a run ends: what AWS does not tell is left out.

The events are those of GetExecutionHistory with their data:
https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from aws_lambda_powertools import Logger

from record_run.settings import SERVICE
from tonearm_pipeline.errors import AwsRefusedError, StorageUnavailableError
from tonearm_pipeline.json_store import storage_errors
from tonearm_pipeline.keys import RAW_PREFIX, RUNS_PREFIX, STAGED_PREFIX
from tonearm_pipeline.ledger import ENTITY_NAMES
from tonearm_pipeline.prices import GLUE_LEAST_SECONDS, snowpipe_credits

if TYPE_CHECKING:  # the stubs are not in the Lambda package
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

# The template's memory of each function by the state that invokes it; a contract test compares.
MEMORY_MB: Final[Mapping[str, int]] = {
    "PlanRun": 512,
    "ExtractSpotify": 1024,
    "PublishRun": 2048,
    "ConfirmLoad": 512,
    "RecordRun": 512,
    "RecordFailure": 512,
}
_DPU_OF_WORKER: Final = {"G.1X": 1, "G.2X": 2, "G.4X": 4, "G.8X": 8}
_ENDS: Final = ("taskSucceededEventDetails", "taskFailedEventDetails", "taskTimedOutEventDetails")
_MB_PER_GB: Final = 1024
_MS_PER_SECOND: Final = 1000

logger = Logger(service=SERVICE, child=True)


@dataclass
class ExecutionUsage:
    """What an execution used so far.

    Attributes:
        transitions: states entered, and each retry, which AWS counts as one more.
        invocations: of Lambda functions.
        lambda_ms: from each invocation's scheduling to its answer: what is billed, and a little
            more.
        gb_seconds: the same by each function's memory.
        glue_runs: job runs that ended.
        dpu_seconds: their DPU-seconds as billed: each run a minute at least.
        state_seconds: seconds of each state that was left, all visits together.
    """

    transitions: int = 0
    invocations: int = 0
    lambda_ms: int = 0
    gb_seconds: float = 0.0
    glue_runs: int = 0
    dpu_seconds: float = 0.0
    state_seconds: dict[str, float] = field(default_factory=dict)


class RunMeter:
    """Measures the runs of one stack.

    Args:
        stepfunctions: reads the history; AWS keeps it for 90 days after the end.
        s3: lists what was written.
        bucket: where.
    """

    def __init__(self, stepfunctions: SFNClient, s3: S3Client, bucket: str) -> None:
        self._stepfunctions = stepfunctions
        self._s3 = s3
        self._bucket = bucket

    def measure(
        self,
        run_id: str,
        execution_id: str,
        published: Mapping[str, Any] | None,
        now: datetime,
    ) -> tuple[dict[str, Any], dict[str, float]]:
        """Return the run's usage so far, and the seconds of each state that has ended.

        The bucket keeps versions, so each object version under the run's own prefixes is one
        write request; a copy to curated/ or quarantine/ is one more. Reads are not told by AWS.

        Raises:
            StorageUnavailableError: AWS did not answer.
            AwsRefusedError: AWS refused, or no longer knows the execution.
        """
        with storage_errors(f"read the history of {execution_id}"):
            used = usage_of(self._events(execution_id), now)
        prefixes = [f"{prefix}{run_id}/" for prefix in (RAW_PREFIX, RUNS_PREFIX, STAGED_PREFIX)]
        with storage_errors(f"list what run {run_id} wrote in {self._bucket}"):
            writes = sum(self._versions(prefix) for prefix in prefixes)
        return _usage(used, writes, published), used.state_seconds

    def _events(self, execution_id: str) -> Iterator[Mapping[str, Any]]:
        pages = self._stepfunctions.get_paginator("get_execution_history")
        for page in pages.paginate(executionArn=execution_id, includeExecutionData=True):
            yield from page["events"]

    def _versions(self, prefix: str) -> int:
        pages = self._s3.get_paginator("list_object_versions")
        found = pages.paginate(Bucket=self._bucket, Prefix=prefix)
        return sum(len(page.get("Versions", [])) for page in found)


def measured(
    meter: RunMeter,
    run_id: str,
    execution_id: str,
    published: Mapping[str, Any] | None,
    now: datetime,
) -> tuple[dict[str, Any] | None, dict[str, float]]:
    """Return the run's usage and the seconds of each state; None and nothing if AWS refuses."""
    try:
        return meter.measure(run_id, execution_id, published, now)
    except (AwsRefusedError, StorageUnavailableError) as exc:
        logger.warning("the usage was not measured", extra={"reason": str(exc)})
        return None, {}


def usage_of(events: Iterable[Mapping[str, Any]], now: datetime) -> ExecutionUsage:
    """Return what the events of an execution add up to; an open invocation counts up to `now`.

    The state machine never runs two functions at once, so an answer belongs to the invocation
    before it; its Glue jobs run side by side, and each answer carries its own run.
    """
    reader = _Reader()
    for event in events:
        reader.take(event)
    reader.close(now)
    return reader.usage


def _usage(
    used: ExecutionUsage, writes: int, published: Mapping[str, Any] | None
) -> dict[str, Any]:
    entities = (published or {}).get("entities", {})
    curated = [file for name in ENTITY_NAMES for file in entities.get(name, {}).get("files", [])]
    quarantined = sum(len(files) for files in (published or {}).get("quarantine", {}).values())
    loaded_bytes = sum(file["bytes"] for file in curated)
    return {
        "transitions": used.transitions,
        "lambda": {
            "invocations": used.invocations,
            "ms": used.lambda_ms,
            "gb_seconds": used.gb_seconds,
        },
        "glue": {"runs": used.glue_runs, "dpu_seconds": used.dpu_seconds},
        "s3": {"writes": writes + len(curated) + quarantined},
        "snowpipe": {
            "files": len(curated),
            "bytes": loaded_bytes,
            "credits": snowpipe_credits(loaded_bytes),
        },
    }


class _Reader:
    """Adds up events one after the other."""

    def __init__(self) -> None:
        self.usage = ExecutionUsage()
        self._entered: dict[str, list[datetime]] = {}
        self._state = ""
        self._tries_to_come = 0
        self._invoked_at: datetime | None = None

    def take(self, event: Mapping[str, Any]) -> None:
        at = event["timestamp"]
        if entered := event.get("stateEnteredEventDetails"):
            self._tries_to_come += event.get("type") == "TaskStateEntered"
            self._enter(entered["name"], at)
        elif left := event.get("stateExitedEventDetails"):
            self._leave(left["name"], at)
        elif (scheduled := event.get("taskScheduledEventDetails")) is not None:
            self._schedule(scheduled, at)
        for name in _ENDS:
            if (ended := event.get(name)) is not None:
                self._end(ended, at)

    def close(self, at: datetime) -> None:
        if self._invoked_at is None:
            return
        milliseconds = (at - self._invoked_at).total_seconds() * _MS_PER_SECOND
        gb = MEMORY_MB.get(self._state, 0) / _MB_PER_GB
        self.usage.lambda_ms += round(milliseconds)
        self.usage.gb_seconds = round(self.usage.gb_seconds + gb * milliseconds / _MS_PER_SECOND, 6)
        self._invoked_at = None

    def _enter(self, name: str, at: datetime) -> None:
        self.usage.transitions += 1
        self._state = name
        self._entered.setdefault(name, []).append(at)

    def _leave(self, name: str, at: datetime) -> None:
        if not self._entered.get(name):
            return
        seconds = (at - self._entered[name].pop()).total_seconds()
        total = self.usage.state_seconds.get(name, 0.0) + seconds
        self.usage.state_seconds[name] = round(total, 3)

    def _schedule(self, details: Mapping[str, Any], at: datetime) -> None:
        if self._tries_to_come:
            self._tries_to_come -= 1
        else:
            self.usage.transitions += 1  # no task state waits for its first try: a retry
        if _is_of("lambda", details):
            self.usage.invocations += 1
            self._invoked_at = at

    def _end(self, details: Mapping[str, Any], at: datetime) -> None:
        if _is_of("lambda", details):
            self.close(at)
        elif _is_of("glue", details):
            self._add_glue(_document(details.get("output") or details.get("cause") or ""))

    def _add_glue(self, run: Mapping[str, Any]) -> None:
        if "JobName" not in run:
            return
        self.usage.glue_runs += 1
        self.usage.dpu_seconds = round(self.usage.dpu_seconds + _dpu_seconds(run), 3)


def _is_of(service: str, details: Mapping[str, Any]) -> bool:
    return details.get("resourceType") == service or f":::{service}:" in details.get("resource", "")


def _dpu_seconds(run: Mapping[str, Any]) -> float:
    """The DPU-seconds of a job run; Glue itself tells them only of flexible and scaling jobs."""
    if run.get("DPUSeconds"):
        return float(run["DPUSeconds"])
    workers = float(run.get("NumberOfWorkers") or 0)
    capacity = float(run.get("MaxCapacity") or 0)
    dpu = workers * _DPU_OF_WORKER.get(run.get("WorkerType", ""), 1) or capacity
    return dpu * max(GLUE_LEAST_SECONDS, float(run.get("ExecutionTime") or 0))


def _document(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
