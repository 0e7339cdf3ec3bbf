"""`tonearm forget`: everything that was kept of a Spotify account, gone."""

import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from tonearm.cli.snowflake import (
    AccountId,
    AdminRole,
    AdminUser,
    Connection,
    Host,
    KeyFile,
    Port,
    Protocol,
)
from tonearm.cli.snowflake import sides_of as snowflake_sides
from tonearm.errors import OperatorError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from tonearm.stack import Stack
    from tonearm.warehouse.wiring.inspect_sides import Sides
    from tonearm.warehouse.wiring.options import Options
    from tonearm.warehouse.wiring.session import Account

SOMETHING_LEFT = 1


def forget(
    *,
    stack_name: Annotated[str, typer.Option(help="The stack whose data is deleted.")] = "tonearm",
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
    account: AccountId = "",
    admin_user: AdminUser = "",
    admin_role: AdminRole = "ACCOUNTADMIN",
    private_key_file: KeyFile = None,
    connection: Connection = "",
    host: Host = "",
    port: Port = 0,
    protocol: Protocol = "",
) -> None:
    """Delete what was read of the Spotify account: bucket, warehouse, state and login.

    The stack, the code and the Snowflake objects stay; exit code 1 when something is left.
    """
    from tonearm.forgetting import forget as forgetting
    from tonearm.screen import Screen, console
    from tonearm.stack import aws_client, read_stack
    from tonearm.warehouse.wiring.options import Options
    from tonearm.warehouse.wiring.parameters import names_for

    stack = read_stack(aws_client, stack_name)
    forgetting.refuse_while_running(aws_client, stack)
    options = Options(stack_name, account=account, host=host, port=port, protocol=protocol)

    def opened() -> "AbstractContextManager[Account | None]":
        if not _is_wired(options, stack):
            return nullcontext(None)
        sides: Sides = snowflake_sides(
            options, admin_user, admin_role, private_key_file, connection
        )
        return sides.open()

    def confirm() -> bool:
        return yes or _named(stack_name)

    with opened() as session:
        holdings = forgetting.holdings_of(aws_client, stack, session, names_for(options, stack))
        told = forgetting.forget(holdings, Screen(console()), confirm)
    if not told or any(each.left for each in told):
        raise typer.Exit(SOMETHING_LEFT)


def _is_wired(options: "Options", stack: "Stack") -> bool:
    """Without an account on either side there are no rows to delete."""
    return bool(options.account or stack.parameter("SnowflakeAccount"))


def _named(stack_name: str) -> bool:
    if not sys.stdin.isatty():
        raise OperatorError("nobody is there to confirm", "add --yes")
    told: str = typer.prompt(f"This cannot be undone. Type the stack's name ({stack_name})")
    return told.strip() == stack_name
