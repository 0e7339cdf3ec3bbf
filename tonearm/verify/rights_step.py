"""Whether each role may do what the template gives it: no right lost, none forbidden by hand.

The documents are compared, since the simulator of IAM knows neither session nor resource policies
better than they are written: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple

from tonearm.verify.outcomes import Fault, Outcome, judged
from tonearm.verify.subject import Subject

_LOGS: Final = "AWSLambdaBasicExecutionRole"
_TRACES: Final = ("AWSXrayWriteOnlyAccess", "AWSXRayDaemonWriteAccess")


class Right(NamedTuple):
    """One action on one resource, under one condition (JSON text)."""

    effect: str
    action: str
    resource: str
    condition: str


def check_rights(subject: Subject) -> Outcome:
    """Each role has every right of the template, and nothing is denied that it does not deny."""
    faults: list[Fault] = []
    roles = _wanted_roles(subject)
    for logical, (role, wanted) in roles.items():
        found = set(_rights_of(subject, role))
        faults += _faults(subject, logical, wanted, found)
        if logical.endswith("FunctionRole"):
            faults += _managed_faults(subject, logical, role)
    rights = sum(len(wanted) for _, wanted in roles.values())
    return judged(f"{len(roles)} roles with {rights} rights", faults)


def _wanted_roles(subject: Subject) -> dict[str, tuple[str, set[Right]]]:
    """By the role's logical id: its name, and the rights the template gives it."""
    deployed = subject.deployed
    roles: dict[str, tuple[str, set[Right]]] = {}
    for kind in ("AWS::Serverless::Function", "AWS::Serverless::StateMachine"):
        for owner in deployed.resources(kind):
            logical = f"{owner.logical}Role"  # the name SAM gives it
            documents = deployed.value(owner.properties.get("Policies"), [])
            roles[logical] = (deployed.physical[logical], _rights(documents))
    for role in deployed.resources("AWS::IAM::Role"):
        policies = deployed.value(role.properties.get("Policies"), [])
        documents = [policy["PolicyDocument"] for policy in policies]
        roles[role.logical] = (role.physical, _rights(documents))
    return roles


def _rights_of(subject: Subject, role: str) -> Iterator[Right]:
    iam = subject.clients("iam")
    pages = iam.get_paginator("list_role_policies").paginate(RoleName=role)
    for name in (name for page in pages for name in page["PolicyNames"]):
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        yield from _rights([document])


def _rights(documents: list[Mapping[str, Any]]) -> set[Right]:
    return {
        Right(statement["Effect"], action, resource, _condition(statement))
        for document in documents
        for statement in _listed(document["Statement"])
        for action in _listed(statement.get("Action"))
        for resource in _listed(statement.get("Resource"))
    }


def _condition(statement: Mapping[str, Any]) -> str:
    return json.dumps(statement.get("Condition", {}), sort_keys=True)


def _faults(
    subject: Subject, logical: str, wanted: set[Right], found: set[Right]
) -> Iterator[Fault]:
    lost = [right for right in wanted if not any(_covers(one, right) for one in found)]
    for action in sorted({right.action for right in lost}):
        places = ", ".join(sorted(right.resource for right in lost if right.action == action))
        yield Fault(f"{logical} has lost {action} on {places}", subject.deploy)
    for right in sorted(found - wanted):
        if right.effect == "Deny":
            what = f"{logical} is denied {right.action} on {right.resource}"
            yield Fault(what, f"take that statement out of the role, or {subject.deploy}")


def _covers(found: Right, wanted: Right) -> bool:
    return (
        found.effect == wanted.effect
        and found.condition in (wanted.condition, "{}")
        and fnmatchcase(wanted.action.lower(), found.action.lower())
        and (found.resource == wanted.resource or fnmatchcase(wanted.resource, found.resource))
    )


def _managed_faults(subject: Subject, logical: str, role: str) -> Iterator[Fault]:
    """A function writes its logs and its traces by policies of AWS that SAM attaches."""
    answer = subject.clients("iam").list_attached_role_policies(RoleName=role)
    names = {policy["PolicyName"] for policy in answer["AttachedPolicies"]}
    if _LOGS not in names:
        yield Fault(f"{logical} may not write logs: {_LOGS} is not attached", subject.deploy)
    if not names & set(_TRACES):
        yield Fault(f"{logical} may not write traces: {_TRACES[0]} is not attached", subject.deploy)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
