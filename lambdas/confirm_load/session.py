"""Opens a session with Snowflake, and tells a refusal from silence.

The connector arms a timer on every `execute` that cancels the statement on the server when it
ends. Its time is the `timeout` of the call or else the connection's `network_timeout`, so the
latter cuts long statements too unless each call names its own time.
Source: `snowflake/connector/cursor.py`, `_execute_helper`, of snowflake-connector-python 4.8.1.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import snowflake.connector
from snowflake.connector.errors import (
    DatabaseError,
    Error,
    ForbiddenError,
    HttpError,
    OperationalError,
    ProgrammingError,
)

from confirm_load.private_key import PrivateKey
from confirm_load.settings import WarehouseSettings
from tonearm_pipeline.errors import WarehouseNotWiredError, WarehouseUnavailableError

LOGIN_TIMEOUT_SECONDS: Final = 30
# How long silence is waited for where a statement names no time of its own.
NETWORK_TIMEOUT_SECONDS: Final = 60
# Snowflake ends whatever runs longer, also what nobody waits for any more.
STATEMENT_TIMEOUT_SECONDS: Final = 3600
_HTTP_NOT_FOUND: Final = 290404
# SQL execution cancelled; statement reached its timeout.
_STATEMENT_CANCELLED: Final = frozenset({604, 630})


def connect(settings: WarehouseSettings, key: PrivateKey) -> Any:
    """Return an open connection of the service user.

    Raises:
        WarehouseNotWiredError: no account or key is set, or Snowflake refuses the login.
        WarehouseUnavailableError: Snowflake did not answer.
    """
    if not settings.account or not settings.key_secret_arn:
        raise WarehouseNotWiredError(
            "SNOWFLAKE_ACCOUNT or SNOWFLAKE_KEY_SECRET_ARN is empty: run `tonearm snowflake deploy`"
        )
    address: dict[str, Any] = {"host": settings.host} if settings.host else {}
    if settings.port:
        address["port"] = settings.port
    try:
        return snowflake.connector.connect(
            account=settings.account,
            user=settings.user,
            role=settings.role,
            warehouse=settings.warehouse,
            database=settings.database,
            schema="LANDING",
            authenticator="SNOWFLAKE_JWT",
            private_key=key.der(),
            protocol=settings.protocol,
            login_timeout=LOGIN_TIMEOUT_SECONDS,
            network_timeout=NETWORK_TIMEOUT_SECONDS,
            session_parameters={
                "QUERY_TAG": "tonearm",
                "TIMEZONE": "UTC",
                "STATEMENT_TIMEOUT_IN_SECONDS": STATEMENT_TIMEOUT_SECONDS,
            },
            **address,
        )
    except Error as exc:
        key.forget()
        raise _login_error(exc, settings) from exc


def _login_error(exc: Error, settings: WarehouseSettings) -> Exception:
    """Tell a refusal, which a person must heal, from silence, which time may heal."""
    who = f"{settings.user}@{settings.account}"
    is_unknown_account = isinstance(exc, HttpError) and exc.errno == _HTTP_NOT_FOUND
    is_refusal = isinstance(exc, DatabaseError) and not isinstance(exc, OperationalError)
    if is_unknown_account or is_refusal or isinstance(exc, ForbiddenError):
        return WarehouseNotWiredError(
            f"Snowflake refuses {who} ({exc.errno}): run `tonearm snowflake deploy`"
        )
    return WarehouseUnavailableError(f"login as {who}: {type(exc).__name__} {exc.errno}")


@contextmanager
def query_errors() -> Iterator[None]:
    """A statement Snowflake refuses means objects or grants are missing; the rest is silence.

    Raises:
        WarehouseNotWiredError: Snowflake refuses the statement.
        WarehouseUnavailableError: it did not answer in time.
    """
    try:
        yield
    except ProgrammingError as exc:
        if exc.errno in _STATEMENT_CANCELLED:
            raise WarehouseUnavailableError(f"query cancelled ({exc.errno})") from exc
        raise WarehouseNotWiredError(
            f"Snowflake refuses a statement ({exc.errno}): {first_line(exc)}: "
            "run `tonearm snowflake deploy`"
        ) from exc
    except Error as exc:
        raise WarehouseUnavailableError(f"query: {type(exc).__name__} {exc.errno}") from exc


def first_line(exc: Error) -> str:
    """Return what Snowflake said, in one line."""
    lines = str(exc.msg or exc).strip().splitlines()
    return " ".join(line.strip() for line in lines)[:300]
