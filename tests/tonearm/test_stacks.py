from collections.abc import Callable
from typing import Any

import pytest

from tonearm.errors import OperatorError
from tonearm.stack import read_stack
from tonearm.stacks import stack_outputs


def clients(status: str) -> Callable[[str], Any]:
    class CloudFormation:
        def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - boto3's own
            return {"Stacks": [{"StackId": "arn:1", "StackStatus": status, "Outputs": []}]}

    return lambda _service: CloudFormation()


@pytest.mark.parametrize("read", [stack_outputs, read_stack])
@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"])
def test_half_a_stack_is_told_with_its_way_out(read: Callable[..., Any], status: str) -> None:
    with pytest.raises(OperatorError) as caught:
        read(clients(status), "tonearm")

    assert f"it is {status}" in str(caught.value)
    assert "`sam delete --stack-name tonearm`, and then `sam deploy` again" in str(caught.value)


@pytest.mark.parametrize("read", [stack_outputs, read_stack])
@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_ROLLBACK_FAILED"])
def test_a_stack_that_stands_is_read(read: Callable[..., Any], status: str) -> None:
    read(clients(status), "tonearm")
