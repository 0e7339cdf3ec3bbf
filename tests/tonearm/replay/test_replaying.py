"""What is published of a replay, how it is loaded, and what the operator reads of it."""

from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from tonearm.cli.main import app
from tonearm.errors import OperatorError
from tonearm.replay.comparing import Example, TableDifference
from tonearm.replay.printing import example_lines, summary
from tonearm.replay.replaying import Replayed, load_text
from tonearm.replay.runs import PastRun

NOW = datetime(2026, 11, 22, tzinfo=UTC)
EQUAL = TableDifference("songs", 9, 0, 0, 0)
CHANGED = TableDifference(
    "songs", 9, 1, 0, 1, {"isrc": 1}, {"isrc": [Example(("k1",), "GB", None)]}, [("k2",)]
)


def run_published(attempt: int, age: timedelta) -> PastRun:
    published_at = (NOW - age).isoformat().replace("+00:00", "Z")
    return PastRun("r1", {}, {"attempt": attempt, "published_at": published_at})


def test_only_an_attempt_that_differs_is_published_anew() -> None:
    run = run_published(1, timedelta(days=20))

    assert Replayed(run, 3, (EQUAL, CHANGED)).attempt_to_publish == 3
    assert Replayed(run, 3, (EQUAL, EQUAL)).attempt_to_publish == 1
    assert Replayed(PastRun("r1", {}, None), 3, (EQUAL,)).attempt_to_publish == 3


def test_a_new_attempt_is_loaded_by_the_pipe_whatever_the_runs_age() -> None:
    text = load_text(run_published(1, timedelta(days=300)), 2, NOW)

    assert text.startswith("load by the pipe: the files are new")


@pytest.mark.parametrize(
    ("days", "way"),
    [
        (2, "2 days old, they come by a refresh of the pipe: a refresh reaches"),
        (20, "20 days old, they come by COPY by name: the pipe has forgotten them after 14"),
        (70, "70 days old, they come by COPY by name: COPY too has forgotten them after 64"),
    ],
)
def test_files_already_published_come_by_their_age(days: int, way: str) -> None:
    assert way in load_text(run_published(2, timedelta(days=days)), 2, NOW)


def test_examples_name_key_column_and_values() -> None:
    assert example_lines(CHANGED) == ["songs added: k2", "songs k1 isrc: 'GB' -> NULL"]
    assert summary([EQUAL, CHANGED]) == "1 rows added, 0 removed, 1 changed"
    assert summary([EQUAL]) == "0 differences"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "replay needs --run-id, or --from and --to"),
        (["--run-id", "r1", "--to", "2026-11-22"], "not both"),
        (["--from", "yesterday"], "--from yesterday is no date"),
    ],
)
def test_unclear_wishes_are_refused(words: list[str], message: str) -> None:
    outcome = CliRunner().invoke(app, ["replay", *words])

    assert isinstance(outcome.exception, OperatorError)
    assert message in str(outcome.exception)
