"""`tonearm doctor`: what is wrong with a deployed stack, and the fix of each."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from tonearm.cli.snowflake import AdminRole, AdminUser, Connection, KeyFile, sides_of

HAS_FINDINGS = 1


def doctor(
    *,
    stack_name: Annotated[str, typer.Option(help="The stack to examine.")] = "tonearm",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    admin_user: AdminUser = "",
    admin_role: AdminRole = "ACCOUNTADMIN",
    private_key_file: KeyFile = None,
    connection: Connection = "",
) -> None:
    """Login, sources, fields, quota, stack, wiring, last loads: one line and one fix per finding.

    Exit code 1 when there are findings. Asks Spotify once for each source, and once who this is.
    """
    from tonearm.doctor.context import Context
    from tonearm.doctor.examining import examine
    from tonearm.screen import console
    from tonearm.stack import aws_client

    sides = sides_if_named(stack_name, admin_user, admin_role, private_key_file, connection)
    context = Context(aws_client, stack_name, datetime.now(UTC), sides)
    screen = console(stderr=as_json)
    with screen.status("examining …") as status:
        diagnosis = examine(context, lambda name: status.update(f"checking {name} …"))
    if as_json:
        typer.echo(json.dumps(diagnosis.as_json(), indent=2))
    else:
        for line in lines_of(diagnosis):
            typer.echo(line)
    if diagnosis.findings:
        raise typer.Exit(HAS_FINDINGS)


def lines_of(diagnosis: Any) -> list[str]:
    """The diagnosis as a person reads it: facts, what could not be looked at, findings, count."""
    count = len(diagnosis.findings)
    return [
        *(f"  {fact.line}" for fact in diagnosis.facts),
        *(f"  {line}" for line in diagnosis.unseen),
        *(f"! {finding.line}" for finding in diagnosis.findings),
        f"{count} finding{'s' if count != 1 else ''}.",
    ]


def sides_if_named(
    stack_name: str, user: str, role: str, key_file: Path | None, connection: str
) -> Any:
    """How to reach the account, where the options say who signs in; a default stays unasked."""
    if not connection and (not user or key_file is None):
        return None
    from tonearm.warehouse.wiring.options import Options

    return sides_of(Options(stack_name), user, role, key_file, connection)
