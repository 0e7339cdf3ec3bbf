"""Updates of the stack, over a CloudFormation that answers as told."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tonearm.errors import OperatorError
from tonearm.stack import Pace, Stack, read_stack, update_parameters
from tonearm.warehouse.wiring.options import Handshake, Options
from tonearm.warehouse.wiring.parameters import completed, external_id_for, parameter_changes

PACE = Pace(poll_seconds=0.001, stack_seconds=0.05)
STACK_ID = "arn:aws:cloudformation:eu-west-1:1:stack/t/3f2c"


class CloudFormation:
    """One stack; the statuses it goes through after an update."""

    def __init__(self, *statuses: str, refuses: str = "") -> None:
        self.statuses = list(statuses)
        self.refuses = refuses
        self.updates: list[dict[str, Any]] = []

    def __call__(self, service: str) -> "CloudFormation":
        return self

    def describe_stacks(self, **_: str) -> dict[str, Any]:
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return {"Stacks": [{"StackId": STACK_ID, "StackStatus": status}]}

    def update_stack(self, **arguments: Any) -> None:
        if self.refuses:
            raise ClientError(
                {"Error": {"Code": "ValidationError", "Message": self.refuses}}, "UpdateStack"
            )
        self.updates.append(arguments)

    def describe_stack_events(self, **_: str) -> dict[str, Any]:
        def event(logical: str, status: str, reason: str = "") -> dict[str, str]:
            physical = STACK_ID if logical == "t" else logical
            return {
                "LogicalResourceId": logical,
                "PhysicalResourceId": physical,
                "StackId": STACK_ID,
                "ResourceStatus": status,
                "ResourceStatusReason": reason,
            }

        return {
            "StackEvents": [
                event("t", "UPDATE_ROLLBACK_COMPLETE"),
                event("Role", "UPDATE_FAILED", "cancelled"),
                event("Bucket", "UPDATE_FAILED", "no such queue"),
                event("t", "UPDATE_IN_PROGRESS"),
                event("Bucket", "CREATE_FAILED", "long ago"),
            ]
        }


def a_stack(**parameters: str) -> Stack:
    return Stack("t", STACK_ID, "CREATE_COMPLETE", parameters, {})


def update(cloudformation: CloudFormation, stack: Stack, **changes: str) -> tuple[bool, list[str]]:
    said: list[str] = []
    return update_parameters(cloudformation, stack, changes, PACE, said.append), said


def test_only_the_named_parameters_change() -> None:
    cloudformation = CloudFormation("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")

    changed, said = update(cloudformation, a_stack(A="1", B="2"), A="3")

    assert changed
    (call,) = cloudformation.updates
    assert call["UsePreviousTemplate"] is True
    assert call["Parameters"] == [
        {"ParameterKey": "A", "ParameterValue": "3"},
        {"ParameterKey": "B", "UsePreviousValue": True},
    ]
    assert said == [
        "stack t: updating A",
        "stack t: UPDATE_IN_PROGRESS",
        "stack t: UPDATE_COMPLETE",
    ]


def test_nothing_to_update_is_fine() -> None:
    cloudformation = CloudFormation("x", refuses="No updates are to be performed.")

    assert update(cloudformation, a_stack(A="1"), A="1") == (False, [])


def test_a_refused_update_is_an_error_with_its_reason() -> None:
    cloudformation = CloudFormation("x", refuses="Stack is in UPDATE_IN_PROGRESS state")

    with pytest.raises(OperatorError, match=r"UPDATE_IN_PROGRESS state.*wait until"):
        update(cloudformation, a_stack(A="1"), A="2")


def test_a_rolled_back_update_names_its_first_failure() -> None:
    cloudformation = CloudFormation("UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE")

    with pytest.raises(OperatorError, match="UPDATE_ROLLBACK_COMPLETE: Bucket: no such queue"):
        update(cloudformation, a_stack(A="1"), A="2")


def test_an_update_that_takes_too_long_is_left_alone() -> None:
    with pytest.raises(OperatorError, match="still UPDATE_IN_PROGRESS after"):
        update(CloudFormation("UPDATE_IN_PROGRESS"), a_stack(A="1"), A="2")


def test_a_stack_without_an_output_names_the_fix() -> None:
    stack = read_stack(CloudFormation("CREATE_COMPLETE"), "t")

    with pytest.raises(OperatorError, match="stack t has no output Bucket: deploy the current"):
        stack.output("Bucket")


def test_the_external_id_is_the_stacks_own_until_one_is_in_use() -> None:
    template_default = a_stack(SnowflakeExternalId="tonearm")
    in_use = a_stack(SnowflakeExternalId="tonearm", SnowflakePrincipalArn="arn:x")

    assert external_id_for(Options("t"), template_default) == "tonearm-3f2c"
    assert external_id_for(Options("t"), in_use) == "tonearm"
    assert external_id_for(Options("t"), a_stack(SnowflakeExternalId="mine")) == "mine"
    assert external_id_for(Options("t", external_id="given"), in_use) == "given"


def test_parameters_the_template_does_not_have_are_left_out() -> None:
    stack = a_stack(SnowflakeAccount="", SnowpipeQueueArn="old")

    changes = parameter_changes(
        Options("t", account="A"), stack, Handshake("arn:user", "arn:queue")
    )

    assert changes == {"SnowflakeAccount": "A", "SnowpipeQueueArn": "arn:queue"}


def test_what_snowflake_has_not_told_yet_is_left_as_it_is() -> None:
    stack = a_stack(SnowpipeQueueArn="old", SnowflakePrincipalArn="old")

    assert parameter_changes(Options("t", account="A"), stack, Handshake()) == {}


def test_account_and_address_come_from_a_wired_stack() -> None:
    stack = a_stack(SnowflakeAccount="A", SnowflakeHost="127.0.0.1", SnowflakePort="80")

    options = completed(Options("t"), stack)

    assert (options.account, options.host, options.port) == ("A", "127.0.0.1", 80)


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"])
def test_half_a_stack_is_told_with_its_way_out(status: str) -> None:
    with pytest.raises(OperatorError) as caught:
        read_stack(CloudFormation(status), "tonearm")

    assert f"it is {status}" in str(caught.value)
    assert "`sam delete --stack-name tonearm`, and then `sam deploy` again" in str(caught.value)


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_ROLLBACK_FAILED"])
def test_a_stack_that_stands_is_read(status: str) -> None:
    assert read_stack(CloudFormation(status), "tonearm").status == status
