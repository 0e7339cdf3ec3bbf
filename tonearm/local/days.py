"""Runs the pipeline for each day in order, on the same local stack, and gathers what came of it."""

import json
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from tonearm.errors import OperatorError
from tonearm.local.stack import LocalStack
from tonearm.runs import executions
from tonearm.runs.executions import Finished
from tonearm.screen import Screen


@dataclass(frozen=True)
class Day:
    """One run to make: the date it stands for, and the folder Spotify serves on it (or None)."""

    logical_date: date
    catalogue: Path | None = None


@dataclass(frozen=True)
class DayResult:
    """One run as it ended, with its ledger (None when it failed before one was written)."""

    day: Day
    finished: Finished
    run_id: str
    ledger: dict[str, Any] | None
    failure: dict[str, Any] | None
    files: tuple[dict[str, Any], ...] = ()

    def as_report(self) -> dict[str, Any]:
        """The run's part of the report file."""
        ledger = self.ledger or {"playlists": [], "entities": {}}
        return {
            "run_id": self.run_id,
            "snapshot_date": self.day.logical_date.isoformat(),
            "status": self.finished.status,
            "seconds": round(self.finished.seconds, 3),
            "execution_arn": self.finished.execution_arn,
            "states": [
                {"name": visit.name, "seconds": visit.seconds} for visit in self.finished.visits
            ],
            "ledger": {"playlists": ledger["playlists"], "entities": ledger["entities"]},
            "files": list(self.files),
            "failure": self.failure,
        }


def sample_days(today: date) -> list[Day]:
    """Yesterday and today of the built-in catalogue."""
    return [Day(today - timedelta(days=1)), Day(today)]


def parse_days(catalogue: Path | None, days: list[str]) -> tuple[Day, ...]:
    """The runs that --catalogue or --day ask for.

    Raises:
        OperatorError: both are given, a DATE=DIR is malformed, or a folder is not there.
    """
    if catalogue and days:
        raise OperatorError("--catalogue and --day exclude each other", "use --day for each date")
    if catalogue:
        return (Day(datetime.now(UTC).date(), _existing(catalogue)),)
    return tuple(_parse_day(text) for text in days)


def run_day(stack: LocalStack, day: Day, sources: Sequence[str], screen: Screen) -> DayResult:
    """Let Spotify serve the day, run the pipeline once for it, and read its ledger."""
    screen.start_run(f"Run for {day.logical_date}")
    stepfunctions = stack.client("stepfunctions")
    name = f"local-{day.logical_date}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    run_input = {"logical_date": day.logical_date.isoformat(), "sources": list(sources)}
    arn = executions.start(stepfunctions, stack.outputs["StateMachineArn"], name, run_input)
    finished = executions.follow(stepfunctions, arn, screen.show_visits)
    screen.end_run(finished)
    run_id = _run_id(finished)
    loaded = (json_object(stack, f"runs/{run_id}/load.json") if run_id else None) or {}
    return DayResult(
        day=day,
        finished=finished,
        run_id=run_id,
        ledger=json_object(stack, f"runs/{run_id}/ledger.json") if run_id else None,
        failure=json_object(stack, f"runs/{run_id}/failure.json") if run_id else None,
        files=tuple(loaded.get("files", ())),
    )


def serve_day(stack: LocalStack, day: Day) -> list[str]:
    """Make the fake Spotify serve the day; the sources a run of that day should read."""
    control = f"{stack.ports.spotify_url}/_control"
    if day.catalogue is None:
        _post(control, {"day": day.logical_date.isoformat()})
        return ["me/playlists", "me/tracks"]
    _post(control, {"catalogue": str(day.catalogue.resolve())})
    return [str(source) for source in _get(f"{control}/sources")]


def catalogue_summary(stack: LocalStack) -> dict[str, Any]:
    """What the fake Spotify found in the folder it serves, and what it left aside."""
    found: dict[str, Any] = _get(f"{stack.ports.spotify_url}/_control/catalogue")
    return found


def write_report(path: Path, results: Sequence[DayResult], tables: Mapping[str, int]) -> None:
    """The whole session as JSON."""
    runs = [result.as_report() for result in results]
    report = {"runs": runs, "tables": dict(tables)}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")


def _parse_day(text: str) -> Day:
    on, separator, folder = text.partition("=")
    try:
        parsed = date.fromisoformat(on)
    except ValueError as error:
        raise OperatorError(
            f"--day {text}: {on!r} is no date", "write --day 2024-05-02=DIR"
        ) from error
    if not separator or not folder:
        raise OperatorError(f"--day {text} names no folder", "write --day 2024-05-02=DIR")
    return Day(parsed, _existing(Path(folder)))


def _existing(path: Path) -> Path:
    if not path.exists():
        raise OperatorError(f"{path} does not exist", "name a file or folder of recorded JSON")
    return path


def _run_id(finished: Finished) -> str:
    for visit in finished.visits:
        if visit.name == "PlanRun" and isinstance(visit.output, dict):
            return str(visit.output.get("run_id", ""))
    return ""


def json_object(stack: LocalStack, key: str) -> dict[str, Any] | None:
    """A JSON object in the local stack's bucket; None when there is none."""
    s3 = stack.client("s3")
    try:
        body = s3.get_object(Bucket=stack.outputs["Bucket"], Key=key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return None
    found: dict[str, Any] = json.loads(body)
    return found


def _post(url: str, body: dict[str, Any]) -> None:
    request = urllib.request.Request(  # noqa: S310 - a loopback address of ours
        url,
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        answer.read()


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310
        return json.loads(answer.read())
