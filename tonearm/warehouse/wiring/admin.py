"""Who signs in as the account's admin: a key pair of the options, or a connection they have."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from tonearm.errors import OperatorError
from tonearm.stack import Stack
from tonearm.warehouse.connection_files import Tell
from tonearm.warehouse.named_connections import (
    NamedConnection,
    default_connection,
    named_connection,
)
from tonearm.warehouse.wiring.options import Admin, Options
from tonearm.warehouse.wiring.parameters import completed

PASSPHRASE = "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE"  # noqa: S105 - a variable's name; never an option


@dataclass(frozen=True)
class SignIn:
    """What the options say of the admin."""

    user: str
    role: str
    key_file: Path | None
    connection: str = ""


def admin_for(
    options: Options, read: Callable[[], Stack], sign_in: SignIn, tell: Tell
) -> tuple[Admin, Options]:
    """The admin, and the options with the account that is signed in to and where it is.

    Args:
        options: what is to be done.
        read: reads the stack it is done to; asked once the options are known to fit.
        sign_in: the options.
        tell: told which connection is taken unasked, and what is unsafe about its file.

    Raises:
        OperatorError: options contradict each other or the stack, or nothing says who signs in.
    """
    passphrase = os.environ.get(PASSPHRASE, "").encode() or None
    named = _connection(options, sign_in, tell)
    if named is not None:
        account = _account(options, read(), named)
        return Admin(named.user, sign_in.role, b"", passphrase, named), _at(options, account, named)
    if not sign_in.user or sign_in.key_file is None:
        raise OperatorError(
            "no admin is named",
            "give --connection NAME, or --admin-user and --private-key-file (SNOWFLAKE_ADMIN_USER, "
            "SNOWFLAKE_PRIVATE_KEY_FILE), or write the SQL for somebody else with --sql-only DIR",
        )
    pem = _read(sign_in.key_file)
    return Admin(sign_in.user, sign_in.role, pem, passphrase), completed(options, read())


def _connection(options: Options, sign_in: SignIn, tell: Tell) -> NamedConnection | None:
    has_key_pair = bool(sign_in.user or sign_in.key_file)
    if not sign_in.connection:
        found = None if has_key_pair or options.host else default_connection(tell)
        if found is not None:
            _check_option(options, found)
            tell(f"signing in with {found.name}, the default connection")
        return found
    if has_key_pair:
        raise OperatorError(
            "--connection and --admin-user with --private-key-file both say who signs in",
            "give one of them (SNOWFLAKE_ADMIN_USER and SNOWFLAKE_PRIVATE_KEY_FILE count too)",
        )
    if options.host or options.port or options.protocol:
        raise OperatorError(
            "--connection and --host, --port, --protocol both say where the account is",
            "write host, port and protocol into the connection",
        )
    found = named_connection(sign_in.connection, tell)
    _check_option(options, found)
    return found


def _check_option(options: Options, named: NamedConnection) -> None:
    if not named.account:
        raise OperatorError(f"connection {named.name} names no account", "add `account` to it")
    if options.account and not _is_same(options.account, named.account):
        raise OperatorError(
            f"--account is {options.account}, connection {named.name} signs in to {named.account}",
            "leave --account (SNOWFLAKE_ACCOUNT) out, or name another connection",
        )


def _account(options: Options, stack: Stack, named: NamedConnection) -> str:
    """The account's identifier, spelled as the stack has it when it is the same one."""
    wired = stack.parameter("SnowflakeAccount")
    if options.account or not wired:
        return options.account or named.account
    if not _is_same(wired, named.account):
        raise OperatorError(
            f"stack {stack.name} is wired to {wired}, connection {named.name} signs in to"
            f" {named.account}",
            f"name another connection, or wire it anew with --account {named.account}",
        )
    return wired


def _is_same(one: str, other: str) -> bool:
    """Whether two identifiers may be of one account.

    An organization's name with an account's cannot be compared with a locator:
    https://docs.snowflake.com/en/user-guide/admin-account-identifier
    """
    first, second = (name.upper().replace("_", "-") for name in (one, other))
    return first == second or ("-" in first.split(".")[0]) != ("-" in second.split(".")[0])


def _at(options: Options, account: str, named: NamedConnection) -> Options:
    host, port, protocol = named.address
    return replace(options, account=account, host=host, port=port, protocol=protocol)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise OperatorError(
            f"the private key {path} cannot be read ({error.strerror})",
            "name the admin's PEM file with --private-key-file",
        ) from error
