"""Replays past runs: transform into a new attempt, compare, and publish when that is wanted."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from confirm_load.load_way import RepairKind, load_way
from tonearm.replay.comparing import TableDifference
from tonearm.replay.pipeline import Pipeline
from tonearm.replay.printing import show_differences, summary
from tonearm.replay.runs import Bucket, PastRun, chosen_runs, left_to_earlier_runs
from tonearm.replay.tables import differences_of
from tonearm.screen import Screen
from tonearm.stack import read_stack
from tonearm_pipeline.clock import utc_moment

_WAYS = {RepairKind.REFRESH: "a refresh of the pipe", RepairKind.COPY: "COPY by name"}


@dataclass(frozen=True)
class ReplayOptions:
    """What the operator asked for: one run, or the runs of some dates (both ends included)."""

    stack_name: str
    run_id: str = ""
    first: date | None = None
    last: date | None = None
    is_publishing: bool = False
    poll_seconds: float = 3.0


@dataclass(frozen=True)
class Replayed:
    """One run, its new attempt, and how that differs from what the run has published."""

    run: PastRun
    attempt: int
    differences: tuple[TableDifference, ...]

    @property
    def is_equal(self) -> bool:
        """Whether today's code makes of the raw data what is published."""
        return all(one.is_equal for one in self.differences)

    @property
    def attempt_to_publish(self) -> int:
        """The new attempt, or the published one when the new one would only repeat it."""
        if self.is_equal and self.run.published:
            return int(self.run.published["attempt"])
        return self.attempt


def replay(
    options: ReplayOptions, client: Callable[[str], Any], screen: Screen
) -> list[Replayed] | None:
    """Replay the runs one after the other.

    Returns:
        What became of each run; None when an execution failed, which has been told.

    Raises:
        OperatorError: there is no such run or stack, or AWS cannot be reached.
    """
    bucket, pipeline = _stack(options, client)
    runs = chosen_runs(bucket, options.run_id, options.first, options.last)
    screen.say(f"{len(runs)} run(s) to replay")
    replayed = []
    for run in runs:
        one = _replayed(run, bucket, pipeline, screen)
        if one is None or (options.is_publishing and not _publish(one, bucket, pipeline, screen)):
            return None
        replayed.append(one)
    _tell_the_end(replayed, options, screen)
    return replayed


def load_text(run: PastRun, attempt: int, now: datetime) -> str:
    """Say how the files of an attempt come into the warehouse, and why that way."""
    published = run.published
    if published is None or published["attempt"] != attempt:
        return (
            "load by the pipe: the files are new, 0 days old, and their names say attempt "
            f"{attempt}, which Snowpipe has not seen: its event loads each once"
        )
    age = now - utc_moment(published["published_at"])
    way = load_way(age)
    return (
        f"nothing new to load: attempt {attempt} stays; if the warehouse lacks any of its files, "
        f"{age.days} days old, they come by {_WAYS[way.kind]}: {way.why}"
    )


def _stack(options: ReplayOptions, client: Callable[[str], Any]) -> tuple[Bucket, Pipeline]:
    stack = read_stack(client, options.stack_name)
    state_machine_arn = stack.output("StateMachineArn")
    pipeline = Pipeline(client("stepfunctions"), state_machine_arn, options.poll_seconds)
    return Bucket(client("s3"), stack.output("Bucket")), pipeline


def _replayed(run: PastRun, bucket: Bucket, pipeline: Pipeline, screen: Screen) -> Replayed | None:
    screen.start_run(f"Replay of run {run.run_id} for {run.snapshot_date}")
    finished, attempt = pipeline.transform(run.run_id, screen.show_visits)
    screen.end_run(finished)
    if not finished.is_green:
        return None
    with tempfile.TemporaryDirectory(prefix="tonearm-replay-") as folder:
        found = tuple(differences_of(bucket, run, attempt, Path(folder)))
    show_differences(screen, run.run_id, found)
    screen.say(f"  attempt {attempt}: {summary(found)}")
    return Replayed(run, attempt, found)


def _publish(one: Replayed, bucket: Bucket, pipeline: Pipeline, screen: Screen) -> bool:
    attempt = one.attempt_to_publish
    screen.start_run(f"Publish attempt {attempt} of run {one.run.run_id}")
    screen.say(f"  {load_text(one.run, attempt, datetime.now(UTC))}")
    finished = pipeline.publish(one.run.run_id, attempt, screen.show_visits)
    screen.end_run(finished)
    if finished.is_green:
        _tell_load(one.run.run_id, bucket, screen)
    return finished.is_green


def _tell_load(run_id: str, bucket: Bucket, screen: Screen) -> None:
    load = bucket.load(run_id)
    files = load.get("files", ())
    loaded = sum(file["status"] == "loaded" for file in files)
    screen.say(f"  {loaded} of {len(files)} files loaded")
    for repair in load.get("repairs", ()):
        screen.say(f"  {repair['entity']} by {repair['kind']}: {repair['why']}")


def _tell_the_end(replayed: Sequence[Replayed], options: ReplayOptions, screen: Screen) -> None:
    found = [difference for one in replayed for difference in one.differences]
    screen.say(f"\nreplay: {len(replayed)} run(s), {summary(found)}")
    left = left_to_earlier_runs([one.run for one in replayed])
    if left:
        screen.say(
            f"  {len(left)} source(s) had not changed and were not read in these runs; their rows "
            "come from earlier runs, which stay as they are: replay those too (--from an earlier "
            "date)"
        )
    if not options.is_publishing and not all(one.is_equal for one in replayed):
        screen.say("  nothing was published; the same command with --publish does it")
