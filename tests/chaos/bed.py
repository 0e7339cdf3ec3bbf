"""The local stack with its fault switches, and an operator who does what a red run says."""

import io
import json
import re
import shlex
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Any, Final
from unittest.mock import patch

from rich.console import Console
from typer.testing import CliRunner

from tests.chaos.rules import Rule
from tests.chaos.switch import ADMIN_PATH
from tests.e2e.local_cloud import Cloud
from tonearm.cli.main import app
from tonearm.errors import OperatorError
from tonearm.local import sam
from tonearm.local.stack import STACK_NAME, LocalStack
from tonearm.project import ROOT
from tonearm.runs import executions
from tonearm.runs.executions import Finished
from tonearm.screen import Screen
from tonearm.stack import Pace, read_stack
from tonearm.warehouse.keys import new_key_pair
from tonearm.warehouse.wiring import deploy
from tonearm.warehouse.wiring.inspect_sides import Sides
from tonearm.warehouse.wiring.options import Admin, Options
from tonearm.warehouse.wiring.parameters import completed

POLL_SECONDS: Final = 0.2
CLOUD, WAREHOUSE = "cloud", "warehouse"
_SWITCHED: Final = {
    "tonearm.local.cloud": "tests.chaos.cloud",
    "tonearm.local.snowflake_server": "tests.chaos.warehouse",
}
_SAID: Final = re.compile(r"^ *(?:next|then): (?P<command>.+)$", re.MULTILINE)
_LEASE: Final = {"pk": {"S": "lease#extract"}, "sk": {"S": "lease"}}
_SECONDS: Final = 60


class SwitchedStack(LocalStack):
    """The local stack whose AWS and whose Snowflake stand behind fault switches."""

    def _launch(self, name: str, arguments: list[str]) -> None:
        module, *rest = arguments
        with patch.dict("os.environ", {"PYTHONPATH": str(ROOT)}):
            super()._launch(name, [_SWITCHED.get(module, module), *rest])

    def _overrides(self) -> dict[str, str]:
        return {**super()._overrides(), "LoadRefreshAfterSeconds": "3"}


class UnknownCommandError(Exception):
    """A red run names a command the bed's operator cannot run."""


class Bed:
    """Sets faults, starts executions and heals what has ended red.

    Args:
        cloud: over a `SwitchedStack`.
    """

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.stack = cloud.stack
        self.stepfunctions = self.stack.client("stepfunctions")
        ports = self.stack.ports
        self._switches = {
            CLOUD: f"http://127.0.0.1:{ports.aws}{ADMIN_PATH}",
            WAREHOUSE: f"http://127.0.0.1:{ports.snowflake}{ADMIN_PATH}",
        }
        self._heals: Mapping[str, Callable[[], None]] = {
            "sam deploy": self._sam_deploy,
            "tonearm snowflake deploy": self._snowflake_deploy,
        }

    # -------------------------------------------------------------- faults
    def set_faults(self, rules: Mapping[str, Iterable[Rule]]) -> None:
        """Set the rules of each switch; one without any is set to none."""
        for name, url in self._switches.items():
            _ask(url, "POST", [asdict(rule) for rule in rules.get(name, ())])

    def end_outages(self) -> None:
        """End the faults that last for ever."""
        for url in self._switches.values():
            _ask(url, "DELETE")

    def met(self) -> int:
        """How many calls the rules have met."""
        return sum(rule["met"] for state in self._states() for rule in state["rules"])

    def calls(self) -> list[str]:
        """The names of all calls since the rules were set."""
        return [call for state in self._states() for call in state["calls"]]

    def _states(self) -> list[dict[str, Any]]:
        return [_ask(url, "GET") for url in self._switches.values()]

    # -------------------------------------------------------------- runs
    def start(self, name: str, run_input: Mapping[str, Any]) -> str:
        """Start an execution as the schedule does; its ARN."""
        machine = self.stack.outputs["StateMachineArn"]
        return executions.start(self.stepfunctions, machine, name, dict(run_input))

    def follow(self, execution_arn: str) -> Finished:
        """Wait for the end of an execution."""
        return executions.follow(self.stepfunctions, execution_arn, lambda _: None, POLL_SECONDS)

    def states_of(self, execution_arn: str) -> list[str]:
        """The names of the states an execution has entered."""
        events = executions.events_of(self.stepfunctions, execution_arn)
        return [visit.name for visit in executions.visits_of(events)]

    def is_running(self, execution_arn: str) -> bool:
        """Whether an execution has not ended."""
        answer = self.stepfunctions.describe_execution(executionArn=execution_arn)
        return bool(answer["status"] == "RUNNING")

    def stop(self, execution_arn: str) -> None:
        """Stop an execution from outside, unless it has just ended."""
        with suppress(self.stepfunctions.exceptions.ClientError):
            self.stepfunctions.stop_execution(executionArn=execution_arn)

    def executions_since(self, moment: float) -> list[str]:
        """The ARNs of all executions started since then, oldest first."""
        pages = self.stepfunctions.get_paginator("list_executions").paginate(
            stateMachineArn=self.stack.outputs["StateMachineArn"]
        )
        found = [one for page in pages for one in page["executions"]]
        new = [one for one in found if one["startDate"].timestamp() >= moment]
        return [one["executionArn"] for one in sorted(new, key=lambda one: one["startDate"])]

    # -------------------------------------------------------------- healing
    def said_of(self, execution_arn: str) -> tuple[str, list[str]]:
        """What `tonearm status` says of a run, and the commands it names, in their order."""
        said = self.tonearm(f"status {execution_arn} --stack-name {STACK_NAME}")
        return said, [found["command"] for found in _SAID.finditer(said)]

    def obey(self, command: str) -> str:
        """Run a command a red run has named; what it printed.

        Raises:
            UnknownCommandError: it is none an operator of this bed can run.
        """
        plain = command.removesuffix(f" --stack-name {STACK_NAME}")
        if plain in self._heals:
            self._heals[plain]()
            return ""
        program, _, arguments = command.partition(" ")
        if program != "tonearm":
            raise UnknownCommandError(command)
        return self.tonearm(arguments)

    def tonearm(self, arguments: str) -> str:
        """Run the command line against the stack; what it printed, an operator's error too."""
        with _command_line(self.stack):
            result = CliRunner().invoke(app, shlex.split(arguments))
        if result.exception and not isinstance(result.exception, SystemExit):
            if not isinstance(result.exception, OperatorError):
                raise result.exception
            return f"{result.output}tonearm: {result.exception}\n"
        return result.output

    def let_time_pass(self) -> None:
        """Let the lease of a run that has ended expire: on AWS the next run waits that long."""
        table = self.stack.outputs["StateTable"]
        self.stack.client("dynamodb").delete_item(TableName=table, Key=_LEASE)

    def _sam_deploy(self) -> None:
        sam.deploy(self.stack.aws_env, self.stack._overrides(), self.stack.folder / "sam.log")

    def _snowflake_deploy(self) -> None:
        stack = read_stack(self.stack.client, STACK_NAME)
        admin = Admin("ADMIN", "ACCOUNTADMIN", new_key_pair().private_pem)
        options = completed(Options(STACK_NAME), stack)
        sides = Sides(self.stack.client, options, admin, Pace(poll_seconds=POLL_SECONDS))
        deploy.deploy(sides, Screen(Console(file=io.StringIO(), width=400)), lambda: True)


@contextmanager
def _command_line(stack: LocalStack) -> Iterator[None]:
    """The command line reaches this stack, and follows a run as fast as the local one does."""
    with (
        patch("tonearm.stack.aws_client", stack.client),
        patch("tonearm.cli.runs.POLL_SECONDS", POLL_SECONDS),
        patch.dict("os.environ", {"COLUMNS": "1000"}),
    ):
        yield


def _ask(url: str, method: str, body: Any = None) -> dict[str, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method)
    with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
        found: dict[str, Any] = json.loads(answer.read())
    return found
