from datetime import UTC, datetime, timedelta
from typing import Any

from tonearm.runs.executions import StateVisit, visits_of
from tonearm.screen import summary, visit_line

START = datetime(2026, 11, 22, tzinfo=UTC)


def event(seconds: int, kind: str, name: str, output: str | None = None) -> dict[str, Any]:
    details = {"name": name, **({"output": output} if output else {})}
    return {"timestamp": START + timedelta(seconds=seconds), f"state{kind}EventDetails": details}


def test_a_loop_gives_one_visit_for_each_time_round() -> None:
    events = [
        event(0, "Entered", "ExtractSpotify"),
        event(2, "Exited", "ExtractSpotify", '{"status": "more"}'),
        event(2, "Entered", "ExtractSpotify"),
        event(5, "Exited", "ExtractSpotify", '{"status": "done"}'),
    ]

    visits = visits_of(iter(events))

    assert [visit.seconds for visit in visits] == [2, 3]
    assert [visit.output for visit in visits] == [{"status": "more"}, {"status": "done"}]


def test_an_open_state_has_no_seconds_yet() -> None:
    visits = visits_of(iter([event(0, "Entered", "PlanRun")]))

    assert visits[0].seconds is None


def test_a_line_shows_name_time_and_counts() -> None:
    output = {"status": "done", "manifest_key": "raw/x", "counts": {"entries": 911, "calls": 23}}
    visit = StateVisit("ExtractSpotify", START, START + timedelta(seconds=2.1), output)

    line = visit_line(visit)

    assert line.split() == ["ExtractSpotify", "2.1", "s", "status=done", "entries=911", "calls=23"]


def test_the_answers_of_parallel_jobs_are_listed() -> None:
    answers = [{"job": "albums", "state": "SUCCEEDED"}, {"job": "songs", "state": "SUCCEEDED"}]

    assert summary(answers) == "albums=SUCCEEDED songs=SUCCEEDED"
