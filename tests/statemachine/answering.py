"""Stands behind the definition's tasks: gives each call the scenario's next answer."""

import json
import threading
from collections import Counter
from typing import Any, NamedTuple

from record_run.events import FailureRequest
from record_run.failure import Failure, compose_failure, fail_answer
from tests.contract.template_reader import definition_text, placeholders
from tests.statemachine.given import HAPPY, MOST_CALLS, Answer, Scenario, Throw
from tonearm_pipeline.clock import SystemClock

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:"
MAX_PARK_HOURS = "36"


class Ended(NamedTuple):
    """How an execution ended."""

    visited: list[str]
    status: str
    error: str
    cause: str
    outputs: dict[str, Any]
    events: list[str]


def definition() -> str:
    """The definition as it is deployed, with loops short enough for a test."""
    text = definition_text()
    for name in placeholders(text):
        value = FUNCTION + name.removesuffix("FunctionArn") if name.endswith("Arn") else name
        text = text.replace(f"${{{name}}}", MAX_PARK_HOURS if name == "MaxParkHours" else value)
    machine = json.loads(text)
    bounds = machine["States"]["PlanRun"]["Assign"]
    bounds["most_extract_calls"] = bounds["most_load_calls"] = MOST_CALLS
    return json.dumps(machine)


class Answering:
    """Answers the tasks of one execution.

    Args:
        scenario: what they answer.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._answers = {**HAPPY, **scenario.answers}
        self._lock = threading.Lock()
        self.calls: Counter[str] = Counter()

    def function(self, arn: str, payload: dict[str, Any]) -> Any:
        """What a function returns, or the error it ends with."""
        state = arn.removeprefix(FUNCTION)
        if payload.get("outcome") == "failed":
            state = "RecordFailure"
            if state not in self._answers:
                return _recorded(payload)
        return self._next(state)

    def job(self, name: str) -> Any:
        """The job run a job ends with, or the error."""
        return self._next(name.removesuffix("Name"))

    def _next(self, state: str) -> Any:
        with self._lock:
            self.calls[state] += 1
            answers: list[Answer] = self._answers[state]
            answer = answers[min(self.calls[state], len(answers)) - 1]
        return answer() if callable(answer) and not isinstance(answer, Throw) else answer


def _recorded(payload: dict[str, Any]) -> dict[str, str]:
    """What RecordFailure answers: the words of the pipeline itself."""
    request = FailureRequest.from_event(payload)
    failure = Failure(
        run_id=request.run_id,
        execution_id=request.execution_id,
        started_at=request.started_at,
        state=request.state,
        error=request.error,
        cause=request.cause,
        bucket="bucket",
    )
    return fail_answer(compose_failure(failure, SystemClock().now()))
