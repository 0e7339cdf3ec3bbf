"""Statements on the account and the session: roles, users, warehouses, integrations, USE, BEGIN."""

import re
from typing import TYPE_CHECKING

from tonearm.local.snowflake_server.dynamic import schedule
from tonearm.local.snowflake_server.engine.names import folded, quoted
from tonearm.local.snowflake_server.engine.options import parse_options
from tonearm.local.snowflake_server.protocol.answers import done
from tonearm.local.snowflake_server.protocol.errors import already_there, refused
from tonearm.local.snowflake_server.statements import account, parameters, shows
from tonearm.local.snowflake_server.statements.grammar import (
    NAMED,
    THERE,
    Handled,
    Rule,
    Services,
    creation,
    rule,
)
from tonearm.local.snowflake_server.statements.integrations import describe_integration

if TYPE_CHECKING:
    from tonearm.local.snowflake_server.engine.session import Session

_KIND = r"(?P<kind>ROLE|USER|WAREHOUSE|RESOURCE\s+MONITOR|(?:\w+\s+)?INTEGRATION)"


def create(services: Services, found: "re.Match[str]", _: "Session") -> Handled:
    """CREATE ROLE, USER, WAREHOUSE, … INTEGRATION."""
    if found["alter"]:
        raise refused(f"CREATE OR ALTER {found['kind']}")
    return account.create_object(
        services.engine,
        found["kind"],
        found["name"],
        found["tail"],
        replace=bool(found["replace"]),
        if_missing=bool(found["missing"]),
    )


def alter(services: Services, found: "re.Match[str]", _: "Session") -> Handled:
    """ALTER ROLE, USER, WAREHOUSE, … INTEGRATION."""
    there = bool(found["there"])
    return account.alter_object(
        services.engine, found["kind"], found["name"], found["tail"], if_there=there
    )


def drop(services: Services, found: "re.Match[str]", _: "Session") -> Handled:
    """DROP ROLE, USER, WAREHOUSE, … INTEGRATION."""
    there = bool(found["there"])
    return account.drop_object(services.engine, found["kind"], found["name"], if_there=there)


def grant(services: Services, found: "re.Match[str]", _: "Session") -> Handled:
    """GRANT and REVOKE."""
    return account.grant(services.engine, found.string)


def use(services: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """USE ROLE and USE WAREHOUSE."""
    kind, name = found["kind"].upper(), folded(found["name"])
    account.check_there(services.engine, kind, name)
    if kind == "ROLE":
        session.role = name
    else:
        session.warehouse = name
    return done()


def set_session(_: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """ALTER SESSION SET and UNSET."""
    if "AUTOCOMMIT" in found["tail"].upper():
        return None
    if found["word"].upper() == "UNSET":
        for name in _names(found["tail"]):
            session.parameters.pop(name, None)
    else:
        changes = parse_options(found["tail"])
        parameters.check(changes)
        session.parameters |= changes
    session.use_zone()
    return done()


def set_account(services: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """ALTER ACCOUNT SET and UNSET; sessions that are open keep what they have."""
    if found["word"].upper() == "UNSET":
        parameters.set_account(services.engine, {}, _names(found["tail"]))
    else:
        parameters.set_account(services.engine, parse_options(found["tail"]))
    session.use_zone()
    return done()


def _names(text: str) -> set[str]:
    return {name.strip().upper() for name in text.split(",")}


def show_parameters(_: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """SHOW PARAMETERS."""
    return parameters.shown(session, found["like"], shows.like_takes)


def nothing(_: Services, _found: "re.Match[str]", _session: "Session") -> Handled:
    """What has no effect here."""
    return done()


def describe(services: Services, found: "re.Match[str]", _: "Session") -> Handled:
    """DESC INTEGRATION."""
    return describe_integration(services.engine, found["name"])


def show(services: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """SHOW of what fakesnow does not know."""
    schedule.catch_up(session)
    return shows.show(services.engine, found["kind"], found["tail"], session.database)


def create_database(services: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """CREATE DATABASE [IF NOT EXISTS]: an existing one is kept, and becomes the session's."""
    name = folded(found["name"])
    if found["replace"] or found["alter"]:
        raise refused("replacing a database")
    if name not in services.engine.databases():
        return f"create database {quoted(name)}"
    if not found["missing"]:
        raise already_there(name)
    session.cursor().execute(f"use database {quoted(name)}")
    return done(f"{name} already exists, statement succeeded.")


def transaction(_: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """BEGIN, COMMIT, ROLLBACK; outside a transaction the last two do nothing, as in Snowflake.

    https://docs.snowflake.com/en/sql-reference/transactions
    """
    word = found["word"].upper().split()[0]
    session.change_transaction("BEGIN" if word == "START" else word)
    return done()


RULES: tuple[Rule, ...] = (
    rule(creation(_KIND), create),
    rule(rf"ALTER\s+{_KIND}\s+{THERE}{NAMED}(?P<tail>.*)", alter),
    rule(rf"DROP\s+{_KIND}\s+{THERE}{NAMED}", drop),
    rule(r"(?:GRANT|REVOKE)\b.*", grant),
    rule(r"USE\s+(?P<kind>ROLE|WAREHOUSE)\s+" + NAMED, use),
    rule(r"USE\s+SECONDARY\s+ROLES\s+\w+", nothing),
    rule(r"ALTER\s+SESSION\s+(?P<word>(?:UN)?SET)\b(?P<tail>.*)", set_session),
    rule(r"ALTER\s+ACCOUNT\s+(?P<word>(?:UN)?SET)\b(?P<tail>.*)", set_account),
    rule(
        r"SHOW\s+PARAMETERS(?:\s+LIKE\s+'(?P<like>[^']*)')?(?:\s+(?:IN|FOR)\s+.*)?", show_parameters
    ),
    rule(creation(r"(?:TRANSIENT\s+)?DATABASE"), create_database),
    rule(rf"DESC(?:RIBE)?\s+(?:\w+\s+)?INTEGRATION\s+{NAMED}", describe),
    rule(
        r"SHOW\s+(?P<kind>PIPES|TASKS|DYNAMIC\s+TABLES|ROLES|USERS|WAREHOUSES|RESOURCE\s+MONITORS"
        r"|(?:STORAGE\s+|NOTIFICATION\s+)?INTEGRATIONS)\b(?P<tail>.*)",
        show,
    ),
    rule(
        r"(?P<word>BEGIN(?:\s+(?:TRANSACTION|WORK))?|START\s+TRANSACTION"
        r"|(?:COMMIT|ROLLBACK)(?:\s+WORK)?)",
        transaction,
    ),
)
