"""A run followed to its end, the same run again that must do nothing, and a replay of the first."""

import io
from typing import Any, Final

from rich.console import Console

from tonearm.replay.printing import summary
from tonearm.replay.replaying import ReplayOptions, replay
from tonearm.runs import commands, executions
from tonearm.runs.executions import StateVisit
from tonearm.runs.stack_runs import GREEN, Run
from tonearm.screen import Screen
from tonearm.stack import aws_answers
from tonearm.verify.outcomes import Fault, Outcome, Verdict, failed, judged, left_open
from tonearm.verify.subject import Subject
from tonearm_pipeline.keys import raw_manifest_key

_PARKED: Final = "WaitForQuota"
_WORK: Final = ("Transform", "PublishRun", "ConfirmLoad")
_UNCHANGED: Final = "RecordUnchangedRun"
_NOT_WIRED: Final = "WarehouseNotWiredError"


class _ParkedError(Exception):
    """The run waits for Spotify's quota, for hours perhaps."""


def check_run(subject: Subject) -> Outcome:
    """A run over the sources, read whole, ends green; or the run that was named did."""
    if subject.run is None:
        try:
            subject.run = _followed(subject, force_full=True)
        except _ParkedError:
            return left_open("the run waits for Spotify's quota and goes on by itself")
    outcome = _judged_run(subject, subject.run)
    if outcome.verdict is Verdict.PASSED and not subject.published:
        return _read_nothing(subject, subject.run)
    return outcome


def check_unchanged_run(subject: Subject) -> Outcome:
    """The same run again reads that nothing has changed, and starts no job."""
    if subject.seen_run.status != GREEN:
        return left_open("only a green run is remembered, so the next one reads all again")
    if subject.run_id:
        return left_open("an earlier run was named, so none was started")
    try:
        subject.second_run = _followed(subject, force_full=False)
    except _ParkedError:
        return left_open("the second run waits for Spotify's quota and goes on by itself")
    run = subject.second_run
    if run.status != GREEN:
        return _judged_run(subject, run)
    names = {visit.name for visit in subject.runs.visits(run)}
    worked = [name for name in _WORK if name in names]
    if worked or _UNCHANGED not in names:
        what = f"run {run.run_id} went through {', '.join(worked)} though nothing had changed"
        return failed(what, f"look at {_table(subject)}, and {subject.command('tonearm doctor')}")
    return judged(f"run {run.run_id} found nothing changed and started no job")


def check_replay(subject: Subject) -> Outcome:
    """The run's raw data, transformed again by the deployed jobs, gives what was published."""
    options = ReplayOptions(
        subject.stack_name, subject.seen_run.run_id, poll_seconds=subject.poll_seconds
    )
    text = io.StringIO()
    found = replay(options, subject.clients, Screen(Console(file=text, width=120)))
    command = f"tonearm replay --run-id {subject.seen_run.run_id}"
    if found is None:
        return failed("the replay failed", subject.command(command))
    differences = [one for replayed in found for one in replayed.differences]
    told = f"{len(differences)} tables, {summary(differences)}"
    faults = [
        Fault(
            f"table {one.table}: {one.added} rows added, {one.removed} removed, "
            f"{one.changed} changed",
            f"{subject.command(command)} to see them; with --publish they are kept",
        )
        for one in differences
        if not one.is_equal
    ]
    return judged(told, faults)


def _followed(subject: Subject, *, force_full: bool) -> Run:
    runs = subject.runs
    run_input: dict[str, Any] = {"sources": list(subject.sources), "force_full": force_full}
    arn = commands.start_run(runs, run_input)

    def look(visits: tuple[StateVisit, ...]) -> None:
        names = [visit.name for visit in visits if visit.left_at is None]
        if _PARKED in names:
            raise _ParkedError
        subject.tell(f"run: {', '.join(names) or 'starts'}")

    with aws_answers("follow the execution"):
        executions.follow(runs.stepfunctions, arn, look, subject.poll_seconds)
    return runs.find(arn)


def _judged_run(subject: Subject, run: Run) -> Outcome:
    if run.status == GREEN:
        jobs = [
            job
            for visit in subject.runs.visits(run)
            if visit.name == "Transform" and isinstance(visit.output, list)
            for job in visit.output
        ]
        states = ", ".join(f"{job['job']} {job['state']}" for job in jobs)
        return judged(f"run {run.run_id} is green in {run.seconds:,.0f} s ({states or 'no job'})")
    failure = subject.runs.failure(run) or {}
    error, state = failure.get("error", run.status), failure.get("state", "a state")
    if error == _NOT_WIRED and not subject.is_wired:
        return left_open(
            f"run {run.run_id} published its files and ended in {state}: no Snowflake account is "
            f"wired ({subject.command('tonearm snowflake deploy')})"
        )
    what = f"run {run.run_id} ended in {state}: {error}: {failure.get('cause', '')}".rstrip(": ")
    return failed(what, subject.command(f"tonearm status {run.run_id}"))


def _read_nothing(subject: Subject, run: Run) -> Outcome:
    """A green run without a file proves nothing: its sources were refused, or hold nothing."""
    raw = subject.runs.json_object(raw_manifest_key(run.run_id)) or {}
    refused = [f"{one['source']} ({one['status']}): {one['why']}" for one in raw.get("refused", [])]
    what = f"run {run.run_id} published nothing; Spotify refuses {'; '.join(refused) or 'nothing'}"
    return failed(what, subject.command("tonearm verify --source LINK") + " with another link")


def _table(subject: Subject) -> str:
    return f"the sources' lines in the table {subject.stack.output('StateTable')}"
