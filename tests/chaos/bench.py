"""Runs scenarios on one bed: start, follow, heal by the named commands, and judge."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.chaos.bed import CLOUD, POLL_SECONDS, WAREHOUSE, Bed
from tests.chaos.judging import NO_DIFFERENCE, Difference, Rows, difference, landed
from tests.chaos.scenarios import (
    ABORTED,
    AT_ONCE,
    BY_HAND,
    TWICE,
    Scenario,
    places_of,
    playlist_name,
)
from tests.e2e.local_cloud import FIRST_DAY, SECOND_DAY
from tests.faults.catalogues import Wanted, write_account
from tests.faults.fake import Fake
from tonearm.local.days import json_object
from tonearm.local.stack import STACK_NAME
from tonearm.runs.executions import Finished

SONGS: Final = 12
_MOST_ROUNDS: Final = 4
_ABORT_IN: Final = ("ExtractSpotify", "Transform", "PublishRun", "ConfirmLoad", "RecordRun")

Tell = Callable[[str], None]


@dataclass
class Verdict:
    """What became of one scenario.

    Attributes:
        scenario: the scenario.
        difference: rows lost and doubled, in the end.
        silent: green runs whose rows were not all there, or whose ledger does not balance.
        mute: red runs without a cause or a command, or that no command has healed.
        commands: the named commands that were run, without their arguments.
        met: how many calls met a fault.
        seconds: how long it took.
    """

    scenario: Scenario
    difference: Difference = NO_DIFFERENCE
    silent: list[str] = field(default_factory=list)
    mute: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    met: int = 0
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        """Nothing lost, doubled or silent, and every red run said how to heal it."""
        return not (any(self.difference) or self.silent or self.mute)

    @property
    def outcome(self) -> str:
        """How it came to be green."""
        return " + ".join(dict.fromkeys(self.commands)) or "by itself"


class Bench:
    """One bed, the playlists of all scenarios, and what a fault-free run brings.

    Args:
        bed: the bed.
        folder: for the playlists.
        count: the largest number of a scenario.
    """

    def __init__(self, bed: Bed, folder: Path, count: int) -> None:
        self.bed = bed
        self.count = count
        self.expected: Rows = Rows()
        self.places: list[str] = []
        self._folder = folder
        self._fake = Fake(bed.stack.ports.spotify_url)

    def close(self) -> None:
        """Let go of the fake Spotify."""
        self._fake.control(reset=True)
        self._fake.close()

    def prepare(self, tell: Tell) -> None:
        """Read every playlist on the first day, then the second day's first one without faults."""
        days = [self._folder / "first-day", self._folder / "second-day"]
        for version, day in enumerate(days, start=1):
            names = map(playlist_name, range(self.count + 1))
            write_account(day, [Wanted(name, SONGS, version) for name in names])
        self.bed.set_faults({})
        self._fake.control(catalogue=str(days[0]))
        sources = [_source(number) for number in range(self.count + 1)]
        first = self._ended("first-day", {"sources": sources, "logical_date": str(FIRST_DAY)})
        tell(f"first day: {len(sources)} playlists in {first.seconds:.0f} s")
        self._fake.control(catalogue=str(days[1]))
        self.bed.set_faults({})
        second = self._ended(f"fault-free-{time.time_ns()}", _input_of(_source(0)))
        run_id = _run_id_of(second)
        self.expected = landed(self.bed.cloud, [run_id])[run_id]
        self.places = places_of(self.bed.calls())
        tell(f"fault-free run: {second.seconds:.1f} s, {len(self.places)} places for faults")

    def _ended(self, name: str, run_input: Mapping[str, Any]) -> Finished:
        finished = self.bed.follow(self.bed.start(name, run_input))
        assert finished.is_green, finished.cause
        return finished

    def run(self, scenario: Scenario) -> Verdict:
        """Run one scenario to its end."""
        trial = _Trial(self, scenario)
        trial.run()
        return trial.verdict


class _Trial:
    """One scenario on its way."""

    def __init__(self, bench: Bench, scenario: Scenario) -> None:
        self._bench = bench
        self._bed = bench.bed
        self._scenario = scenario
        self._runs: dict[str, Finished] = {}
        self._obeyed_for: set[str] = set()
        self.verdict = Verdict(scenario)

    def run(self) -> None:
        began, clock = time.time(), time.monotonic()
        faults = self._scenario.faults
        self._bed.set_faults(
            {
                server: [fault.rule for fault in faults if fault.server == server]
                for server in (CLOUD, WAREHOUSE)
            }
        )
        self._start()
        self._look(began)
        self._heal(began)
        self.verdict.met = self._bed.met()
        self._bed.set_faults({})
        rows = landed(self._bed.cloud, {_run_id_of(one) for one in self._runs.values()} - {""})
        self.verdict.difference = difference(self._bench.expected, rows)
        self.verdict.seconds = time.monotonic() - clock

    # -------------------------------------------------------------- starting
    def _start(self) -> None:
        source = _source(self._scenario.number)
        name, run_input = f"{self._scenario.name}-{time.time_ns()}", _input_of(source)
        way = self._scenario.way
        if way == BY_HAND:
            command = f"tonearm run --source {source} --date {SECOND_DAY} --stack-name {STACK_NAME}"
            self._by_hand(command)
            return
        first = self._bed.start(name, run_input)
        if way == TWICE:
            assert self._bed.start(name, run_input) == first
        elif way == AT_ONCE:
            self._bed.start(f"{name}-again", run_input)
        elif way == ABORTED:
            self._abort(first)

    def _by_hand(self, command: str) -> None:
        """A person types a command, and types it again when AWS did not answer."""
        for _ in range(_MOST_ROUNDS):
            said = self._bed.obey(command)
            if "tonearm: " not in said:
                return
            self.verdict.commands.append("same command")
        self.verdict.mute.append(f"`{command}` never came through: {said}")

    def _abort(self, arn: str) -> None:
        wanted = _ABORT_IN[self._scenario.number % len(_ABORT_IN)]
        while wanted not in self._bed.states_of(arn):
            if not self._bed.is_running(arn):
                return  # a fault was quicker
            time.sleep(POLL_SECONDS)
        self._bed.stop(arn)

    # -------------------------------------------------------------- following
    def _look(self, began: float) -> None:
        """Wait for all executions; judge each green one the moment it is."""
        for arn in self._bed.executions_since(began):
            if arn in self._runs and self._runs[arn].is_green:
                continue
            finished = self._runs[arn] = self._bed.follow(arn)
            if finished.is_green:
                self._judge_green(finished)

    def _judge_green(self, finished: Finished) -> None:
        run_id = _run_id_of(finished)
        ledger = json_object(self._bed.stack, f"runs/{run_id}/ledger.json")
        if ledger is None or not ledger["balances"]:
            self.verdict.silent.append(f"{run_id} is green and its ledger does not balance")
        elif ledger["playlists"]:
            rows = landed(self._bed.cloud, [run_id])[run_id]
            lost = (self._bench.expected - rows).total()
            if lost:
                self.verdict.silent.append(f"{run_id} is green without {lost} rows")

    # -------------------------------------------------------------- healing
    def _heal(self, began: float) -> None:
        """Obey what each red run says, the newest first, until nothing red is left."""
        for _ in range(_MOST_ROUNDS):
            red = [one for one in self._runs.values() if self._is_ill(one)]
            if not red:
                return
            self._bed.end_outages()
            self._bed.let_time_pass()
            if not self._obeyed(red[-1]):
                return
            self._look(began)
        if any(map(self._is_ill, self._runs.values())):
            self.verdict.mute.append("no command has healed it")

    def _is_ill(self, run: Finished) -> bool:
        return not run.is_green and run.execution_arn not in self._obeyed_for

    def _obeyed(self, red: Finished) -> bool:
        """Run the commands a red run names; False when it does not say why, or names none."""
        said, commands = self._bed.said_of(red.execution_arn)
        has_cause = red.status == "ABORTED" or (red.cause and "failed in" in said)
        if not commands or not has_cause:
            self.verdict.mute.append(f"{red.error}: {red.cause!r} said {said!r}")
            return False
        if red.status == "FAILED":  # an aborted one goes on itself
            self._obeyed_for.add(red.execution_arn)
        for command in commands:
            self._by_hand(command)
            self.verdict.commands.append(_verb(command))
        return True


def _verb(command: str) -> str:
    words = command.split()
    return " ".join(words[: 3 if words[1] == "snowflake" else 2])


def _input_of(source: str) -> dict[str, Any]:
    return {"sources": [source], "logical_date": str(SECOND_DAY)}


def _source(number: int) -> str:
    return Wanted(playlist_name(number), SONGS).uri


def _run_id_of(finished: Finished) -> str:
    # What a PlanRun that failed for good leaves behind is its error.
    found = [visit.output or {} for visit in finished.visits if visit.name == "PlanRun"]
    return next((str(output["run_id"]) for output in found if "run_id" in output), "")
