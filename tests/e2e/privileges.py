"""What each function's role may do, as deployed, beside what the function asked for."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.e2e.local_cloud import Cloud
from tonearm.local.cloud.iam_record import FILE_NAME
from tonearm.local.stack import STACK_NAME

# They come from SAM: a function writes its logs and its traces.
MANAGED: Final = {
    "AWSLambdaBasicExecutionRole",
    "AWSXRayDaemonWriteAccess",
    "AWSXrayWriteOnlyAccess",
}

Actions = dict[str, set[str]]


@dataclass(frozen=True)
class Privileges:
    """By function, as the template names it.

    Attributes:
        granted: what its role's own policies allow.
        used: what it asked for and was allowed.
        denied: what it asked for and was not.
        managed: names of the AWS policies its role has.
    """

    granted: Actions
    used: Actions
    denied: Actions
    managed: Actions

    def unused(self) -> set[tuple[str, str]]:
        """Every function and action that is granted and was never used."""
        return {
            (name, action)
            for name, actions in self.granted.items()
            for action in actions - self.used.get(name, set())
        }


def privileges(cloud: Cloud) -> Privileges:
    """Read the deployed roles of the functions and what the local cloud wrote down of them."""
    roles = _roles_of_functions(cloud)
    iam = cloud.stack.client("iam")
    found = Privileges({}, defaultdict(set), defaultdict(set), {})
    for role, function in roles.items():
        found.granted[function] = _own_actions(iam, role)
        attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        found.managed[function] = {policy["PolicyName"] for policy in attached}
    record = cloud.stack.folder / "aws" / FILE_NAME
    for line in map(json.loads, record.read_text().splitlines()):
        if line["role"] in roles:
            side = found.used if line["decision"] == "Allow" else found.denied
            side[roles[line["role"]]].add(line["action"])
    return found


def as_text(found: Privileges, reasons: Mapping[tuple[str, str], str]) -> str:
    """Both lists, for people."""
    lines = ["Used (function, action):"]
    lines += [
        f"  {name:<24} {action}"
        for name in sorted(found.used)
        for action in sorted(found.used[name])
    ]
    lines += [
        f"  {name:<24} {action} REFUSED"
        for name in sorted(found.denied)
        for action in sorted(found.denied[name])
    ]
    lines.append("Granted and not used in these runs (function, action, why it is needed):")
    lines += [
        f"  {name:<24} {action:<32} {reasons.get((name, action), 'NO REASON')}"
        for name, action in sorted(found.unused())
    ]
    denied = sum(len(actions) for actions in found.denied.values())
    unexplained = len(found.unused() - reasons.keys())
    used = sum(len(actions) for actions in found.used.values())
    lines.append(
        f"least privilege: {used} used, {denied} refused, {unexplained} unused without a reason"
    )
    return "\n".join(lines) + "\n"


def _roles_of_functions(cloud: Cloud) -> dict[str, str]:
    """Name of each function's role -> the function's name in the template."""
    formation = cloud.stack.client("cloudformation")
    resources = formation.describe_stack_resources(StackName=STACK_NAME)["StackResources"]
    return {
        item["PhysicalResourceId"]: item["LogicalResourceId"].removesuffix("Role")
        for item in resources
        if item["ResourceType"] == "AWS::IAM::Role"
        and item["LogicalResourceId"].endswith("FunctionRole")
    }


def _own_actions(iam: Any, role: str) -> set[str]:
    actions: set[str] = set()
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for statement in document["Statement"]:
            one = statement["Action"]
            actions |= {one} if isinstance(one, str) else set(one)
    return actions
