"""The stack's side: its outputs and parameters, and an update that changes parameters only."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tonearm.errors import OperatorError
from tonearm.stacks import refuse_half_a_stack, unreadable_stack

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
NOTHING_TO_UPDATE = "No updates are to be performed"

type Clients = Callable[[str], Any]
type Tell = Callable[[str], None]


@dataclass(frozen=True)
class Pace:
    """How often and how long something slow is asked about."""

    poll_seconds: float = 3
    stack_seconds: float = 1800
    drain_seconds: float = 300
    read_seconds: float = 120

    def wait_until(self, is_done: Callable[[], bool], seconds: float) -> bool:
        """Ask until it is so; False when the time is over."""
        deadline = time.monotonic() + seconds
        while not is_done():
            if time.monotonic() >= deadline:
                return False
            time.sleep(self.poll_seconds)
        return True


@dataclass(frozen=True)
class Stack:
    """A deployed stack as CloudFormation describes it."""

    name: str
    stack_id: str
    status: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]

    def output(self, key: str) -> str:
        """One output.

        Raises:
            OperatorError: the stack has none of that name.
        """
        if key not in self.outputs:
            raise OperatorError(
                f"stack {self.name} has no output {key}",
                "deploy the current template, `sam deploy`",
            )
        return self.outputs[key]

    def parameter(self, key: str) -> str:
        """One parameter's value; empty when the stack has no such parameter."""
        return self.parameters.get(key, "")


def read_stack(clients: Clients, name: str) -> Stack:
    """The stack as it is now.

    Raises:
        OperatorError: there is no such stack or only half of one, or AWS cannot be reached.
    """
    try:
        found = clients("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    except (BotoCoreError, ClientError) as error:
        raise unreadable_stack(name, error) from error
    refuse_half_a_stack(name, found["StackStatus"])
    return Stack(
        name,
        found["StackId"],
        found["StackStatus"],
        {item["ParameterKey"]: item["ParameterValue"] for item in found.get("Parameters", [])},
        {item["OutputKey"]: item["OutputValue"] for item in found.get("Outputs", [])},
    )


def update_parameters(
    clients: Clients, stack: Stack, changes: Mapping[str, str], pace: Pace, tell: Tell
) -> bool:
    """Give parameters new values, keep the template and all others, and wait.

    Returns:
        Whether CloudFormation found anything to change.

    Raises:
        OperatorError: CloudFormation refused, rolled back, or is still at it when the time is over.
    """
    if not _start_update(clients("cloudformation"), stack, changes):
        return False
    tell(f"stack {stack.name}: updating {', '.join(sorted(changes))}")
    statuses: list[str] = []

    def is_done() -> bool:
        status = read_stack(clients, stack.name).status
        if statuses[-1:] != [status]:
            statuses.append(status)
            tell(f"stack {stack.name}: {status}")
        return not status.endswith("_IN_PROGRESS")

    if not pace.wait_until(is_done, pace.stack_seconds):
        raise OperatorError(
            f"stack {stack.name} is still {statuses[-1]} after {pace.stack_seconds:.0f} s",
            "run the command again when CloudFormation is done",
        )
    if statuses[-1] != "UPDATE_COMPLETE":
        reason = _first_failure(clients("cloudformation"), stack.name)
        raise OperatorError(
            f"stack {stack.name}: {statuses[-1]}: {reason}",
            "put that right and run the command again",
        )
    return True


def _start_update(cloudformation: Any, stack: Stack, changes: Mapping[str, str]) -> bool:
    parameters = [
        {"ParameterKey": key, "ParameterValue": changes[key]}
        if key in changes
        else {"ParameterKey": key, "UsePreviousValue": True}
        for key in stack.parameters
    ]
    try:
        cloudformation.update_stack(
            StackName=stack.name,
            UsePreviousTemplate=True,
            Parameters=parameters,
            Capabilities=CAPABILITIES,
        )
    except ClientError as error:
        if NOTHING_TO_UPDATE in str(error):
            return False
        raise OperatorError(
            f"stack {stack.name} cannot be updated ({error})",
            "wait until no other update runs, or look at its events in the CloudFormation console",
        ) from error
    except BotoCoreError as error:
        raise OperatorError(
            f"CloudFormation cannot be reached ({error})", "check credentials and network"
        ) from error
    return True


def _first_failure(cloudformation: Any, name: str) -> str:
    """The reason that came first: those after it are its consequences."""
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    newest_update = []
    for event in events:  # newest first
        newest_update.append(event)
        is_start = event.get("ResourceStatus") == "UPDATE_IN_PROGRESS"
        if is_start and event.get("PhysicalResourceId") == event["StackId"]:
            break
    failed = [e for e in newest_update if e.get("ResourceStatus", "").endswith("_FAILED")]
    if not failed:
        return "no reason given"
    first = failed[-1]
    return f"{first['LogicalResourceId']}: {first.get('ResourceStatusReason', 'no reason given')}"
