"""`tonearm snowflake …`: wire the stack and the account, and see where they have drifted."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from tonearm.errors import OperatorError

snowflake_app = typer.Typer(no_args_is_help=True, help="The stack's Snowflake account.")

HAS_FINDINGS = 1

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
        help="The admin's PEM key; its passphrase, if any, in SNOWFLAKE_PRIVATE_KEY_PASSPHRASE.",
    ),
]
Connection = Annotated[
    str,
    typer.Option(
        help="A connection of connections.toml or config.toml, as `snow` names it, instead of an"
        " admin's name and key; without any of these, the default connection."
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
CreditQuota = Annotated[
    int | None,
    typer.Option(
        min=0,
        help="Credits a month after which the warehouse stops; 0 takes the limit away;"
        " without this option it stays as it is.",
    ),
]
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
    connection: Connection = "",
    database: Database = "",
    warehouse: Warehouse = "",
    external_id: ExternalId = "",
    credit_quota: CreditQuota = None,
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
    from tonearm.screen import Screen, console
    from tonearm.stack import aws_client
    from tonearm.warehouse.wiring import deploy as deploying
    from tonearm.warehouse.wiring.offline import deploy_by_hand
    from tonearm.warehouse.wiring.options import Handshake

    options = _options(locals())
    handshake = Handshake(principal_arn, queue_arn, notify_principal_arn, notify_external_id)
    screen = Screen(console())

    def confirm() -> bool:
        return yes or _asked()

    if sql_only or handshake != Handshake():
        deploy_by_hand(
            aws_client,
            options,
            screen,
            confirm,
            handshake=handshake,
            folder=sql_only,
            is_plan_only=plan_only,
        )
        return
    sides = sides_of(options, admin_user, admin_role, private_key_file, connection)
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
    connection: Connection = "",
    database: Database = "",
    warehouse: Warehouse = "",
    external_id: ExternalId = "",
    host: Host = "",
    port: Port = 0,
    protocol: Protocol = "",
) -> None:
    """Say where the stack and the account have drifted; exit code 1 when they have."""
    from tonearm.screen import Screen, console
    from tonearm.warehouse.wiring import deploy as deploying

    options = _options({**locals(), "credit_quota": None})
    sides = sides_of(options, admin_user, admin_role, private_key_file, connection)
    if deploying.status(sides, Screen(console())):
        raise typer.Exit(HAS_FINDINGS)


def _options(given: dict[str, Any]) -> Any:
    from dataclasses import fields

    from tonearm.warehouse.wiring.options import Options

    return Options(**{field.name: given[field.name] for field in fields(Options)})


def sides_of(
    options: Any, user: str, role: str, key_file: Path | None, connection: str = ""
) -> Any:
    """How to reach both sides.

    Raises:
        OperatorError: something is missing to sign in with, or options contradict each other.
    """
    from tonearm.stack import aws_client, read_stack
    from tonearm.warehouse.wiring.admin import SignIn, admin_for
    from tonearm.warehouse.wiring.inspect_sides import Sides

    def tell(line: str) -> None:
        typer.echo(line, err=True)

    sign_in = SignIn(user, role, key_file, connection)
    read = partial(read_stack, aws_client, options.stack_name)
    admin, options = admin_for(options, read, sign_in, tell)
    return Sides(aws_client, options, admin)


def _asked() -> bool:
    if not sys.stdin.isatty():
        raise OperatorError("nobody is there to confirm the plan", "add --yes, or --plan-only")
    return typer.confirm("Apply this?")
