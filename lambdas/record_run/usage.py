"""What a run used of AWS, from the history of its execution. Pure functions.

The events are those of GetExecutionHistory with their data:
https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from tonearm_pipeline.prices import GLUE_LEAST_SECONDS

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
