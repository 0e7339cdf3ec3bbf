"""RedriveExecution for the local Step Functions, which has none: on at the state that was stopped.

https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
"""

import asyncio
import contextvars
import copy
import json
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

_TARGET: Final = "RedriveExecution"
_STOPPED: Final = ("ABORTED", "TIMED_OUT", "FAILED")


class Stand(NamedTuple):
    """Where an execution stands: the state it is in, its input, and the machine's variables."""

    state: str
    state_input: Any
    context: dict[str, Any]


class Redriving:
    """Notes where executions stand, and goes on with the stopped ones.

    Args:
        stepfunctions: MiniStack's module; its functions are replaced.
    """

    def __init__(self, stepfunctions: Any) -> None:
        self._module = stepfunctions
        self._stands: dict[str, Stand] = {}
        self._threads: dict[str, threading.Thread] = {}
        for name in ("_execute_task", "_execute_parallel", "_execute_wait"):
            setattr(stepfunctions, name, self._noting(getattr(stepfunctions, name)))
        stepfunctions._run_execution = self._known(stepfunctions._run_execution)
        stepfunctions.handle_request = self._answering(stepfunctions.handle_request)

    def _noting(self, execute: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(state_def: Any, state_input: Any, *rest: Any) -> Any:
            context = rest[-1]
            name = context["State"]["Name"]
            if name in self._states_of(context["StateMachine"]["Id"]):  # not one of a branch
                stand = Stand(name, state_input, copy.deepcopy(context))
                self._stands[context["Execution"]["Id"]] = stand
            return execute(state_def, state_input, *rest)

        return wrapped

    def _states_of(self, machine_arn: str) -> dict[str, Any]:
        machine = self._module._state_machines.get(machine_arn)
        states: dict[str, Any] = json.loads(machine["definition"])["States"]
        return states

    def _known(self, run: Callable[[str], None]) -> Callable[[str], None]:
        def wrapped(arn: str) -> None:
            self._threads[arn] = threading.current_thread()
            run(arn)

        return wrapped

    def _answering(self, handle: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def wrapped(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
            if not str(headers.get("x-amz-target", "")).endswith(_TARGET):
                return await handle(method, path, headers, body, query)
            arn = json.loads(body)["executionArn"]
            return await asyncio.to_thread(self._redrive, arn)  # its last task needs the loop

        return wrapped

    def _redrive(self, arn: str) -> Any:
        execution = self._module._executions.get(arn)
        if not execution or execution["status"] not in _STOPPED or arn not in self._stands:
            text = "the execution cannot be redriven"
            return self._module.error_response_json("ExecutionNotRedrivable", text, 400)
        self._threads[arn].join()  # with its last task, which the stop did not reach
        execution.update(status="RUNNING", stopDate=None, error=None, cause=None)
        self._module._add_event(execution, "ExecutionRedriven")
        work = contextvars.copy_context()
        thread = threading.Thread(target=work.run, args=(self._go_on, execution), daemon=True)
        self._threads[arn] = thread
        thread.start()
        return self._module.json_response({"redriveDate": self._module.now_iso()})

    def _go_on(self, execution: Any) -> None:
        module, stand = self._module, self._stands[execution["executionArn"]]
        try:
            output = module._run_sub_machine(
                self._states_of(execution["stateMachineArn"]),
                stand.state,
                stand.state_input,
                execution,
                copy.deepcopy(stand.context),
            )
        except module._ExecutionError as error:
            module._fail_execution(execution, error.error, error.cause)
        else:
            text = json.dumps(output)
            execution.update(status="SUCCEEDED", output=text, stopDate=module.now_iso())
