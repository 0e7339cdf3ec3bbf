"""How the last runs went: red ones, none at all, their ledgers, loads, quarantine and fields."""

from collections.abc import Mapping
from datetime import UTC, timedelta
from typing import Any

from record_run.losses import FIELD, SOURCE, SUSPENDED, lost_line
from tonearm.doctor.context import Context
from tonearm.findings import WIRE, Fact, Finding, Said, run_command
from tonearm.runs.next_commands import next_commands, of_stack
from tonearm.runs.stack_runs import GREEN, RUNNING

STALE_HOURS = 36
_LOST_FIX = {
    FIELD: "check the app's quota mode on developer.spotify.com/dashboard and Spotify's changelog",
    SOURCE: "open the link in Spotify; if it works there, run `tonearm login`",
    SUSPENDED: "run what it says in Snowflake; `tonearm snowflake status` shows how it stands",
}


def check_last_run(context: Context) -> Said:
    """Whether the newest run that ended is green."""
    for run in [run for run in context.recent if run.status != RUNNING][:1]:
        if run.status == GREEN:
            yield Fact("runs", f"the last run {run.run_id} succeeded")
            return
        failure = context.runs.failure(run) or {}
        error, state = failure.get("error", run.status), failure.get("state", "a state")
        stopped = run.status in ("ABORTED", "TIMED_OUT")
        commands = (
            [of_stack(f"tonearm redrive {run.run_id}", context.stack_name)]
            if stopped
            else next_commands(error, run.run_id, context.stack_name)
        )
        fix = ", then ".join(f"run `{command}`" for command in commands)
        yield Finding("runs", f"the last run {run.run_id} failed in {state}: {error}", fix)


def check_freshness(context: Context) -> Said:
    """Whether a run succeeded lately."""
    start = run_command("tonearm run", context.stack_name)
    if not context.green:
        yield Finding("freshness", "no run has succeeded yet", start)
        return
    ended_at = context.green[0].ended_at or context.green[0].started_at
    if context.now - ended_at > timedelta(hours=STALE_HOURS):
        hours = (context.now - ended_at).total_seconds() / 3600
        what = f"the last run that succeeded ended {hours:,.0f} hours ago"
        yield Finding("freshness", what, start)
    else:
        yield Fact("freshness", f"data is of {ended_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC")


def check_ledger(context: Context) -> Said:
    """Whether the newest run's ledger balances."""
    for run in context.recent[:1]:
        ledger = context.runs.document(run.run_id, "ledger")
        if ledger and not ledger["balances"]:
            count = len(ledger["differences"])
            what = f"the ledger of {run.run_id} does not balance ({count} differences)"
            fix = f"look at `tonearm status {run.run_id}`, then run `tonearm resume {run.run_id}`"
            yield Finding("ledger", what, fix)


def check_loads(context: Context) -> Said:
    """Whether Snowpipe loaded the last run's files, and by itself."""
    fix = run_command(WIRE, context.stack_name)
    for run in context.recent[:1]:
        load = context.runs.document(run.run_id, "load")
        if load is None:
            continue
        for status in ("failed", "pending"):
            files = [file for file in load["files"] if file["status"] == status]
            if files:
                yield Finding("loads", f"{_named(files)} {status} in Snowpipe", fix)
        if load["repairs"]:
            what = f"Snowpipe was not told of new files: {len(load['repairs'])} repairs were needed"
            yield Finding("loads", what, fix)
        elif load["status"] == "loaded":
            yield Fact("loads", f"all {len(load['files'])} files of {run.run_id} are loaded")


def check_quarantine(context: Context) -> Said:
    """How many rows of the last published run could not be accepted."""
    for run_id, manifest in context.published:
        for entity, figures in manifest["entities"].items():
            if figures["quarantined"]:
                what = f"{figures['quarantined']} of {figures['read']} {entity} are in quarantine"
                fix = (
                    f"look at `aws s3 ls --recursive s3://{context.runs.bucket}/quarantine/"
                    f"{entity}/`: each row has its reason"
                )
                yield Finding("quarantine", f"{what} (run {run_id})", fix)


def check_fields(context: Context) -> Said:
    """Which fields this client does not see."""
    for _, newest in context.published:
        hidden = sorted(_hidden(newest["field_presence"]))
        if hidden:
            yield Fact("fields", f"this client does not see {', '.join(hidden)}")


def check_lost(context: Context) -> Said:
    """What earlier runs saw and the last one no more, and since when."""
    for one in context.runs.lost():
        yield Finding("lost", lost_line(one), _LOST_FIX[one["kind"]])


def _hidden(presence: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """The fields (entity.column) that are in no row of an entity with rows."""
    return {
        f"{entity}.{column}"
        for entity, columns in presence.items()
        for column, (count, rows) in columns.items()
        if rows and not count
    }


def _named(files: list[dict[str, Any]]) -> str:
    return f"{len(files)} files ({files[0]['key']}, …)" if files[1:] else str(files[0]["key"])
