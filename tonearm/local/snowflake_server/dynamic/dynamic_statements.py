"""Statements on dynamic tables.

https://docs.snowflake.com/en/sql-reference/sql/create-dynamic-table, .../alter-dynamic-table,
.../drop-dynamic-table
"""

import re
from typing import TYPE_CHECKING

from tonearm.local.snowflake_server.dynamic import dynamic_tables, refreshing, schedule
from tonearm.local.snowflake_server.dynamic.dynamic_tables import CreateDynamicTable, DynamicTable
from tonearm.local.snowflake_server.engine import physical
from tonearm.local.snowflake_server.engine.names import QUALIFIED, ObjectName
from tonearm.local.snowflake_server.engine.options import Options, parse_options, text_option
from tonearm.local.snowflake_server.protocol.answers import done
from tonearm.local.snowflake_server.protocol.errors import (
    OwnError,
    already_there,
    compile_error,
    missing,
    refused,
)
from tonearm.local.snowflake_server.statements.grammar import (
    NAMED,
    THERE,
    Handled,
    Rule,
    Services,
    creation,
    rule,
)

if TYPE_CHECKING:
    from tonearm.local.snowflake_server.engine.session import Session

_AS_QUERY = re.compile(r"\bAS\s+(?=\(?\s*(?:SELECT|WITH)\b)", re.I)
_NAMES = rf"(?P<names>{QUALIFIED}(?:\s*,\s*{QUALIFIED})*)"
_SETTABLE = {"TARGET_LAG", "WAREHOUSE", "COMMENT"}


def create(services: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """CREATE [OR REPLACE | OR ALTER] DYNAMIC TABLE."""
    name = session.named(found["name"])
    before = dynamic_tables.find(services.engine, name)
    if before and found["missing"]:
        return done(f"{name.name} already exists, statement succeeded.")
    if before and not (found["replace"] or found["alter"]):
        raise already_there(str(name))
    parts = _AS_QUERY.split(found["tail"], maxsplit=1)
    if len(parts) != 2:  # noqa: PLR2004 - what stands before and after AS
        raise compile_error("syntax error: a dynamic table needs AS and a query.")
    request = CreateDynamicTable(
        name, bool(found["alter"]), bool(found["transient"]), parts[0], parts[1].strip()
    )
    options = dynamic_tables.check_request(services.engine, request)
    if before and request.is_alter:
        return _alter_to(session, before, request, options)
    return _create(session, request, options)


def _create(session: "Session", request: CreateDynamicTable, options: Options) -> Handled:
    """A new one, filled at once unless INITIALIZE says otherwise."""
    engine = session.engine
    table = DynamicTable(
        request.name,
        engine.clock.now(),
        options,
        request.query,
        session.role or "SYSADMIN",
        request.is_transient,
    )
    physical.shape(session, table.name, table.query)
    dynamic_tables.keep(engine, table)
    if text_option(options, "INITIALIZE", "ON_CREATE").upper() == "ON_CREATE":
        try:
            _refresh(session, [table.name], refreshing.CREATION)
        except OwnError:
            _drop(session, table.name)
            raise
    return done(f"Dynamic table {table.name.name} successfully created.")


def _alter_to(
    session: "Session", before: DynamicTable, request: CreateDynamicTable, options: Options
) -> Handled:
    """CREATE OR ALTER of one that is there: no refresh follows, the next one starts anew."""
    if before.is_transient != request.is_transient:
        raise dynamic_tables.unsupported(
            "CREATE OR ALTER DYNAMIC TABLE: converting between TRANSIENT and permanent"
        )
    is_changed = before.query != request.query or before.mode != dynamic_tables.mode_of(options)
    if before.query != request.query:
        columns = physical.columns_of(session, request.query)
        there = list(physical.columns(session, before.name))
        dynamic_tables.check_columns(before.name, there, list(columns))
        physical.reshape(session, before.name, columns)
    options |= {"INITIALIZE": before.options.get("INITIALIZE", "ON_CREATE")}
    dynamic_tables.keep(
        session.engine,
        before,
        options=options,
        query=request.query,
        is_changed=before.is_changed or is_changed,
    )
    return done(f"Dynamic table {before.name.name} successfully altered.")


def refresh(_: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """ALTER DYNAMIC TABLE a, b … REFRESH: all of them, and what they are made from, at once."""
    if session.in_transaction:
        raise OwnError(
            msg="Manual refresh of a dynamic table is not supported inside a multi-statement"
            " transaction.",
            errno=2743,
            sqlstate="0A000",
        )
    names = [session.named(name) for name in re.split(r"\s*,\s*", found["names"])]
    if twice := sorted({str(name) for name in names if names.count(name) > 1}):
        raise compile_error(f"Duplicate Dynamic Table: {twice[0]}", 2008)
    there = [name for name in names if _is_there(session, name, found)]
    schedule.catch_up(session)
    _refresh(session, there, refreshing.MANUAL)
    return done()


def _refresh(session: "Session", names: list[ObjectName], trigger: str) -> None:
    """Refresh tables.

    Raises:
        OwnError: one of them, or one they are made from, failed; the others stay refreshed.
    """
    for each in refreshing.refresh(session, names, trigger):
        if each.error is not None and each.state == "FAILED":
            raise OwnError(
                msg=f"Failed to refresh dynamic table {each.name}: {each.error.raw_msg}",
                errno=each.error.errno,
                sqlstate=each.error.sqlstate,
            )


def switch(_: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """ALTER DYNAMIC TABLE … SUSPEND and RESUME."""
    name = session.named(found["name"])
    if not _is_there(session, name, found):
        return done()
    schedule.catch_up(session)
    if found["word"].upper() == "SUSPEND":
        refreshing.suspend(session, name, dynamic_tables.USER_SUSPENDED)
    else:
        _check_upstream_runs(session, name)
        refreshing.resume(session, name)
    return done()


def _check_upstream_runs(session: "Session", name: ObjectName) -> None:
    every = dynamic_tables.all_of(session.engine)
    for above in refreshing.lineage_of(session).upstream_first([name]):
        if above != name and not every[above].is_running:
            raise compile_error(
                f"Dynamic table {name} cannot be resumed: upstream dynamic table {above} is"
                " suspended."
            )


def change(services: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """ALTER DYNAMIC TABLE … SET."""
    name = session.named(found["name"])
    if not _is_there(session, name, found):
        return done()
    options = parse_options(found["tail"])
    if unknown := options.keys() - _SETTABLE:
        raise refused(f"ALTER DYNAMIC TABLE … SET {', '.join(sorted(unknown))}")
    dynamic_tables.check_options(services.engine, options)
    table = dynamic_tables.all_of(services.engine)[name]
    dynamic_tables.keep(services.engine, table, options=table.options | options)
    return done()


def drop(_: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """DROP DYNAMIC TABLE."""
    name = session.named(found["name"])
    if _is_there(session, name, found):
        _drop(session, name)
    return done(f"{name.name} successfully dropped.")


def _drop(session: "Session", name: ObjectName) -> None:
    physical.remove(session, name)
    dynamic_tables.forget(session.engine, name)


def _is_there(session: "Session", name: ObjectName, found: "re.Match[str]") -> bool:
    if dynamic_tables.find(session.engine, name) is not None:
        return True
    if not found["there"]:
        raise missing("Dynamic table", str(name))
    return False


RULES: tuple[Rule, ...] = (
    rule(creation(r"(?P<transient>TRANSIENT\s+)?DYNAMIC\s+TABLE", QUALIFIED), create),
    rule(rf"ALTER\s+DYNAMIC\s+TABLE\s+{THERE}{_NAMES}\s+REFRESH(?:\s+COPY\s+SESSION)?", refresh),
    rule(rf"ALTER\s+DYNAMIC\s+TABLE\s+{THERE}{NAMED}\s+(?P<word>SUSPEND|RESUME)", switch),
    rule(rf"ALTER\s+DYNAMIC\s+TABLE\s+{THERE}{NAMED}\s+SET\s+(?P<tail>.*)", change),
    rule(rf"DROP\s+DYNAMIC\s+TABLE\s+{THERE}{NAMED}", drop),
)
