"""An interpreter that is not the local cloud's: LocalStack's, as moto ships it.

Replaced, all of it here: the clients it calls Lambda and Glue with (they give the scenario's
answers), the waits (there are none), and four things moto does not get through, listed in
docs/upstream.md: JSONata, the wait of a `.sync`, a branch that fails with one of Step Functions'
own errors, and the time limit of a task in a branch that is being stopped. How it judges a Glue
run, names, matches, retries and catches errors, keeps variables and writes its history is its own.
"""

import io
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from types import SimpleNamespace
from typing import Any
from unittest import mock

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import (
    CustomErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import (
    StatesErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.common.string import string_expression
from moto.stepfunctions.parser.asl.component.common.timeouts import timeout
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel import branches_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_glue,
)
from moto.stepfunctions.parser.asl.component.state.wait.wait_function import wait_function
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.jsonata import validations

from tests.statemachine.answering import Answering, Ended, definition
from tests.statemachine.given import Scenario, Throw
from tests.statemachine.reference_jsonata import ExpressionError, ReferenceJsonata
from tonearm.runs.executions import events_of, visits_of

_CONFIG: Any = {"stepfunctions": {"execute_state_machine": True}}
_ROLE = "arn:aws:iam::123456789012:role/pipeline"
_MOST_SECONDS = 60


@contextmanager
def second_interpreter() -> Iterator[Any]:
    """Yield what runs one scenario."""
    with ExitStack() as stack:
        engine = stack.enter_context(ReferenceJsonata())

        def replace(owner: Any, name: str, value: Any) -> None:
            stack.enter_context(mock.patch.object(owner, name, value))

        for module in (string_expression, validations):
            replace(module, "eval_jsonata_expression", _evaluating(engine))
        no_waits = SimpleNamespace(sleep=lambda _: None)
        replace(retrier_decl, "time", no_waits)
        replace(wait_function.WaitFunction, "_wait_interval", lambda *_, **__: None)
        glue = state_task_service_glue.StateTaskServiceGlue
        replace(glue, "_eval_integration_pattern", _wait_for_the_job)
        replace(branches_decl, "CustomErrorName", _error_name)
        replace(timeout.TimeoutSeconds, "eval", _noted)
        stack.enter_context(mock_aws(config=_CONFIG))
        stepfunctions = boto3.client("stepfunctions", "us-east-1")
        machine = stepfunctions.create_state_machine(
            name="pipeline", definition=definition(), roleArn=_ROLE
        )
        yield partial(_run, stepfunctions, machine["stateMachineArn"])


def _run(stepfunctions: Any, machine_arn: str, scenario: Scenario, answering: Answering) -> Ended:
    client = _Client(answering)

    def client_for(**_: Any) -> Any:
        return client

    with (
        mock.patch.object(lambda_eval_utils, "boto_client_for", client_for),
        mock.patch.object(state_task_service_glue, "boto_client_for", client_for),
    ):
        started = stepfunctions.start_execution(
            stateMachineArn=machine_arn, name=str(time.time_ns()), input="{}"
        )
        arn = started["executionArn"]
        return _ended(_described(stepfunctions, arn), list(events_of(stepfunctions, arn)))


def _noted(limit: Any, env: Any) -> None:
    """Note a task's time limit, also in a branch that is being stopped.

    A component of a stopped branch does nothing, and the task takes what lies on the stack instead.
    """
    limit._eval_body(env)


def _described(stepfunctions: Any, arn: str) -> dict[str, Any]:
    """The execution when it has ended."""
    give_up_at = time.monotonic() + _MOST_SECONDS
    while time.monotonic() < give_up_at:
        described: dict[str, Any] = stepfunctions.describe_execution(executionArn=arn)
        if described["status"] != "RUNNING":
            return described
        time.sleep(0.02)
    raise AssertionError("the execution does not end")


def _ended(described: dict[str, Any], events: list[dict[str, Any]]) -> Ended:
    visits = visits_of(iter(events))
    inner = {"AlbumsJob", "ArtistsJob", "SongsJob"}
    return Ended(
        visited=[visit.name for visit in visits if visit.name not in inner],
        status=described["status"],
        error=described.get("error", ""),
        cause=described.get("cause", ""),
        outputs={visit.name: visit.output for visit in visits},
        events=[event["type"] for event in events],
    )


class _Client:
    """What the interpreter calls in place of Lambda and Glue."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._runs: dict[str, Any] = {}

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        answer = self._answering.function(FunctionName, json.loads(Payload))
        if not isinstance(answer, Throw):
            return _response(answer)
        if answer.error.startswith("Lambda."):
            raise _refusal(answer)
        _raise_if_the_machines_own(answer)
        return _response(_function_error(answer), FunctionError="Unhandled")

    def start_job_run(self, JobName: str, **_: Any) -> dict[str, str]:  # noqa: N803
        self._runs[JobName] = self._answering.job(JobName)
        return {"JobRunId": "jr_1"}

    def get_job_run(self, JobName: str, RunId: str) -> dict[str, Any]:  # noqa: N803
        run = self._runs[JobName]
        if isinstance(run, Throw):
            _raise_if_the_machines_own(run)
        return {"JobRun": dict(run)}


def _response(payload: Any, **more: str) -> dict[str, Any]:
    return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(payload).encode()), **more}


def _function_error(thrown: Throw) -> dict[str, str]:
    """What Lambda answers when a function ended with an error."""
    try:
        found: dict[str, str] = json.loads(thrown.cause)
    except ValueError:
        return {"errorType": thrown.error, "errorMessage": thrown.cause}
    return found


def _refusal(thrown: Throw) -> ClientError:
    code = thrown.error.removeprefix("Lambda.")
    metadata = {"HTTPStatusCode": 429, "RequestId": "r"}
    answer: Any = {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": metadata}
    return ClientError(answer, "Invoke")


def _raise_if_the_machines_own(thrown: Throw) -> None:
    """Raise what Step Functions itself reports, such as the end of `TimeoutSeconds`."""
    if thrown.error == "States.Timeout":
        raise TimeoutError
    if thrown.error.startswith("States."):
        raise _own_error(StatesErrorNameType.from_name(thrown.error), thrown.cause)


def _own_error(kind: StatesErrorNameType, cause: str) -> FailureEventException:
    nowhere: Any = SimpleNamespace(
        next_state_name="", event_history_context=SimpleNamespace(source_event_id=0)
    )
    details = TaskFailedEventDetails(error=kind.to_name(), cause=cause)
    return FailureEventException(
        FailureEvent(
            nowhere,
            StatesErrorName(typ=kind),
            HistoryEventType.TaskFailed,
            EventDetails(taskFailedEventDetails=details),  # type: ignore[typeddict-item]
        )
    )


def _error_name(error_name: str) -> Any:
    if error_name.startswith("States."):
        return StatesErrorName(typ=StatesErrorNameType.from_name(error_name))
    return CustomErrorName(error_name=error_name)


def _wait_for_the_job(
    self: Any,
    env: Any,
    resource_runtime_part: Any,
    normalised_parameters: dict[str, Any],
    state_credentials: Any,
) -> None:
    resolve = self._build_sync_resolver(
        env, resource_runtime_part, normalised_parameters, state_credentials
    )
    run = resolve()
    assert run is not None, "the scenario's job run has not ended"
    env.stack.append(run)


def _evaluating(engine: ReferenceJsonata) -> Any:
    def evaluate(expression: str) -> Any:
        try:
            return engine.evaluate(expression)
        except ExpressionError as exc:
            kind = StatesErrorNameType.StatesQueryEvaluationError
            raise _own_error(kind, str(exc)) from exc

    return evaluate
