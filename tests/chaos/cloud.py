"""`python -m tests.chaos.cloud`: the local AWS behind a fault switch, with processes that die."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tests.chaos.aws_calls import call_name, refusal, signature_of
from tests.chaos.redriving import Redriving
from tests.chaos.rules import Rules
from tests.chaos.switch import Send, Service, Switch
from tests.chaos.words import (
    DOUBLED,
    FAILS_AFTER_WRITING,
    FAILS_AT_ONCE,
    KILLED,
    LATE,
    LOST,
    REORDERED,
    TIMED_OUT,
)
from tonearm.local.cloud import __main__ as local_cloud
from tonearm.local.cloud import patches, spark_pool

# What Step Functions shows of a function whose process ended, and of one that took too long.
_DEATHS: Final = {
    KILLED: ("Runtime.ExitError", "Runtime exited with error: signal: killed"),
    TIMED_OUT: ("Sandbox.Timedout", "Task timed out"),
}
_DRIVER_LIVES_SECONDS: Final = 0.5
LATE_SECONDS: Final = 3.0
_REORDERED_SECONDS: Final = 1.0

rules = Rules()
_this_thread = threading.local()
_deaths: dict[str, str] = {}


def main() -> None:
    """Serve as the local cloud does, with the faults put in."""
    os.environ["AWS_MAX_ATTEMPTS"] = "2"  # of every client: the waits between them are real ones
    install = patches.install

    def install_with_faults(pool: spark_pool.SparkPool, iam_record: Path) -> None:
        install(pool, iam_record)
        _install()

    patches.install = install_with_faults
    spark_pool.SparkPool = MortalPool  # type: ignore[misc]
    local_cloud.main()


def _install() -> None:
    from ministack import app
    from ministack.services import lambda_svc, s3, stepfunctions

    app.app = Switch(app.app, rules, Service(_name, refusal, _cut, _kill_caller))
    lambda_svc._execute_function_warm = _mortal(lambda_svc._execute_function_warm)
    dispatch = stepfunctions._SERVICE_DISPATCH
    start = patches._START_JOB_RUN
    dispatch[start] = _refusing(dispatch[start], stepfunctions._ExecutionError)
    s3._deliver_event_to_sqs = Mail(s3._deliver_event_to_sqs).deliver
    stepfunctions._start_execution = _idempotent(stepfunctions)
    Redriving(stepfunctions)


def _name(scope: dict[str, Any], body: bytes) -> str:
    """The name of a call of a function or of the operator; none for the cloud's own parts."""
    from ministack.services import sts

    access_key, service = signature_of(scope)
    session = sts._sessions.get(access_key)
    caller = session["Arn"].rsplit("/", 1)[-1] if session else "operator"
    if not service or (caller == "operator" and service != "states"):
        return ""
    return call_name(caller, service, scope, body)


def _cut(send: Send) -> None:
    stream = send.__self__  # type: ignore[attr-defined]  # Hypercorn's, as its protocol and server
    stream.send.__self__.send.__self__.writer.transport.abort()


# ------------------------------------------------------------------ functions
def _kill_caller(kind: str, call: str) -> None:
    """End the process of the function that makes the call."""
    from ministack.core import lambda_runtime

    if kind not in _DEATHS:
        return
    name = call.split(" ", maxsplit=1)[0]
    _deaths[name] = kind
    for workers in list(lambda_runtime._workers.values()):
        for worker in workers:
            if worker.func_name == name and worker.in_use and worker._proc:
                worker._proc.send_signal(signal.SIGKILL)


def _mortal(execute: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Invoke a function unless a rule meets the invocation; name its death as Lambda does."""

    def wrapped(func: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        name = (func.get("config") or func)["FunctionName"]
        kind = rules.take(f"states lambda.Invoke {name}")
        if kind:
            return _failed(kind, "an invocation that failed in the test bed")
        result = execute(func, event, request_id)
        death = _deaths.pop(name, "")
        return _failed(*_DEATHS[death]) if death and result.get("error") else result

    return wrapped


def _failed(error: str, message: str) -> dict[str, Any]:
    return {"body": {"errorType": error, "errorMessage": message}, "error": True, "log": ""}


# ------------------------------------------------------------------ jobs
def _refusing(start: Callable[..., Any], error_class: type[Exception]) -> Callable[..., Any]:
    """Glue's StartJobRun, refused under the name of the rule's kind."""

    def wrapped(resource: str, data: dict[str, Any]) -> Any:
        kind = rules.take(f"states glue.StartJobRun {data['JobName']}")
        if kind:
            raise error_class(kind, "a refusal of the test bed")
        return start(resource, data)

    return wrapped


class MortalPool(spark_pool.SparkPool):
    """Warm workers whose job or process a rule ends."""

    def run(
        self, job: str, run_id: str, script: str, args: dict[str, Any], timeout_minutes: int
    ) -> None:
        """Run one job unless a rule meets it."""
        kind = rules.take(f"glue job.Run {job}")
        if kind == FAILS_AT_ONCE:
            raise spark_pool.JobFailedError("a failure of the test bed")
        if kind == TIMED_OUT:
            raise spark_pool.JobTimedOutError("longer than the test bed lets it")
        _this_thread.is_killing = kind == KILLED
        super().run(job, run_id, script, args, timeout_minutes)
        if kind == FAILS_AFTER_WRITING:
            raise spark_pool.JobFailedError("a failure of the test bed after the last file")

    def _ask_in_time(self, worker: Any, request: dict[str, Any], timeout_minutes: int) -> Any:
        if _this_thread.is_killing:
            threading.Timer(_DRIVER_LIVES_SECONDS, worker.process.kill).start()
        return super()._ask_in_time(worker, request, timeout_minutes)


# ------------------------------------------------------------------ events
class Mail:
    """S3's events on their way to Snowpipe's queue: lost, doubled, late or in another order."""

    def __init__(self, deliver: Callable[..., None]) -> None:
        self._deliver = deliver
        self._held: list[Callable[[], None]] = []

    def deliver(self, arn: str, payload: dict[str, Any], *rest: Any, **named: Any) -> None:
        """Deliver one event, or do with it what a rule says."""

        def send() -> None:
            self._deliver(arn, payload, *rest, **named)

        kind = rules.take(f"s3 event.Created {_key_in(payload)}")
        if kind == LATE:
            threading.Timer(LATE_SECONDS, send).start()
        elif kind == REORDERED:
            self._held.append(send)
            threading.Timer(_REORDERED_SECONDS, self._send_held).start()
        elif kind != LOST:
            send()
            self._send_held()
            if kind == DOUBLED:
                send()

    def _send_held(self) -> None:
        while self._held:
            self._held.pop()()


def _key_in(payload: dict[str, Any]) -> str:
    """The key an event is about; a test event is about none."""
    records = payload.get("Records", [])
    return str(records[0]["s3"]["object"]["key"]) if records else ""


# ------------------------------------------------------------------ executions
def _idempotent(stepfunctions: Any) -> Callable[[dict[str, Any]], Any]:
    """StartExecution with the name and input of a running execution answers with that one.

    https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
    """
    start = stepfunctions._start_execution

    def wrapped(data: dict[str, Any]) -> Any:
        machine = str(data.get("stateMachineArn", ""))
        arn = f"{machine.replace(':stateMachine:', ':execution:')}:{data.get('name')}"
        running = stepfunctions._executions.get(arn)
        is_same = running and running["status"] == "RUNNING" and running["input"] == data["input"]
        if not is_same:
            return start(data)
        answer = {"executionArn": arn, "startDate": running["startDate"]}
        return stepfunctions.json_response(answer)

    return wrapped


if __name__ == "__main__":
    main()
