"""The policies of the roles, as deployed, before the eyes of parliament."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from tests.contract.rendering import Rendering

RENDERINGS: Final = {
    "plain": Rendering(),
    "key, queue and Snowflake": Rendering(
        KmsKeyArn="arn:aws:kms:us-east-1:123456789012:key/1",
        SnowpipeQueueArn="arn:aws:sqs:us-east-1:123456789012:q",
        SnowflakePrincipalArn="arn:aws:iam::123456789012:user/s",
        MonthlyBudgetDollars="5",
    ),
}
# What may stay, by policy and kind, and why.
EXPLAINED: Final = {
    ("PipelineStateMachineDailyRole", "NO_VERSION"): "SAM writes it",
    ("PipelineStateMachineRole", "RESOURCE_STAR"): (
        "the page on Step Functions' logging asks for log delivery on everything: "
        "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html"
    ),
}
# In a process of its own: it leaves files open and warns of what it imports.
PARLIAMENT: Final = """
import json, sys
from parliament import analyze_policy_string as look
found = {
    name: [f"{one.issue} {one.detail} {one.location}" for one in look(json.dumps(text)).findings]
    for name, text in json.load(sys.stdin).items()
}
json.dump({name: told for name, told in found.items() if told}, sys.stdout)
"""


def policies(rendering: Rendering) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each role's own policies and the managed one, by name."""
    for name, role in rendering.resources("AWS::IAM::Role").items():
        for policy in role.get("Policies", []):
            yield f"{name}.{policy['PolicyName']}", policy["PolicyDocument"]
    for name, policy in rendering.resources("AWS::IAM::ManagedPolicy").items():
        yield name, policy["PolicyDocument"]


def complaints(documents: Mapping[str, Any]) -> dict[str, list[str]]:
    """What parliament says of each document that it says something of."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PARLIAMENT],
        input=json.dumps(documents),
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("which", RENDERINGS)
def test_parliament_finds_nothing_in_any_policy(which: str) -> None:
    found = dict(policies(RENDERINGS[which]))

    assert len(found) >= 12
    assert {
        (name.split(".")[0], one.split()[0])
        for name, told in complaints(found).items()
        for one in told
    } == set(EXPLAINED)


def test_parliament_looks_at_what_it_is_given() -> None:
    wrong = {"Effect": "Allow", "Action": "s3:GetObjects", "Resource": "arn:aws:s3:::b/*"}
    misplaced = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b/*"}

    told = complaints(
        {
            name: {"Version": "2012-10-17", "Statement": [statement]}
            for name, statement in (("wrong", wrong), ("misplaced", misplaced))
        }
    )

    assert set(told) == {"wrong", "misplaced"}
