"""A stopped execution goes on at its state, with its variables, and not before its task ended."""

import asyncio
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.chaos.redriving import Redriving

REPLACED = ("_execute_task", "_execute_parallel", "_execute_wait", "_run_execution")
TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke"}
MACHINE = {
    "QueryLanguage": "JSONata",
    "StartAt": "First",
    "States": {
        "First": {
            **TASK,
            "Arguments": {"call": "first"},
            "Assign": {"found": "{% $states.result.found %}"},
            "Next": "Second",
        },
        "Second": {
            **TASK,
            "Arguments": {"call": "second", "found": "{% $found %}"},
            "End": True,
        },
    },
}


def status_of(module: Any, arn: str) -> str:
    deadline = time.monotonic() + 20
    while module._executions[arn]["status"] == "RUNNING" and time.monotonic() < deadline:
        time.sleep(0.02)
    return str(module._executions[arn]["status"])


def redriven(module: Any, arn: str) -> Any:
    """The answer to a redrive, asked for in a thread: this one's loop may be a browser's."""
    headers = {"x-amz-target": "AWSStepFunctions.RedriveExecution"}
    body = json.dumps({"executionArn": arn}).encode()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(
            lambda: asyncio.run(module.handle_request("POST", "/", headers, body, {}))
        )
        return asked.result()


def test_a_stopped_execution_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    from ministack.services import stepfunctions

    calls: list[dict[str, Any]] = []
    is_called, may_end = threading.Event(), threading.Event()

    def invoke(_resource: str, arguments: dict[str, Any]) -> dict[str, Any]:
        calls.append(arguments)
        if arguments["call"] == "second" and not is_called.is_set():
            is_called.set()
            assert may_end.wait(20)
        return {"found": 7}

    for name in (*REPLACED, "handle_request"):
        monkeypatch.setattr(stepfunctions, name, getattr(stepfunctions, name))
    monkeypatch.setattr(stepfunctions, "_invoke_resource", invoke)
    Redriving(stepfunctions)
    role = "arn:aws:iam::000000000000:role/any"
    stepfunctions._create_state_machine(
        {"name": "redriven", "definition": json.dumps(MACHINE), "roleArn": role}
    )
    machine = "arn:aws:states:us-east-1:000000000000:stateMachine:redriven"
    stepfunctions._start_execution({"stateMachineArn": machine, "name": "one", "input": "{}"})
    arn = machine.replace("stateMachine", "execution") + ":one"

    assert is_called.wait(20)
    stepfunctions._stop_execution({"executionArn": arn})
    threading.Timer(0.2, may_end.set).start()
    answer = redriven(stepfunctions, arn)

    assert answer[0] == 200
    assert status_of(stepfunctions, arn) == "SUCCEEDED"
    assert calls == [{"call": "first"}, *[{"call": "second", "found": 7}] * 2]
    again = redriven(stepfunctions, arn)
    assert (again[0], b"ExecutionNotRedrivable" in again[2]) == (400, True)
