"""Refreshes of dynamic tables: by hand, by their schedule, and what is written down of each.

https://docs.snowflake.com/en/user-guide/dynamic-tables/manage,
https://docs.snowflake.com/en/sql-reference/sql/alter-dynamic-table (REFRESH),
https://docs.snowflake.com/en/user-guide/dynamic-tables/error-codes.

A refresh computes the whole table anew, together with all it is made from and in one transaction:
the rows are those an incremental refresh gives, as of one moment.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import duckdb
from snowflake.connector.errors import Error as SnowflakeError

from tonearm.local.snowflake_server.dynamic import dynamic_tables, refresh_notes
from tonearm.local.snowflake_server.dynamic.dynamic_tables import BY_ERRORS, DynamicTable
from tonearm.local.snowflake_server.dynamic.lineage import Lineage
from tonearm.local.snowflake_server.dynamic.refresh_notes import Refresh
from tonearm.local.snowflake_server.engine import physical
from tonearm.local.snowflake_server.engine.names import ObjectName
from tonearm.local.snowflake_server.faults import EAGER
from tonearm.local.snowflake_server.protocol.errors import OwnError, as_snowflake_error

if TYPE_CHECKING:
    from tonearm.local.snowflake_server.engine.session import Session

MANUAL, SCHEDULED, CREATION = "MANUAL", "SCHEDULED", "CREATION"
MOST_FAILURES = 5
RETENTION = timedelta(days=1)  # DATA_RETENTION_TIME_IN_DAYS of a table that says none
_EXPIRED = "Change tracking is not enabled or has been missing for the time range requested"
type _Failures = dict[ObjectName, SnowflakeError]


def lineage_of(session: "Session") -> Lineage:
    """The graph of the account's dynamic tables."""
    tables = dynamic_tables.all_of(session.engine)
    return Lineage(session.engine, {name: table.query for name, table in tables.items()})


def refresh(session: "Session", names: Iterable[ObjectName], trigger: str) -> list[Refresh]:
    """Refresh dynamic tables and all they are made from; what became of each."""
    engine = session.engine
    with engine.refreshing:
        every = dynamic_tables.all_of(engine)
        lineage = lineage_of(session)
        tables = [every[name] for name in lineage.upstream_first(names)]
        at, count = engine.clock.now(), engine.changes
        stale = [table for table in tables if is_stale(session, table)]
        failures = _rebuild(session, stale, lineage)
        done = []
        for table in tables:
            action = _action(table) if table in stale else "NO_DATA"
            done.append(_note(session, table, failures, (at, trigger, action)))
            if table.name not in failures:
                engine.refreshed_at[table.name] = count
        return done


def is_stale(session: "Session", table: DynamicTable) -> bool:
    """Whether a refresh could find anything new, or fail."""
    engine = session.engine
    is_unseen = engine.refreshed_at.get(table.name) != engine.changes
    is_failing = str(table.name).upper() in engine.faults.failing
    is_anew = table.data_timestamp is None or table.is_changed
    return is_unseen or is_anew or is_failing or _is_expired(table, engine.clock.now())


def _rebuild(session: "Session", tables: Sequence[DynamicTable], lineage: Lineage) -> _Failures:
    """Compute tables anew, all as of one moment; one that fails is left out, with its readers."""
    failures: _Failures = {}
    work = session.apart()
    try:
        while todo := [table for table in tables if table.name not in failures]:
            failed = _attempt(work, todo)
            if failed is None:
                break
            name, error = failed
            failures[name] = error
            for reader in lineage.downstream(name):
                failures.setdefault(reader, _upstream_failed(name))
    finally:
        work.close()
    return failures


def _attempt(
    work: "Session", tables: Sequence[DynamicTable]
) -> tuple[ObjectName, SnowflakeError] | None:
    work.change_transaction("BEGIN")
    for table in tables:
        try:
            work.stopped.wait(work.engine.faults.refresh_seconds)
            work.stop_here()
            _check(work, table)
            physical.rebuild(work, table.name, table.query)
        except duckdb.InterruptException:
            work.change_transaction("ROLLBACK")
            raise
        except (duckdb.Error, SnowflakeError) as exc:
            work.change_transaction("ROLLBACK")
            return table.name, as_snowflake_error(exc)
    work.change_transaction("COMMIT")
    return None


def _check(work: "Session", table: DynamicTable) -> None:
    """What makes a refresh fail before it reads anything."""
    if str(table.name).upper() in work.engine.faults.failing:
        raise OwnError(msg="Refresh was canceled or timed out.", errno=2724, sqlstate="57014")
    if _is_expired(table, work.engine.clock.now()):
        raise OwnError(msg=f"{_EXPIRED} on table {table.name}.", errno=91930, sqlstate="22000")


def _is_expired(table: DynamicTable, now: datetime) -> bool:
    """Suspended for longer than the base tables keep what changed."""
    if table.suspended_on is None or table.data_timestamp is None or table.mode == "FULL":
        return False
    missed_all = table.suspended_on >= table.data_timestamp
    return missed_all and now - table.data_timestamp > RETENTION and not table.is_changed


def _upstream_failed(name: ObjectName) -> SnowflakeError:
    return OwnError(msg=f"Upstream dynamic table {name} failed to refresh.", errno=2724)


def _action(table: DynamicTable) -> str:
    if table.is_changed:
        return "REINITIALIZE"
    return "FULL" if table.mode == "FULL" else "INCREMENTAL"


def _note(
    session: "Session",
    table: DynamicTable,
    failed: _Failures,
    told: tuple[datetime, str, str],
) -> Refresh:
    """Write down how a table's refresh went, and what that means for its schedule."""
    engine, (at, trigger, action) = session.engine, told
    table = dynamic_tables.find(engine, table.name) or table  # its upstream may have suspended it
    error = failed.get(table.name)
    is_upstream = error is not None and str(error.raw_msg).startswith("Upstream dynamic table")
    state = "SUCCEEDED" if error is None else "UPSTREAM_FAILED" if is_upstream else "FAILED"
    done = Refresh(table.name, state, error, at, engine.clock.now(), action, trigger, table)
    refresh_notes.record(engine, done)
    if error is None:
        dynamic_tables.keep(
            engine, table, data_timestamp=at, attempted_on=at, failures=0, is_changed=False
        )
    elif trigger == SCHEDULED:
        tried = min(at, table.due_on or at)  # a clock that jumped missed more than one
        failures = table.failures + (not is_upstream)
        dynamic_tables.keep(engine, table, attempted_on=tried, failures=failures)
        if failures >= MOST_FAILURES:
            suspend(session, table.name, BY_ERRORS)
    return done


def suspend(session: "Session", name: ObjectName, reason: str) -> None:
    """Suspend a dynamic table and all that are made from it.

    Under an eager schedule they have kept up until now, though nobody has read them.
    """
    engine, now = session.engine, session.engine.clock.now()
    if engine.faults.schedule == EAGER and reason == dynamic_tables.USER_SUSPENDED:
        every = dynamic_tables.all_of(engine)
        mine = [name, *lineage_of(session).downstream(name)]
        refresh(session, [one for one in mine if every[one].is_running], SCHEDULED)
    every = dynamic_tables.all_of(engine)
    dynamic_tables.keep(engine, every[name], reason=reason, suspended_on=now)
    for below in lineage_of(session).downstream(name):
        if every[below].is_running:
            dynamic_tables.keep(engine, every[below], reason=f"UPSTREAM_{reason}", suspended_on=now)


def resume(session: "Session", name: ObjectName) -> None:
    """Resume a dynamic table and those below it that were suspended because it was.

    An eager schedule refreshes them at once, as far as what changed meanwhile is still kept.
    """
    engine = session.engine
    every = dynamic_tables.all_of(engine)
    below = lineage_of(session).downstream(name)
    names = [name, *(one for one in below if every[one].reason.startswith("UPSTREAM_"))]
    for one in names:
        dynamic_tables.keep(engine, every[one], reason=dynamic_tables.RUNNING, failures=0)
    if engine.faults.schedule == EAGER:
        now = engine.clock.now()
        refresh(session, [one for one in names if not _is_expired(every[one], now)], SCHEDULED)
