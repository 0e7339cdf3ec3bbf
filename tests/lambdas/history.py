"""The history of an execution as AWS tells it, and as the local runtime does."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 11, 22, 8, 53, tzinfo=UTC)
LAMBDA = {"resourceType": "lambda", "resource": "invoke"}
GLUE = {"resourceType": "glue", "resource": "startJobRun.sync"}

type Event = dict[str, Any]


class FakeHistory:
    """The part of the Step Functions client that reads a history, in pages of three events."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events

    def get_paginator(self, operation: str) -> "FakeHistory":
        assert operation == "get_execution_history"
        return self

    def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
        for start in range(0, len(self.events), 3):
            yield {"events": list(self.events[start : start + 3])}


def event(seconds: float, **details: Any) -> Event:
    return {"timestamp": START + timedelta(seconds=seconds), **details}


def entered(seconds: float, name: str) -> Event:
    kind = "Parallel" if name == "Transform" else "Task"
    return event(seconds, type=f"{kind}StateEntered", stateEnteredEventDetails={"name": name})


def left(seconds: float, name: str, output: Any = None) -> Event:
    text = {} if output is None else {"output": json.dumps(output)}
    return event(seconds, stateExitedEventDetails={"name": name, **text})


def scheduled(seconds: float, task: dict[str, str]) -> Event:
    return event(seconds, taskScheduledEventDetails=task)


def succeeded(seconds: float, task: dict[str, str], output: Any = None) -> Event:
    return event(seconds, taskSucceededEventDetails={**task, "output": json.dumps(output)})


def failed(seconds: float, task: dict[str, str], cause: Any) -> Event:
    text = json.dumps(cause)
    return event(seconds, taskFailedEventDetails={**task, "error": "E", "cause": text})


def a_job_run(job: str, seconds: float, **fields: Any) -> dict[str, Any]:
    run = {"JobName": job, "JobRunState": "SUCCEEDED", "ExecutionTime": seconds}
    return {**run, "WorkerType": "G.1X", "NumberOfWorkers": 2, **fields}


def a_history() -> list[Event]:
    """PlanRun 2 s, ExtractSpotify 10 s with one retry, two Glue runs, RecordRun still open."""
    return [
        event(0, executionStartedEventDetails={}),
        entered(0, "PlanRun"),
        scheduled(0, LAMBDA),
        succeeded(2, LAMBDA),
        left(2, "PlanRun"),
        entered(2, "ExtractSpotify"),
        scheduled(2, LAMBDA),
        failed(5, LAMBDA, {"errorMessage": "no"}),
        scheduled(8, LAMBDA),
        succeeded(12, LAMBDA),
        left(12, "ExtractSpotify"),
        entered(12, "Transform"),
        entered(12, "AlbumsJob"),
        entered(12, "SongsJob"),
        scheduled(12, GLUE),
        scheduled(12, GLUE),
        succeeded(50, GLUE, a_job_run("t-albums", 30)),
        left(50, "AlbumsJob"),
        succeeded(102, GLUE, a_job_run("t-songs", 90)),
        left(102, "SongsJob"),
        left(102, "Transform"),
        entered(102, "RecordRun"),
        scheduled(102, LAMBDA),
    ]
