"""Account-level objects: roles, users, warehouses, integrations, kept and checked by name.

Snowflake refuses a grant to a role that is not there and a stage on an integration that is not
there; so does this server. Who may do what is not checked: that needs a real account.
"""

import re
from collections.abc import Mapping
from typing import Any

from tonearm.local.snowflake_server.engine.engine import Engine
from tonearm.local.snowflake_server.engine.names import IDENTIFIER, folded
from tonearm.local.snowflake_server.engine.options import first_word, parse_options, text_option
from tonearm.local.snowflake_server.protocol.answers import Answer, done
from tonearm.local.snowflake_server.protocol.errors import (
    already_there,
    compile_error,
    missing,
    refused,
)

SYSTEM_ROLES = {
    "ACCOUNTADMIN",
    "ORGADMIN",
    "PUBLIC",
    "SECURITYADMIN",
    "SYSADMIN",
    "USERADMIN",
}
_INTEGRATION_TYPES = {"STORAGE", "NOTIFICATION"}
_ALL_PIPES = re.compile(r"\bON\s+(?:ALL|FUTURE)\s+PIPES\b", re.I)
_GRANTEE = re.compile(rf"\b(?:TO|FROM)\s+(?P<kind>ROLE|USER)\s+(?P<name>{IDENTIFIER})", re.I)


def create_object(
    engine: Engine, kind: str, name: str, tail: str, *, replace: bool, if_missing: bool
) -> Answer:
    """Create a role, user, warehouse or integration.

    Raises:
        ProgrammingError: it is there, or the integration is of a kind this server does not know.
    """
    kind, subtype = _kind(kind)
    stored = folded(name)
    there = engine.store.account_object(kind, stored) is not None
    if there and if_missing:
        return done(f"{stored} already exists, statement succeeded.")
    if there and not replace:
        raise already_there(stored)
    properties: dict[str, Any] = dict(
        parse_options(_without_triggers(re.sub(r"^\s*WITH\b", "", tail, flags=re.I)))
    )
    if subtype:
        properties["INTEGRATION_TYPE"] = subtype
    if not engine.options.region.startswith("AWS_") and _is_sns(properties):
        # https://docs.snowflake.com/en/sql-reference/sql/create-notification-integration-queue-outbound-aws
        raise compile_error("AWS_SNS is limited to accounts hosted on AWS.", 1422)
    engine.store.drop_account_object(kind, stored)  # a replaced one is a new one, made now
    engine.store.put_account_object(kind, stored, properties, engine.clock.now())
    return done(f"{kind.capitalize()} {stored} successfully created.")


def alter_object(engine: Engine, kind: str, name: str, change: str, *, if_there: bool) -> Answer:
    """Set properties of an account object.

    Raises:
        ProgrammingError: it is not there, or the change is not a SET.
    """
    kind, _ = _kind(kind)
    stored = folded(name)
    properties = engine.store.account_object(kind, stored)
    if properties is None:
        if if_there:
            return done()
        raise missing(kind.capitalize(), stored)
    word, rest = first_word(change)
    if word.upper() != "SET":
        raise refused(f"ALTER {kind} … {word}")
    changes = parse_options(_without_triggers(rest))
    if monitor := text_option(changes, "RESOURCE_MONITOR"):
        check_there(engine, "RESOURCE MONITOR", folded(monitor))
    engine.store.put_account_object(kind, stored, properties | changes, engine.clock.now())
    return done()


def drop_object(engine: Engine, kind: str, name: str, *, if_there: bool) -> Answer:
    """Drop an account object."""
    kind, _ = _kind(kind)
    stored = folded(name)
    if engine.store.account_object(kind, stored) is None and not if_there:
        raise missing(kind.capitalize(), stored)
    engine.store.drop_account_object(kind, stored)
    return done(f"{stored} successfully dropped.")


def grant(engine: Engine, sql: str) -> Answer:
    """Keep a grant or revoke; the role or user it names must be there."""
    if _ALL_PIPES.search(sql):  # https://docs.snowflake.com/en/sql-reference/sql/grant-privilege
        raise compile_error("Bulk grants on pipes are not allowed.", 3001, "42501")
    found = _GRANTEE.search(sql)
    if found is None:
        raise refused("a grant to anything but a role or a user")
    check_there(engine, found["kind"].upper(), folded(found["name"]))
    engine.store.record_statement(sql, engine.clock.now())
    return done()


def check_there(engine: Engine, kind: str, name: str) -> None:
    """A role, user or warehouse that is named must be there."""
    if kind == "ROLE" and name in SYSTEM_ROLES:
        return
    if engine.store.account_object(kind, name) is None:
        raise missing(kind.capitalize(), name)


def _is_sns(properties: Mapping[str, Any]) -> bool:
    return str(properties.get("NOTIFICATION_PROVIDER", "")).upper() == "AWS_SNS"


def _without_triggers(tail: str) -> str:
    """A resource monitor's triggers do nothing here: no credits are used."""
    return re.split(r"\bTRIGGERS\b", tail, maxsplit=1, flags=re.I)[0]


def _kind(words: str) -> tuple[str, str]:
    parts = words.upper().split()
    if parts == ["RESOURCE", "MONITOR"]:
        return "RESOURCE MONITOR", ""
    if parts[-1] == "INTEGRATION" and len(parts) > 1:
        if parts[0] not in _INTEGRATION_TYPES:
            raise refused(f"{parts[0]} INTEGRATION")
        return "INTEGRATION", parts[0]
    if len(parts) > 1:
        raise compile_error(f"syntax error: unexpected '{words}'.")
    return parts[0], ""
