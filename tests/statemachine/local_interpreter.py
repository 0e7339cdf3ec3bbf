"""The local cloud's interpreter: MiniStack's, as `tonearm.local.cloud` runs it.

Replaced: what a task's resource does, by the scenario's answers; and the waits, by none.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from ministack.services import stepfunctions

from tests.statemachine.answering import Answering, Ended, definition
from tests.statemachine.given import Scenario, Throw
from tonearm.local.cloud.patches import uncaught_as_documented

_ROLE = "arn:aws:iam::000000000000:role/pipeline"
_MOST_SECONDS = 60


@contextmanager
def local_interpreter() -> Iterator[Any]:
    """Yield what runs one scenario."""
    matches = uncaught_as_documented(stepfunctions._error_matches)
    with (
        mock.patch.object(stepfunctions, "_SFN_WAIT_SCALE", 0.0),
        mock.patch.object(stepfunctions, "_error_matches", matches),
    ):
        yield _run
    stepfunctions.reset()


def _run(scenario: Scenario, answering: Answering) -> Ended:
    def invoke(resource: str, arguments: dict[str, Any]) -> Any:
        is_function = "lambda:invoke" in resource
        if is_function:
            answer = answering.function(arguments["FunctionName"], arguments["Payload"])
        else:
            answer = answering.job(arguments["JobName"])
        if isinstance(answer, Throw):
            raise stepfunctions._ExecutionError(*answer)
        return {"StatusCode": 200, "Payload": answer} if is_function else answer

    with mock.patch.object(stepfunctions, "_invoke_resource", invoke):
        machine = _ask(
            stepfunctions._create_state_machine,
            name="pipeline",
            definition=definition(),
            roleArn=_ROLE,
        )
        started = _ask(
            stepfunctions._start_execution,
            stateMachineArn=machine["stateMachineArn"],
            name=f"{scenario.id}-{time.time_ns()}"[-80:],
        )
        return _ended(stepfunctions._executions[started["executionArn"]])


def _ask(action: Any, **arguments: str) -> dict[str, Any]:
    status, _, body = action(arguments)
    assert status == 200, body
    found: dict[str, Any] = json.loads(body)
    return found


def _ended(execution: dict[str, Any]) -> Ended:
    give_up_at = time.monotonic() + _MOST_SECONDS
    while execution["status"] == "RUNNING":
        assert time.monotonic() < give_up_at, "the execution does not end"
        time.sleep(0.02)
    left = [event.get("stateExitedEventDetails") for event in execution["events"]]
    entered = [event.get("stateEnteredEventDetails") for event in execution["events"]]
    return Ended(
        visited=[details["name"] for details in entered if details],
        status=execution["status"],
        error=execution.get("error") or "",
        cause=execution.get("cause") or "",
        outputs={details["name"]: json.loads(details["output"]) for details in left if details},
        events=[event["type"] for event in execution["events"]],
    )
