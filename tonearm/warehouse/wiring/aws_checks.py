"""Compares the stack and its resources with what Snowflake needs of them."""

from collections.abc import Iterator, Mapping

from tonearm.findings import Finding, Kind
from tonearm.stack import Stack
from tonearm.warehouse.wiring.aws_side import AwsSide, notifies, trusts
from tonearm.warehouse.wiring.options import Handshake
from tonearm.warehouse.wiring.parameters import (
    FOUND_IN_SNOWFLAKE,
    NOTIFY_EXTERNAL_ID,
    NOTIFY_PRINCIPAL,
    PRINCIPAL,
    QUEUE,
    known,
)

READ_ROLE, NOTIFY_ROLE = "SnowflakeReadRole", "SnowflakeNotifyRole"
REWRITE = "let CloudFormation write it again"


def stack_findings(
    stack: Stack, changes: Mapping[str, str], handshake: Handshake, *, tells_of_errors: bool = True
) -> Iterator[Finding]:
    """The parameters to change, those that only the SQL will tell among them."""
    untold = () if tells_of_errors else (NOTIFY_PRINCIPAL, NOTIFY_EXTERNAL_ID)
    for key, value in changes.items():
        what = f"parameter {key} is {stack.parameter(key)!r}, not {value!r}"
        yield Finding(Kind.PARAMETER, what, subject=key, action="set it")
    told = known(handshake)
    for key in FOUND_IN_SNOWFLAKE:
        if key in stack.parameters and key not in (*told, *untold):
            what = f"parameter {key} is not known before the SQL is applied"
            yield Finding(Kind.PARAMETER, what, subject=key, action="set it then")


def aws_findings(
    aws: AwsSide, stack: Stack, external_id: str, handshake: Handshake
) -> Iterator[Finding]:
    """Trust and notifications that are not what Snowflake needs, parameters being right or not."""
    yield from _read_trust(aws, stack, external_id, handshake)
    yield from _notify_trust(aws, stack, handshake)
    yield from _notifications(aws, stack, handshake)


def unseen(aws: AwsSide) -> Iterator[str]:
    """What could not be checked, in one line each."""
    if aws.read_trust is None or aws.notify_trust is None:
        yield "trust policies: not checked (this operator may not read roles: iam:GetRole)"
    if aws.notifications is None:
        yield "bucket notification: not checked (needs s3:GetBucketNotification)"


def _read_trust(
    aws: AwsSide, stack: Stack, external_id: str, handshake: Handshake
) -> Iterator[Finding]:
    if not handshake.principal_arn or aws.read_trust is None:
        return
    if not trusts(aws.read_trust, handshake.principal_arn, external_id):
        what = _distrust(stack.output("SnowflakeReadRoleArn"), handshake.principal_arn, external_id)
        yield Finding(Kind.TRUST, what, subject=READ_ROLE, action=REWRITE)


def _notify_trust(aws: AwsSide, stack: Stack, handshake: Handshake) -> Iterator[Finding]:
    if not handshake.notify_principal_arn or aws.notify_trust is None:
        return
    if trusts(aws.notify_trust, handshake.notify_principal_arn, handshake.notify_external_id):
        return
    role = stack.output("SnowflakeNotifyRoleArn")
    what = _distrust(role, handshake.notify_principal_arn, handshake.notify_external_id)
    if NOTIFY_EXTERNAL_ID in stack.parameters:
        yield Finding(Kind.TRUST, what, subject=NOTIFY_ROLE, action=REWRITE)
        return
    fix = f"deploy a template with the parameter {NOTIFY_EXTERNAL_ID}, then deploy here again"
    yield Finding(Kind.TRUST, what, fix, subject=NOTIFY_ROLE)


def _notifications(aws: AwsSide, stack: Stack, handshake: Handshake) -> Iterator[Finding]:
    if not handshake.queue_arn or aws.notifications is None:
        return
    if not notifies(aws.notifications, handshake.queue_arn):
        bucket = stack.output("Bucket")
        what = f"bucket {bucket} does not tell {handshake.queue_arn} of new files under curated/"
        yield Finding(
            Kind.NOTIFICATION, what, subject=QUEUE, action=f"{REWRITE}, then refresh the pipes"
        )


def _distrust(role_arn: str, principal: str, external_id: str) -> str:
    role = role_arn.rsplit("/", 1)[-1]
    return f"role {role} does not trust {principal} with external id {external_id}"


def rewrites(findings: list[Finding], stack: Stack) -> dict[str, str]:
    """Parameters to empty and set again, so that CloudFormation writes the resource once more.

    CloudFormation compares the old template with the new one, never with the resource: what was
    changed by hand stays until a parameter it depends on changes.
    """
    by_subject = {READ_ROLE: PRINCIPAL, NOTIFY_ROLE: NOTIFY_PRINCIPAL, QUEUE: QUEUE}
    keys = {
        by_subject[finding.subject]
        for finding in findings
        if finding.action and finding.check in (Kind.TRUST, Kind.NOTIFICATION)
    }
    return {key: "" for key in sorted(keys) if stack.parameter(key)}
