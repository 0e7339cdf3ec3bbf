"""Opens a connection to Snowflake, or to the local server, with a key pair and nothing else."""

from dataclasses import dataclass, field
from typing import Any

import snowflake.connector
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from snowflake.connector import SnowflakeConnection


@dataclass(frozen=True)
class WarehouseSettings:
    """Where to sign in and as whom; host, port and protocol only for the local server."""

    account: str
    user: str
    private_key_pem: bytes = field(repr=False)
    private_key_passphrase: bytes | None = field(default=None, repr=False)
    role: str = ""
    warehouse: str = ""
    database: str = ""
    host: str = ""
    port: int = 0
    protocol: str = "https"


def connect(settings: WarehouseSettings) -> SnowflakeConnection:
    """An open connection that gives up after 30 s without an answer instead of trying for ever."""
    options: dict[str, Any] = {
        "account": settings.account,
        "user": settings.user,
        "authenticator": "SNOWFLAKE_JWT",
        "private_key": private_key_der(settings),
        "login_timeout": 30,
        "network_timeout": 30,
        "session_parameters": {"QUERY_TAG": "tonearm", "TIMEZONE": "UTC"},
        "application": "tonearm",
    }
    for name in ("role", "warehouse", "database"):
        if value := getattr(settings, name):
            options[name] = value
    if settings.host:
        options |= {"host": settings.host, "port": settings.port, "protocol": settings.protocol}
    return snowflake.connector.connect(**options)


def private_key_der(settings: WarehouseSettings) -> bytes:
    """The private key in the form the connector takes.

    Raises:
        ValueError: it is not a PEM private key, or the passphrase is wrong.
    """
    key = load_pem_private_key(settings.private_key_pem, settings.private_key_passphrase)
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
