"""Starts an execution of the pipeline and follows it, state by state."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

LOCAL_POLL_SECONDS = 0.2
# GetExecutionHistory allows few calls a second for the whole account.
POLL_SECONDS = 3.0


@dataclass(frozen=True)
class StateVisit:
    """One visit of one state: when it was entered and left, and what it handed on."""

    name: str
    entered_at: datetime
    left_at: datetime | None = None
    output: Any = None

    @property
    def seconds(self) -> float | None:
        """How long the visit took; None while it lasts."""
        return None if self.left_at is None else (self.left_at - self.entered_at).total_seconds()


@dataclass(frozen=True)
class Finished:
    """How an execution ended."""

    execution_arn: str
    status: str
    seconds: float
    output: Any = None
    error: str = ""
    cause: str = ""
    visits: tuple[StateVisit, ...] = field(default=())

    @property
    def is_green(self) -> bool:
        """True when it succeeded."""
        return self.status == "SUCCEEDED"


def start(stepfunctions: Any, state_machine_arn: str, name: str, run_input: dict[str, Any]) -> str:
    """Start an execution; the same name and input give the same execution.

    Returns:
        The execution's ARN.
    """
    answer = stepfunctions.start_execution(
        stateMachineArn=state_machine_arn, name=name, input=json.dumps(run_input)
    )
    return str(answer["executionArn"])


def follow(
    stepfunctions: Any,
    execution_arn: str,
    on_change: Callable[[tuple[StateVisit, ...]], None],
    poll_seconds: float = LOCAL_POLL_SECONDS,
) -> Finished:
    """Wait for the end; `on_change` gets all visits so far whenever one is entered or left."""
    seen: tuple[StateVisit, ...] = ()
    while True:
        answer = stepfunctions.describe_execution(executionArn=execution_arn)
        visits = tuple(visits_of(events_of(stepfunctions, execution_arn)))
        if visits != seen:
            seen = visits
            on_change(visits)
        if answer["status"] != "RUNNING":
            return _finished(answer, visits)
        time.sleep(poll_seconds)


def visits_of(events: Iterator[dict[str, Any]]) -> list[StateVisit]:
    """The state visits in a history, in the order they were entered.

    A state may be visited many times (loops) and two at once (parallel branches); a leave belongs
    to the latest open visit of that name.
    """
    visits: list[StateVisit] = []
    for event in events:
        if entered := event.get("stateEnteredEventDetails"):
            visits.append(StateVisit(entered["name"], event["timestamp"]))
        elif left := event.get("stateExitedEventDetails"):
            _close(visits, left, event["timestamp"])
    return visits


def _close(visits: list[StateVisit], left: dict[str, Any], at: datetime) -> None:
    for index in range(len(visits) - 1, -1, -1):
        visit = visits[index]
        if visit.name == left["name"] and visit.left_at is None:
            output = json.loads(left["output"]) if left.get("output") else None
            visits[index] = StateVisit(visit.name, visit.entered_at, at, output)
            return


def events_of(stepfunctions: Any, execution_arn: str) -> Iterator[dict[str, Any]]:
    """The events of an execution so far, with their data, in order."""
    pages = stepfunctions.get_paginator("get_execution_history")
    for page in pages.paginate(executionArn=execution_arn, includeExecutionData=True):
        yield from page["events"]


def _finished(answer: dict[str, Any], visits: tuple[StateVisit, ...]) -> Finished:
    seconds = (answer["stopDate"] - answer["startDate"]).total_seconds()
    return Finished(
        execution_arn=answer["executionArn"],
        status=answer["status"],
        seconds=seconds,
        output=json.loads(answer["output"]) if answer.get("output") else None,
        error=answer.get("error", ""),
        cause=answer.get("cause", ""),
        visits=visits,
    )
