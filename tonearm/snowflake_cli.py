"""`tonearm snowflake …`: wire the stack and the account, and see where they have drifted."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from tonearm.errors import OperatorError

snowflake_app = typer.Typer(no_args_is_help=True, help="The stack's Snowflake account.")

HAS_FINDINGS = 1
PASSPHRASE = "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE"  # noqa: S105 - a variable's name; never an option

StackName = Annotated[str, typer.Option(help="The stack to wire.")]
AccountId = Annotated[
    str,
    typer.Option(envvar="SNOWFLAKE_ACCOUNT", help="ORG-ACCOUNT; else the one the stack has."),
]
AdminUser = Annotated[str, typer.Option(envvar="SNOWFLAKE_ADMIN_USER", help="Who signs in.")]
AdminRole = Annotated[
    str, typer.Option(envvar="SNOWFLAKE_ADMIN_ROLE", help="Must be able to use accountadmin.")
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        envvar="SNOWFLAKE_PRIVATE_KEY_FILE",
        help=f"The admin's PEM private key; its passphrase, if any, in {PASSPHRASE}.",
    ),
]
Host = Annotated[str, typer.Option(envvar="SNOWFLAKE_HOST", help="Only for a local server.")]
Port = Annotated[int, typer.Option(envvar="SNOWFLAKE_PORT", help="Only for a local server.")]
Protocol = Annotated[
    str, typer.Option(envvar="SNOWFLAKE_PROTOCOL", help="Only for a local server.")
]
Database = Annotated[str, typer.Option(help="The database; else the one the stack has.")]
Warehouse = Annotated[str, typer.Option(help="The warehouse; else the one the stack has.")]
ExternalId = Annotated[str, typer.Option(help="The integration's external id; else the stack's.")]
Yes = Annotated[bool, typer.Option("--yes", help="Apply without asking.")]
PlanOnly = Annotated[bool, typer.Option("--plan-only", help="Show what would change.")]
RotateKey = Annotated[bool, typer.Option("--rotate-key", help="Give the service user a new key.")]
SqlOnly = Annotated[
    Path | None, typer.Option(help="Write the filled SQL here for an admin to run; no sign-in.")
]
PrincipalArn = Annotated[
    str, typer.Option(help="From the admin: STORAGE_AWS_IAM_USER_ARN; no sign-in.")
]
QueueArn = Annotated[
    str, typer.Option(help="From the admin: notification_channel of the pipes; no sign-in.")
]
NotifyPrincipalArn = Annotated[
    str, typer.Option(help="From the admin: SF_AWS_IAM_USER_ARN; no sign-in.")
]
NotifyExternalId = Annotated[
    str, typer.Option(help="From the admin: SF_AWS_EXTERNAL_ID; no sign-in.")
]


@snowflake_app.command("deploy")
def deploy(
    *,
    stack_name: StackName = "tonearm",
    account: AccountId = "",
    admin_user: AdminUser = "",
    admin_role: AdminRole = "ACCOUNTADMIN",
    private_key_file: KeyFile = None,
    database: Database = "",
    warehouse: Warehouse = "",
    external_id: ExternalId = "",
    yes: Yes = False,
    plan_only: PlanOnly = False,
    rotate_key: RotateKey = False,
    sql_only: SqlOnly = None,
    principal_arn: PrincipalArn = "",
    queue_arn: QueueArn = "",
    notify_principal_arn: NotifyPrincipalArn = "",
    notify_external_id: NotifyExternalId = "",
    host: Host = "",
    port: Port = 0,
    protocol: Protocol = "",
) -> None:
    """Wire the stack and the account: show a plan, apply it, report what is left.

    A second call changes nothing.
    """
    from tonearm.stacks import aws_client
    from tonearm.warehouse.wiring import deploying
    from tonearm.warehouse.wiring.by_hand import deploy_by_hand
    from tonearm.warehouse.wiring.screen import Screen
    from tonearm.warehouse.wiring.wish import Wires

    wish = _wish(locals())
    wires = Wires(principal_arn, queue_arn, notify_principal_arn, notify_external_id)
    screen = Screen()

    def confirm() -> bool:
        return yes or _asked()

    if sql_only or wires != Wires():
        deploy_by_hand(
            aws_client,
            wish,
            screen,
            confirm,
            wires=wires,
            folder=sql_only,
            is_plan_only=plan_only,
        )
        return
    sides = sides_of(wish, admin_user, admin_role, private_key_file)
    findings = deploying.deploy(
        sides, screen, confirm, is_plan_only=plan_only, rotate_key=rotate_key
    )
    if findings and not plan_only:
        raise typer.Exit(HAS_FINDINGS)


@snowflake_app.command("status")
def status(
    *,
    stack_name: StackName = "tonearm",
    account: AccountId = "",
    admin_user: AdminUser = "",
    admin_role: AdminRole = "ACCOUNTADMIN",
    private_key_file: KeyFile = None,
    database: Database = "",
    warehouse: Warehouse = "",
    external_id: ExternalId = "",
    host: Host = "",
    port: Port = 0,
    protocol: Protocol = "",
) -> None:
    """Say where the stack and the account have drifted; exit code 1 when they have."""
    from tonearm.warehouse.wiring import deploying
    from tonearm.warehouse.wiring.screen import Screen

    sides = sides_of(_wish(locals()), admin_user, admin_role, private_key_file)
    if deploying.status(sides, Screen()):
        raise typer.Exit(HAS_FINDINGS)


def _wish(options: dict[str, Any]) -> Any:
    from dataclasses import fields

    from tonearm.warehouse.wiring.wish import Wish

    return Wish(**{field.name: options[field.name] for field in fields(Wish)})


def sides_of(wish: Any, user: str, role: str, key_file: Path | None) -> Any:
    """How to reach both sides.

    Raises:
        OperatorError: something is missing to sign in with.
    """
    from tonearm.stacks import aws_client
    from tonearm.warehouse.wiring.looking import Sides
    from tonearm.warehouse.wiring.parameters import completed
    from tonearm.warehouse.wiring.stack import read_stack
    from tonearm.warehouse.wiring.wish import Admin

    if not user or key_file is None:
        raise OperatorError(
            "no admin is named",
            "give --admin-user and --private-key-file (SNOWFLAKE_ADMIN_USER, "
            "SNOWFLAKE_PRIVATE_KEY_FILE), or write the SQL for somebody else with --sql-only DIR",
        )
    passphrase = os.environ.get(PASSPHRASE, "").encode() or None
    admin = Admin(user, role, _read(key_file), passphrase)
    wish = completed(wish, read_stack(aws_client, wish.stack_name))
    return Sides(aws_client, wish, admin)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise OperatorError(
            f"the private key {path} cannot be read ({error.strerror})",
            "name the admin's PEM file with --private-key-file",
        ) from error


def _asked() -> bool:
    if not sys.stdin.isatty():
        raise OperatorError("nobody is there to confirm the plan", "add --yes, or --plan-only")
    return typer.confirm("Apply this?")
