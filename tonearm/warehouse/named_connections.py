"""A connection an admin already has, under its name: any account, user and authenticator."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import snowflake.connector
from snowflake.connector import SnowflakeConnection

from tonearm.errors import OperatorError
from tonearm.warehouse.connect import NAMED_LOGIN_SECONDS, session_options
from tonearm.warehouse.connection_files import (
    Tell,
    connections,
    connections_file,
    default_name,
    files_read,
)


@dataclass(frozen=True)
class NamedConnection:
    """One connection as its file has it; what it signs in with is never shown."""

    name: str
    values: Mapping[str, Any] = field(repr=False)

    @property
    def account(self) -> str:
        """The account's identifier; empty when the file does not say."""
        return str(self.values.get("account") or "")

    @property
    def user(self) -> str:
        """Who signs in; empty where the authenticator knows."""
        return str(self.values.get("user") or "")

    @property
    def address(self) -> tuple[str, int, str]:
        """Host, port and protocol, where the account's name alone does not lead there; else empty.

        A private link is the admin's own way in; the stack's functions take the public one.
        """
        host = str(self.values.get("host") or "")
        if not host or host.endswith("snowflakecomputing.com"):
            return "", 0, ""
        return host, int(self.values.get("port") or 443), str(self.values.get("protocol", "https"))


def named_connection(name: str, tell: Tell) -> NamedConnection:
    """The connection of that name.

    Args:
        name: as it stands in the file.
        tell: told what is unsafe about the files.

    Raises:
        OperatorError: there is none, and which there are; or the files cannot be read.
    """
    known = connections(tell)
    if name not in known:
        names = ", ".join(sorted(known)) or "none: no file names any"
        raise OperatorError(
            f"there is no connection {name} (known: {names})",
            f"name a known one with --connection, or add it to {connections_file()}",
        )
    return NamedConnection(name, dict(known[name]))


def default_connection(tell: Tell) -> NamedConnection | None:
    """The connection that `snow` takes when none is named; None when there is none.

    Raises:
        OperatorError: the files cannot be read.
    """
    known, name = connections(tell), default_name()
    return NamedConnection(name, dict(known[name])) if name in known else None


def connect_named(connection: NamedConnection, role: str, passphrase: str) -> SnowflakeConnection:
    """An open connection, signed in to as the file says.

    Args:
        connection: which.
        role: the role of the session, whatever the file says.
        passphrase: of the private key, where the file names a key and no passphrase.
    """
    values = connection.values
    options = {
        "login_timeout": NAMED_LOGIN_SECONDS,
        **session_options(values.get("session_parameters") or {}),
        "role": role,
    }
    # `snow` knows the key's file under both names, the connector only under the first.
    if key_file := values.get("private_key_file") or values.get("private_key_path"):
        options["private_key_file"] = str(key_file)
        if passphrase and not values.get("private_key_file_pwd"):
            options["private_key_file_pwd"] = passphrase
    with files_read(lambda _: None):
        return snowflake.connector.connect(connection_name=connection.name, **options)
