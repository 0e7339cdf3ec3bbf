"""Reads a deployed stack."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tonearm.errors import OperatorError

_NEVER_MADE = frozenset(
    {"CREATE_FAILED", "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}
)
# AWS answered, but does not know who asks.
_UNKNOWN_CALLER = ("ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch")


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


def stack_output(client: Callable[[str], Any], stack_name: str, key: str) -> str:
    """One output of a deployed stack.

    Raises:
        OperatorError: there is no such stack or output, or AWS cannot be reached.
    """
    outputs = stack_outputs(client, stack_name)
    if key not in outputs:
        raise OperatorError(f"stack {stack_name} has no output {key}", "run `sam deploy` again")
    return outputs[key]


def refuse_half_a_stack(name: str, status: str) -> None:
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


def stack_outputs(client: Callable[[str], Any], stack_name: str) -> dict[str, str]:
    """The outputs of a deployed stack, by key.

    Raises:
        OperatorError: there is no such stack or only half of one, or AWS cannot be reached.
    """
    try:
        answer = client("cloudformation").describe_stacks(StackName=stack_name)
    except (BotoCoreError, ClientError) as error:
        raise unreadable_stack(stack_name, error) from error
    refuse_half_a_stack(stack_name, answer["Stacks"][0]["StackStatus"])
    outputs = answer["Stacks"][0].get("Outputs", [])
    return {item["OutputKey"]: item["OutputValue"] for item in outputs}


def unreadable_stack(stack_name: str, error: BotoCoreError | ClientError) -> OperatorError:
    """Why a stack cannot be read, and what to do: by whether AWS answered at all."""
    what = f"stack {stack_name} cannot be read ({error})"
    if isinstance(error, BotoCoreError) or error.response["Error"]["Code"] in _UNKNOWN_CALLER:
        return OperatorError(what, "name AWS credentials and a region: AWS_PROFILE, AWS_REGION")
    return OperatorError(
        what,
        "deploy it with `sam deploy`, or name another one with --stack-name or another region with "
        "AWS_REGION",
    )
