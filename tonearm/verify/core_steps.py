"""Whether core has what the run brought, and whether Snowflake goes on refreshing it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tonearm.verify.outcomes import Fault, Outcome, judged, left_open
from tonearm.verify.signing_in import database_of, is_hidden, signed_in
from tonearm.verify.subject import Subject
from tonearm.warehouse.dynamic_table_state import (
    DYNAMIC_TABLE,
    TASK,
    Repair,
    ScheduledState,
    scheduled_states,
)
from tonearm.warehouse.wiring.session import Account, RefusedError
from tonearm_pipeline.clock import utc_moment

_WIRE: Final = "tonearm snowflake deploy"
_ADMIN: Final = "name an admin: --connection, or --admin-user and --private-key-file"
# Core's present tables that say when a row was read.
_CORE_INSTANTS: Final = ("albums", "artists", "songs")
# A clock of AWS and one of Snowflake.
_CLOCKS: Final = timedelta(minutes=5)


def check_core_rows(subject: Subject) -> Outcome:
    """Core has every row that the run published."""
    manifest = subject.manifest
    with signed_in(subject) as account:
        rows = account.rows(
            "select entity, rows_loaded, rows_in_core"  # noqa: S608 - names of our own
            f" from {database_of(subject)}.core.rows_by_run"
            f" where run_id = '{subject.seen_run.run_id}' and attempt = {int(manifest['attempt'])}"
        )
    found = {str(row["entity"]): int(row["rows_in_core"]) for row in rows}
    wanted = {name: figures["curated"] for name, figures in manifest["entities"].items()}
    faults = [
        Fault(
            f"core has {found.get(entity, 0)} of {count} rows of {entity}",
            f"{subject.command(_WIRE)}: it resumes or makes anew what is not refreshed",
        )
        for entity, count in wanted.items()
        if found.get(entity, 0) != count
    ]
    return judged(f"core has all {sum(wanted.values()):,} rows of the run", faults)


def check_dynamic_tables(subject: Subject) -> Outcome:
    """No dynamic table is suspended."""
    return _scheduled(subject, DYNAMIC_TABLE, "dynamic tables are refreshed")


def check_tasks(subject: Subject) -> Outcome:
    """No task is suspended."""
    return _scheduled(subject, TASK, "tasks are started")


def check_time_zone(subject: Subject) -> Outcome:
    """What landed is the instant that was written, and a day in core is the day of UTC."""
    faults: list[Fault] = []
    told = []
    with signed_in(subject) as account:
        for entity in subject.published_entities:
            faults += _landed_faults(subject, account, entity)
        told.append(f"the account's zone is {_account_zone(account)}")
    with signed_in(subject, as_admin=True) as account:
        try:
            for entity in sorted({*subject.published_entities} & {*_CORE_INSTANTS}):
                faults += _day_faults(subject, account, entity)
        except RefusedError as error:
            if not is_hidden(error):
                raise
            told.append(f"core's days were not looked at; {_ADMIN}")
    return judged(f"instants are those that were written; {'; '.join(told)}", faults)


def _scheduled(subject: Subject, kind: str, told: str) -> Outcome:
    with signed_in(subject, as_admin=True) as account:
        states = scheduled_states(account.rows, database_of(subject), datetime.now(UTC))
    mine = [state for state in states if state.kind == kind]
    if not mine:
        return left_open(f"this user sees no {kind.lower()}; {_ADMIN}")
    faults = [_suspended(subject, state) for state in mine if state.is_suspended]
    return judged(f"{len(mine)} {told}", faults)


def _suspended(subject: Subject, state: ScheduledState) -> Fault:
    why = f" ({state.reason.replace('_', ' ').lower()})" if state.reason else ""
    what = f"{state.kind.lower()} {state.name} is suspended{why}"
    word = "makes it anew" if state.repair is Repair.RECREATE else "resumes it"
    return Fault(what, f"{subject.command(_WIRE)}, which {word}")


def _account_zone(account: Account) -> str:
    try:
        rows = account.rows("show parameters like 'TIMEZONE' in account")
    except RefusedError:
        return "not told"
    return str(rows[0]["value"]) if rows else "not told"


def _landed_faults(subject: Subject, account: Account, entity: str) -> Iterator[Fault]:
    (row,) = account.rows(
        "select"  # noqa: S608 - names of our own
        " count(*) as landed,"
        " min(date_part(epoch_second, extracted_at)) as first_read,"
        " max(date_part(epoch_second, extracted_at)) as last_read,"
        " min(date_part(epoch_second, loaded_at)) as first_loaded"
        f" from {database_of(subject)}.landing.{entity} where run_id = '{subject.seen_run.run_id}'"
    )
    if not row["landed"]:
        return
    fix = f"{subject.command(_WIRE)}, which sets the pipes right, then read again"
    began = (subject.seen_run.started_at - _CLOCKS).timestamp()
    published = utc_moment(subject.manifest["published_at"])
    if int(row["first_read"]) < began or int(row["last_read"]) > published.timestamp():
        yield Fault(f"landing.{entity} has instants from outside the run", fix)
    if int(row["first_loaded"]) < began:
        yield Fault(f"loaded_at of landing.{entity} lies before the run", fix)


def _day_faults(subject: Subject, account: Account, entity: str) -> Iterator[Fault]:
    """Whether core shows an instant by the clock of UTC: its day is taken from what is shown."""
    rows = account.rows(
        "select distinct"  # noqa: S608 - names of our own
        " to_char(extracted_at::date, 'YYYY-MM-DD') as day,"
        " date_part(hour, extracted_at) as hour,"
        " date_part(epoch_second, extracted_at) as instant"
        f" from {database_of(subject)}.core.{entity} where run_id = '{subject.seen_run.run_id}'"
    )
    shown = [f"{row['day']} {int(row['hour']):02d} h" for row in rows]
    utc = [f"{_utc(row['instant']):%Y-%m-%d %H} h" for row in rows]
    other = [one for one, right in zip(shown, utc, strict=True) if one != right]
    if other:
        what = f"core.{entity} shows instants by another clock than UTC, such as {other[0]}"
        yield Fault(what, subject.command(_WIRE))


def _utc(instant: Any) -> datetime:
    return datetime.fromtimestamp(int(instant), UTC)
