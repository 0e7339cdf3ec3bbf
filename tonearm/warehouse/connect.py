"""Opens a connection to Snowflake, or to the local server, with a key pair."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import snowflake.connector
from snowflake.connector import SnowflakeConnection

from tonearm.warehouse.connection_files import files_read
from tonearm.warehouse.keys import private_key_der

LOGIN_SECONDS = 30
# A browser, a second factor or a cloud's token service answers a login in its own time.
NAMED_LOGIN_SECONDS = 120
QUESTION_SECONDS = 120
# The connector takes one number for two things: how long it goes on trying while the network is
# silent, and when it has Snowflake cancel a statement that is still running (a timer it starts with
# every `execute`). So the number is the longest a statement may take, not a network's silence.
STATEMENT_SECONDS = 3600
_QUESTIONS = frozenset({"SHOW", "DESC", "DESCRIBE", "SELECT", "USE", "LIST"})


@dataclass(frozen=True)
class ConnectionSettings:
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


def connect(settings: ConnectionSettings) -> SnowflakeConnection:
    """An open connection; a login without an answer is given up after half a minute."""
    options: dict[str, Any] = {
        "account": settings.account,
        "user": settings.user,
        "authenticator": "SNOWFLAKE_JWT",
        "private_key": private_key_der(settings.private_key_pem, settings.private_key_passphrase),
        "login_timeout": LOGIN_SECONDS,
        **session_options({}),
    }
    for name in ("role", "warehouse", "database"):
        if value := getattr(settings, name):
            options[name] = value
    if settings.host:
        options |= {"host": settings.host, "port": settings.port, "protocol": settings.protocol}
    with files_read(lambda _: None):
        return snowflake.connector.connect(**options)


def session_options(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What every session of ours is opened with, whoever signs in.

    Args:
        parameters: session parameters of the admin's own; ours win.
    """
    ours = {
        "QUERY_TAG": "tonearm",
        "TIMEZONE": "UTC",
        # A client that dies leaves its statement running; Snowflake's own limit is two days.
        "STATEMENT_TIMEOUT_IN_SECONDS": STATEMENT_SECONDS,
    }
    return {
        "network_timeout": STATEMENT_SECONDS,
        "session_parameters": {**parameters, **ours},
        "application": "tonearm",
    }


def seconds_for(sql: str) -> int:
    """How long a statement may take: a question must answer soon, a change may build a table."""
    first = sql.lstrip().split(maxsplit=1)[0].upper()
    return QUESTION_SECONDS if first in _QUESTIONS else STATEMENT_SECONDS
