"""What Snowflake answers is judged: each fault by its own words and fix, the rest passes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.lambdas.tonearm_pipeline.finished_run import load_document, published_manifest
from tests.tonearm.doctor.healthy import QUEUE, Healthy
from tonearm.verify import core_steps, pipe_steps
from tonearm.verify.outcomes import Outcome, Verdict
from tonearm.verify.subject import Subject
from tonearm.warehouse.wiring.session import RefusedError

NOW = datetime.now(UTC)
WIRE = "run `tonearm snowflake deploy`"


@dataclass
class ScriptedAccount:
    """An account that answers by what a statement speaks of; the first match wins."""

    answers: dict[str, Any] = field(default_factory=dict)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        matches = (rows for words, rows in self.answers.items() if words in sql)
        answer: Any = next(matches, [])
        if isinstance(answer, Exception):
            raise answer
        found: list[dict[str, Any]] = answer
        return found

    def value(self, sql: str) -> str:
        return str(next(iter(self.rows(sql)[0].values())))


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> ScriptedAccount:
    scripted = ScriptedAccount()

    @contextmanager
    def signed_in(_: Subject, *, as_admin: bool = False) -> Iterator[ScriptedAccount]:
        yield scripted

    monkeypatch.setattr(pipe_steps, "signed_in", signed_in)
    monkeypatch.setattr(core_steps, "signed_in", signed_in)
    return scripted


@pytest.fixture
def subject(healthy: Healthy) -> Subject:
    """The healthy stack after a run of an album that published one file."""
    subject = Subject(healthy, "tonearm")
    subject.run = subject.runs.find("")
    manifest = published_manifest()
    for entity, figures in manifest["entities"].items():
        figures["files"] = figures["files"][:1] if entity == "albums" else []
        figures["curated"] = 2 if entity == "albums" else 0
    manifest["entities"]["albums"]["files"][0]["rows"] = 2
    manifest["published_at"] = NOW.isoformat()
    healthy.put(f"runs/{subject.run.run_id}/manifest.json", manifest)
    healthy.put(f"runs/{subject.run.run_id}/load.json", load_document() | {"repairs": []})
    return subject


def pipe(**changes: Any) -> list[dict[str, Any]]:
    status = {"executionState": "RUNNING", "notificationChannelName": QUEUE, "pendingFileCount": 0}
    return [{"status": json.dumps(status | changes)}]


def line(status: str = "Loaded", rows: int = 2, error: str = "") -> dict[str, Any]:
    return {"status": status, "row_count": rows, "first_error_message": error}


def only_fault(outcome: Outcome, says: str, fix: str) -> None:
    assert outcome.verdict is Verdict.FAILED, outcome
    (fault,) = outcome.faults
    assert says in fault.what
    assert fix in fault.fix


def test_pipes_that_run_pass(subject: Subject, account: ScriptedAccount) -> None:
    account.answers["system$pipe_status"] = pipe()

    assert pipe_steps.check_snowpipe(subject).verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"executionState": "PAUSED"}, "is PAUSED"),
        ({"executionState": "STOPPED_STAGE_ALTERED"}, "is STOPPED_STAGE_ALTERED"),
        ({"notificationChannelName": "arn:aws:sqs:x:1:other"}, "listens to another queue"),
        ({"error": "Integration does not exist"}, "says: Integration does not exist"),
    ],
)
def test_a_pipe_that_does_not_listen_is_red(
    subject: Subject, account: ScriptedAccount, changes: dict[str, Any], says: str
) -> None:
    account.answers = {"SONGS_PIPE": pipe(**changes), "system$pipe_status": pipe()}

    only_fault(pipe_steps.check_snowpipe(subject), says, WIRE)


def test_a_file_that_was_loaded_once_passes(subject: Subject, account: ScriptedAccount) -> None:
    account.answers["copy_history"] = [line()]

    assert pipe_steps.check_load_history(subject).verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("rows", "says", "fix"),
    [
        ([], "the load history has no line of", WIRE),
        ([line("Load failed", 0, "no such column")], "was not loaded: no such column", "resume"),
        ([line(), line()], "was loaded 2 times", "tell the project"),
        ([line(rows=1)], "has 2 rows, 1 were loaded", "resume"),
    ],
)
def test_a_file_that_was_not_loaded_once_and_whole_is_red(
    subject: Subject, account: ScriptedAccount, rows: list[dict[str, Any]], says: str, fix: str
) -> None:
    account.answers["copy_history"] = rows

    only_fault(pipe_steps.check_load_history(subject), says, fix)


def test_files_that_no_event_told_of_are_red_though_they_are_loaded(
    healthy: Healthy, subject: Subject, account: ScriptedAccount
) -> None:
    account.answers["copy_history"] = [line()]
    repair = {"entity": "albums", "kind": "refresh", "why": "", "tries": 3, "keys": []}
    key = f"runs/{subject.seen_run.run_id}/load.json"
    healthy.put(key, load_document() | {"repairs": [repair]})

    outcome = pipe_steps.check_load_history(subject)

    only_fault(outcome, "Snowpipe was not told of the new files of albums", WIRE)


def test_a_run_older_than_the_history_is_open(
    healthy: Healthy, subject: Subject, account: ScriptedAccount
) -> None:
    old = {**subject.manifest, "published_at": (NOW - timedelta(days=15)).isoformat()}
    healthy.put(f"runs/{subject.seen_run.run_id}/manifest.json", old)
    del subject.published

    assert pipe_steps.check_load_history(subject).verdict is Verdict.OPEN


def test_core_must_have_every_row(subject: Subject, account: ScriptedAccount) -> None:
    row = {"entity": "albums", "rows_loaded": 2, "rows_in_core": 2}
    account.answers["rows_by_run"] = [row]
    whole = core_steps.check_core_rows(subject)
    account.answers["rows_by_run"] = [row | {"rows_in_core": 1}]
    lacking = core_steps.check_core_rows(subject)
    account.answers["rows_by_run"] = []
    empty = core_steps.check_core_rows(subject)

    assert whole.verdict is Verdict.PASSED
    only_fault(lacking, "core has 1 of 2 rows of albums", WIRE)
    only_fault(empty, "core has 0 of 2 rows of albums", WIRE)


def shown(name: str, **more: Any) -> dict[str, Any]:
    return {"database_name": "TONEARM", "schema_name": "CORE", "name": name, **more}


@pytest.mark.parametrize(("days_ago", "fix"), [(0.5, "which resumes it"), (3, "makes it anew")])
def test_a_suspended_dynamic_table_is_healed_in_the_way_that_works(
    subject: Subject, account: ScriptedAccount, days_ago: float, fix: str
) -> None:
    suspended = {
        "scheduling_state": "SUSPENDED",
        "last_suspended_on": NOW - timedelta(days=days_ago),
    }
    account.answers = {
        "show dynamic tables": [
            shown("SONGS", scheduling_state="ACTIVE"),
            shown("ALBUMS", **suspended),
        ],
        "show tables": [{"retention_time": "1"}],
    }

    outcome = core_steps.check_dynamic_tables(subject)

    only_fault(outcome, "dynamic table TONEARM.CORE.ALBUMS is suspended", fix)


def test_a_user_who_sees_no_dynamic_table_leaves_the_step_open(
    subject: Subject, account: ScriptedAccount
) -> None:
    outcome = core_steps.check_dynamic_tables(subject)

    assert outcome.verdict is Verdict.OPEN
    assert "--connection" in outcome.told


def landed(subject: Subject, **changes: Any) -> list[dict[str, Any]]:
    at = int(subject.seen_run.started_at.timestamp()) + 5
    return [{"landed": 2, "first_read": at, "last_read": at, "first_loaded": at + 60} | changes]


def core_row(hours_off: int = 0) -> list[dict[str, Any]]:
    instant = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    clock = instant + timedelta(hours=hours_off)
    row = {"day": f"{clock:%Y-%m-%d}", "hour": clock.hour, "instant": int(instant.timestamp())}
    return [row]


def test_instants_as_they_were_written_pass(subject: Subject, account: ScriptedAccount) -> None:
    zone = [{"value": "America/Los_Angeles"}]
    account.answers = {"TIMEZONE": zone, "landing": landed(subject), "core": core_row()}

    outcome = core_steps.check_time_zone(subject)

    assert outcome.verdict is Verdict.PASSED, outcome
    assert "America/Los_Angeles" in outcome.told


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"first_read": 0}, "instants from outside the run"),
        ({"last_read": int(NOW.timestamp()) + 9 * 3600}, "instants from outside the run"),
        ({"first_loaded": 0}, "loaded_at of landing.albums lies before the run"),
    ],
)
def test_an_instant_that_moved_with_the_load_is_red(
    subject: Subject, account: ScriptedAccount, changes: dict[str, int], says: str
) -> None:
    account.answers = {"landing": landed(subject, **changes), "core": core_row()}

    only_fault(core_steps.check_time_zone(subject), says, WIRE)


@pytest.mark.parametrize("hours_off", [-8, 1])
def test_core_that_shows_another_clock_is_red(
    subject: Subject, account: ScriptedAccount, hours_off: int
) -> None:
    account.answers = {"landing": landed(subject), "core": core_row(hours_off)}

    only_fault(core_steps.check_time_zone(subject), "another clock than UTC", WIRE)


def test_core_that_the_service_user_may_not_read_is_told(
    subject: Subject, account: ScriptedAccount
) -> None:
    refusal = RefusedError("Insufficient privileges", 3001, "select")
    account.answers = {"landing": landed(subject), "core": refusal}

    outcome = core_steps.check_time_zone(subject)

    assert outcome.verdict is Verdict.PASSED
    assert "core's days were not looked at; name an admin" in outcome.told
