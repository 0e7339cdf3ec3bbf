"""What MiniStack lacks for this pipeline, put in where it keeps such things.

MiniStack has no `glue:startJobRun.sync`, runs Spark only in Docker, and names every exception of a
Python Lambda `Runtime.HandlerError`. It enforces the roles' policies, and would refuse plain HTTP
where a bucket policy asks for TLS; on the loopback address that rule is taken as kept. Each
replacement first checks that the name is still there, so a new version that moves it fails at once
with that name.
"""

import contextvars
import json
import logging
import queue
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from tonearm.local.cloud import strictness
from tonearm.local.cloud.iam_record import noting_who_asks, recorded
from tonearm.local.cloud.spark_pool import JobFailedError, JobTimedOutError, SparkPool

logger = logging.getLogger(__name__)
TERMINAL_STATES = ("SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED", "ERROR", "EXPIRED")
_START_JOB_RUN = "arn:aws:states:::glue:startJobRun"
_TERMINAL_ERRORS = ("States.Runtime", "States.DataLimitExceeded")
_EXCEPTION_LINE = re.compile(r"^(?:[A-Za-z_][\w]*\.)*([A-Za-z_]\w*)(?::|$)")


class MiniStackMovedError(RuntimeError):
    """A name that Tonearm replaces is no longer in this version of MiniStack."""


def install(pool: SparkPool, iam_record: Path) -> None:
    """Put the Spark runner, `startJobRun.sync` and the Lambda error names into MiniStack.

    Args:
        pool: runs the Glue jobs' scripts.
        iam_record: file for what the roles ask for and are answered.

    Raises:
        MiniStackMovedError: this version keeps one of the names elsewhere.
    """
    from ministack.core import iam_evaluator, lambda_runtime
    from ministack.services import glue, lambda_svc, stepfunctions
    from ministack.services.cloudformation import provisioners

    _replace(glue, "_get_docker", lambda: _AlwaysThere)
    _replace(glue, "_execute_spark_docker", spark_runner(pool))
    dispatch = _named(stepfunctions, "_SERVICE_DISPATCH")
    dispatch[_START_JOB_RUN] = start_job_run(glue, _named(stepfunctions, "_ExecutionError"))
    matches = _named(stepfunctions, "_error_matches")
    stepfunctions._error_matches = uncaught_as_documented(matches)
    warm = _named(lambda_svc, "_execute_function_warm")
    lambda_svc._execute_function_warm = with_exception_names(warm)
    worker = _named(lambda_runtime, "_PYTHON_WORKER_SCRIPT")
    lambda_runtime._PYTHON_WORKER_SCRIPT = with_lean_arrow(worker)
    functions = _named(provisioners, "_RESOURCE_HANDLERS")["AWS::Lambda::Function"]
    functions["create"] = then_initialised(functions["create"], lambda_svc)
    resolve = _named(iam_evaluator, "_resolve_condition_key")
    iam_evaluator._resolve_condition_key = with_loopback_as_tls(resolve)
    evaluate = _named(iam_evaluator, "evaluate")
    iam_evaluator.evaluate = noting_who_asks(evaluate)
    enforce = _named(iam_evaluator, "enforce")
    iam_evaluator.enforce = recorded(enforce, iam_record)
    strictness.install(_named)


def _named(module: ModuleType, name: str) -> Any:
    if not hasattr(module, name):
        raise MiniStackMovedError(f"{module.__name__} has no {name}: pin the version that has it")
    return getattr(module, name)


def _replace(module: ModuleType, name: str, value: Any) -> None:
    _named(module, name)
    setattr(module, name, value)


class _AlwaysThere:
    """Stands where MiniStack asks Docker whether the Glue image is there."""

    class images:  # noqa: N801 - the Docker client's own name
        """The image list."""

        @staticmethod
        def get(name: str) -> str:
            """Say that it is there."""
            return name


def spark_runner(pool: SparkPool) -> Callable[..., None]:
    """A replacement of MiniStack's Docker runner that hands the script to a warm Spark worker.

    MiniStack's own copy of the script is not used: it writes that file anew at every start, so a
    second run could empty it while a first one reads it, and an empty script succeeds.
    """

    def run_job(run: dict[str, Any], job: Any, name: str, args: Any, _copy: str, _: Any) -> None:
        script = job["Command"]["ScriptLocation"]
        try:
            pool.run(name, run["Id"], script, args, timeout_minutes=run["Timeout"])
        except JobTimedOutError as error:
            run.update(JobRunState="TIMEOUT", ErrorMessage=str(error))
        except JobFailedError as error:
            run.update(JobRunState="FAILED", ErrorMessage=str(error))
        else:
            run["JobRunState"] = "SUCCEEDED"

    return run_job


def start_job_run(glue: ModuleType, error_class: type[Exception]) -> Callable[..., Any]:
    """`glue:startJobRun` and its `.sync` form, which waits and hands back the final JobRun.

    Behaviour: https://docs.aws.amazon.com/step-functions/latest/dg/connect-glue.html
    """

    def handle(resource: str, data: dict[str, Any]) -> dict[str, Any]:
        status, _, body = glue._start_job_run(data)
        answer: dict[str, Any] = json.loads(body)
        if status >= 400:  # noqa: PLR2004 - HTTP
            kind = str(answer.get("__type", "AWSGlueException")).rsplit("#", 1)[-1]
            raise error_class(f"Glue.{kind}", answer.get("message", ""))
        if not resource.endswith(".sync"):
            return answer
        return _wait_for(glue, data["JobName"], answer["JobRunId"], error_class)

    return handle


def _wait_for(
    glue: ModuleType, job: str, run_id: str, error_class: type[Exception]
) -> dict[str, Any]:
    run: dict[str, Any] = next(r for r in glue._job_runs[job] if r["Id"] == run_id)
    while run["JobRunState"] not in TERMINAL_STATES or run["CompletedOn"] is None:
        time.sleep(0.05)
    if run["JobRunState"] != "SUCCEEDED":
        raise error_class("States.TaskFailed", json.dumps(run, default=str))
    return run


def uncaught_as_documented(
    matches: Callable[[list[str], str], bool],
) -> Callable[[list[str], str], bool]:
    """Let no wildcard of a retrier or catcher match the errors that end an execution by themselves.

    Behaviour: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    """

    def wrapped(error_equals: list[str], error: str) -> bool:
        return error not in _TERMINAL_ERRORS and matches(error_equals, error)

    return wrapped


def with_exception_names(execute: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Give a failed Python handler's `errorType` the class name, as Lambda does.

    Behaviour: https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
    """

    def wrapped(*args: Any, **kwargs: Any) -> dict[str, Any]:
        result = execute(*args, **kwargs)
        body = result.get("body")
        if isinstance(body, dict) and body.get("errorType") == "Runtime.HandlerError":
            body["errorType"] = exception_name(result.get("log", "")) or body["errorType"]
        return result

    return wrapped


def with_lean_arrow(worker: str) -> str:
    """A function's process finds no more of Arrow than AWS's pandas layer has (lean_arrow.py)."""
    return f"from tonearm.local.cloud import lean_arrow\nlean_arrow.install()\n{worker}"


def then_initialised(create: Callable[..., Any], lambda_svc: ModuleType) -> Callable[..., Any]:
    """Creating a function also starts its first environment, as Lambda may do ahead of a call.

    Behaviour: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
    ("proactive initialization"). One after the other, beside the deploy; an environment that fails
    to start is started, and then told, by the first call.
    """
    for name in ("acquire_worker", "release_worker", "ensure_spawned", "_functions"):
        _named(lambda_svc, name)
    waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
    threading.Thread(target=_run_each, args=(waiting,), daemon=True).start()

    def wrapped(*args: Any) -> Any:
        created = create(*args)
        # Whose function it is stands in context variables of the request.
        context = contextvars.copy_context()
        waiting.put(lambda: context.run(_initialise, lambda_svc, created[0]))
        return created

    return wrapped


def _run_each(waiting: "queue.SimpleQueue[Callable[[], None]]") -> None:
    while True:
        task = waiting.get()
        try:
            task()
        except Exception:
            logger.warning("a function was not started ahead", exc_info=True)


def _initialise(lambda_svc: ModuleType, name: str) -> None:
    function = lambda_svc._functions[name]
    worker, _ = lambda_svc.acquire_worker(name, function["config"], function["code_zip"])
    # Given back first: a call that comes now waits for this environment and makes no second one.
    lambda_svc.release_worker(worker)
    lambda_svc.ensure_spawned(worker)


def exception_name(log: str) -> str | None:
    """The class name on the first line after the last traceback's frames, if there is one."""
    _, found, last = log.rpartition("Traceback (most recent call last):")
    if not found:
        return None
    for line in last.splitlines()[1:]:
        if line and not line[0].isspace():
            match = _EXCEPTION_LINE.match(line)
            return match[1] if match else None
    return None


def with_loopback_as_tls(resolve: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    """Answer `aws:SecureTransport` with true: nothing here leaves the loopback address."""

    def wrapped(key: str, context: Any) -> Any:
        return "true" if key.lower() == "aws:securetransport" else resolve(key, context)

    return wrapped
