"""A deployed stack: its outputs and parameters, and an update that changes parameters only."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tonearm.errors import OperatorError

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
NOTHING_TO_UPDATE = "No updates are to be performed"
_NEVER_MADE = frozenset(
    {"CREATE_FAILED", "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}
)
# AWS answered, but does not know who asks.
_UNKNOWN_CALLER = ("ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch")

type Clients = Callable[[str], Any]
type Tell = Callable[[str], None]


def aws_client(service: str) -> Any:
    """A client of the account and region that the environment or the profile names."""
    return boto3.client(service)  # type: ignore[call-overload]


@contextmanager
def aws_answers(doing: str) -> Iterator[None]:
    """Turn a refusal or a silence of AWS into one line.

    Args:
        doing: what was being done, for the message.

    Raises:
        OperatorError: AWS refused, or did not answer.
    """
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise OperatorError(
            f"{doing}: AWS says no ({error})", "check the AWS credentials, region and permissions"
        ) from error


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
        raise _unreadable_stack(name, error) from error
    _refuse_half_a_stack(name, found["StackStatus"])
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


def _refuse_half_a_stack(name: str, status: str) -> None:
    """Tell what to do with a stack that no update can make whole.

    A stack whose first deploy failed takes no other action than its deletion:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html

    Raises:
        OperatorError: it was never made, or was not deleted whole.
    """
    if status in _NEVER_MADE:
        what = f"the first deploy of stack {name} did not succeed: it is {status}"
    elif status == "DELETE_FAILED":
        what = f"stack {name} was not deleted whole: it is {status}"
    else:
        return
    raise OperatorError(
        what,
        "see the first failure in its events in the CloudFormation console, put that right, run"
        f" `sam delete --stack-name {name}`, and then `sam deploy` again",
    )


def _unreadable_stack(stack_name: str, error: BotoCoreError | ClientError) -> OperatorError:
    """Why a stack cannot be read, and what to do: by whether AWS answered at all."""
    what = f"stack {stack_name} cannot be read ({error})"
    if isinstance(error, BotoCoreError) or error.response["Error"]["Code"] in _UNKNOWN_CALLER:
        return OperatorError(what, "name AWS credentials and a region: AWS_PROFILE, AWS_REGION")
    return OperatorError(
        what,
        "deploy it with `sam deploy`, or name another one with --stack-name or another region with "
        "AWS_REGION",
    )
