"""Whether both clouds are wired: trust, notification, key; and the account, for its admin."""

from dataclasses import replace

from tonearm.doctor.context import Context
from tonearm.findings import RUN_WIRE, WIRE, Fact, Finding, Said, run_command
from tonearm.warehouse.wiring import aws_checks
from tonearm.warehouse.wiring.aws_side import read_aws
from tonearm.warehouse.wiring.options import Handshake
from tonearm.warehouse.wiring.parameters import (
    NOTIFY_EXTERNAL_ID,
    NOTIFY_PRINCIPAL,
    PRINCIPAL,
    QUEUE,
)


def check_wiring(context: Context) -> Said:
    """Compare the AWS resources with what the stack's parameters say Snowflake told."""
    stack = context.stack
    fix = run_command(WIRE, context.stack_name)
    values = [stack.parameter(k) for k in (PRINCIPAL, QUEUE, NOTIFY_PRINCIPAL, NOTIFY_EXTERNAL_ID)]
    for key in (PRINCIPAL, QUEUE, "SnowflakeAccount"):
        if not stack.parameter(key):
            yield Finding("wiring", f"Snowflake is not wired: parameter {key} is empty", fix)
    aws = read_aws(context.clients, stack)
    if aws.key is None:
        holds = "is empty" if aws.is_secret_empty else "holds no unencrypted private key"
        yield Finding("wiring", f"the secret of Snowflake's private key {holds}", fix)
    external_id = stack.parameter("SnowflakeExternalId")
    for finding in aws_checks.aws_findings(aws, stack, external_id, Handshake(*values)):
        yield _of_stack(finding, context.stack_name)
    for line in aws_checks.unseen(aws):
        yield Fact("wiring", line)


def check_account(context: Context) -> Said:
    """Compare the Snowflake account with the SQL: integrations, stage, pipes, tables, grants."""
    from tonearm.warehouse.wiring.inspect_sides import inspect, try_reading

    if context.sides is None:
        yield Fact(
            "snowflake",
            "account not checked: give --connection NAME, or --admin-user and --private-key-file",
        )
        return
    with context.sides.open() as account:
        seen = inspect(context.sides, account)
        found = list(seen.findings)
        if seen.observed.storage:
            test = try_reading(context.sides, account, seen.stack, seen.names)
            found += test.findings
            yield from (Fact("snowflake", line) for line in (test.told,) if line)
    for finding in found:
        yield _of_stack(finding, context.stack_name)


def _of_stack(finding: Finding, stack_name: str) -> Finding:
    """The finding, its fix naming the stack."""
    if finding.fix != RUN_WIRE:
        return finding
    return replace(finding, fix=run_command(WIRE, stack_name))
