"""Parameters of account, user, warehouse and session, as far as they change what a client sees.

https://docs.snowflake.com/en/sql-reference/parameters. A session says itself, or its user does, or
the account; a time zone nobody named is America/Los_Angeles.
"""

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tonearm.local.snowflake_server.engine.canceling import DEFAULT_SECONDS
from tonearm.local.snowflake_server.protocol.answers import Answer, Value, columns
from tonearm.local.snowflake_server.protocol.errors import compile_error

if TYPE_CHECKING:
    from tonearm.local.snowflake_server.engine.engine import Engine
    from tonearm.local.snowflake_server.engine.session import Session

TIMEZONE, STATEMENT_TIMEOUT = "TIMEZONE", "STATEMENT_TIMEOUT_IN_SECONDS"
DEFAULTS = {TIMEZONE: "America/Los_Angeles", STATEMENT_TIMEOUT: str(DEFAULT_SECONDS)}
_COLUMNS = columns("key, value, default, level, description, type")


def of_account(engine: "Engine") -> dict[str, Any]:
    """What ALTER ACCOUNT set."""
    return engine.store.account_object("ACCOUNT", "") or {}


def set_account(engine: "Engine", changes: dict[str, Any], unset: set[str] | None = None) -> None:
    """ALTER ACCOUNT SET and UNSET."""
    check(changes)
    kept = {key: value for key, value in of_account(engine).items() if key not in (unset or ())}
    engine.store.put_account_object("ACCOUNT", "", kept | changes, engine.clock.now())


def check(changes: dict[str, Any]) -> None:
    """A time zone must be one.

    Raises:
        ProgrammingError: there is no such zone.
    """
    zone = changes.get(TIMEZONE)
    if zone is None:
        return
    try:
        ZoneInfo(str(zone))
    except (ZoneInfoNotFoundError, ValueError) as exc:
        raise compile_error(f"invalid value [{zone}] for parameter 'TIMEZONE'", 1008) from exc


def account_zone(engine: "Engine") -> str:
    """The time zone of whoever does not say one: pipes, tasks and refreshes among them."""
    return str(of_account(engine).get(TIMEZONE, DEFAULTS[TIMEZONE]))


def value_of(session: "Session", key: str) -> tuple[str, str]:
    """A parameter's value for a session, and at what level it was said; "" for nowhere."""
    user = session.engine.store.account_object("USER", session.user) or {}
    levels = (
        ("SESSION", session.parameters),
        ("USER", user),
        ("ACCOUNT", of_account(session.engine)),
    )
    for level, said in levels:
        if key in said:
            return str(said[key]), level
    return DEFAULTS[key], ""


def zone(session: "Session") -> str:
    """The time zone of a session."""
    return value_of(session, TIMEZONE)[0]


def timeout_seconds(session: "Session", of_statement: dict[str, Any]) -> float:
    """How long a statement may run: the lowest of session and warehouse; zero is the most.

    https://docs.snowflake.com/en/sql-reference/parameters#statement-timeout-in-seconds
    """
    warehouse = session.engine.store.account_object("WAREHOUSE", session.warehouse or "") or {}
    by_session = of_statement.get(STATEMENT_TIMEOUT, value_of(session, STATEMENT_TIMEOUT)[0])
    said = [float(by_session), float(warehouse.get(STATEMENT_TIMEOUT, 0))]
    return min((seconds for seconds in said if seconds > 0), default=7 * 86_400.0)


def shown(session: "Session", like: str | None, takes: Any) -> Answer:
    """SHOW PARAMETERS of the session."""
    rows: list[tuple[Value, ...]] = []
    for key, default in DEFAULTS.items():
        if takes(like, key):
            value, level = value_of(session, key)
            kind = "STRING" if key == TIMEZONE else "NUMBER"
            rows.append((key, value, default, level, "", kind))
    return Answer(_COLUMNS, rows)
