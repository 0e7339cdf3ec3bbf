"""Runs the matrix in several processes and writes what came of it as a table."""

import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from multiprocessing import get_context
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Final

from tests.faults import calls, kills
from tests.faults.aws import an_aws
from tests.faults.fake import serving
from tests.faults.running import Bench, Verdict, write_matrix_account
from tests.faults.scenarios import KINDS, POSITIONS, Scenario, pairs, singles

CHUNK: Final = 25
LOG_EVERY: Final = 100
SEED: Final = 20_261_122
_KIND_WIDTH: Final = 18
_STATE_WIDTH: Final = 20
_COUNTS: Final = ("runs", "lost", "doubled", "wrong state")


class Benches:
    """One bench for each process, made when it is first asked for."""

    def __init__(self) -> None:
        self._exits = ExitStack()
        self._bench: Bench | None = None

    def bench(self) -> Bench:
        """The bench of this process."""
        if self._bench is None:
            # A worker ends without the interpreter's own tidying up.
            Finalize(None, self._exits.close, exitpriority=1)
            folder = Path(self._exits.enter_context(tempfile.TemporaryDirectory()))
            write_matrix_account(folder)
            aws = self._exits.enter_context(an_aws())
            fake = self._exits.enter_context(serving(folder))
            self._bench = Bench(aws, fake, f"matrix-{os.getpid()}")
        return self._bench


_benches = Benches()


def run_chunk(scenarios: Sequence[Scenario]) -> list[Verdict]:
    """Run some scenarios in this process; one that ends in an error is in a wrong state."""
    return [_verdict(scenario) for scenario in scenarios]


def _verdict(scenario: Scenario) -> Verdict:
    bench = _benches.bench()
    try:
        return bench.run(scenario)
    except Exception as error:  # noqa: BLE001 - the others of the matrix are still to be run
        wrong = [f"{type(error).__name__}: {error}"]
        return Verdict(str(scenario), Bench.NO_DIFFERENCE, wrong, "error", 1, 0)


def run_kills() -> list[Verdict]:
    """Kill one run at each of the seeded moments."""
    return list(kills.kill_everywhere(_benches.bench()))


def run_matrix(chosen: Sequence[Scenario], processes: int) -> Iterator[Verdict]:
    """Run all of them, in several processes; the kills too."""
    chunks = [chosen[at : at + CHUNK] for at in range(0, len(chosen), CHUNK)]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        work: list[Future[list[Verdict]]] = [pool.submit(run_kills)]
        work += [pool.submit(run_chunk, chunk) for chunk in chunks]
        for finished in as_completed(work):
            yield from finished.result()


def measure_calls() -> list[str]:
    """The table of the calls, the loop of the tutorials beside it."""
    days = calls.both_days()
    with tempfile.TemporaryDirectory() as folder, an_aws() as aws:
        folders = calls.write_days(Path(folder), days, with_catalogue=True)
        with serving(folders[0]) as fake:
            return calls.table(calls.measure(aws, fake, days, folders, with_tutorials=True))


def matrix_table(verdicts: Sequence[Verdict]) -> list[str]:
    """One line for each kind of fault: its states alone, and the sums over all it is part of."""
    by_name = {verdict.scenario: verdict for verdict in verdicts}
    head = "".join(f"{f'alone, {at} call':<{_STATE_WIDTH}}" for at in POSITIONS)
    lines = [f"{'fault':<{_KIND_WIDTH}}{head}" + "".join(f"{name:>12}" for name in _COUNTS)]
    for kind in KINDS:
        alone = [by_name[f"{kind} @ {at}"].seen for at in POSITIONS]
        part_of = [one for one in verdicts if f"{kind} @ " in one.scenario]
        lines.append(_line(kind, alone, part_of))
    killed = [one for one in verdicts if one.scenario.startswith("killed")]
    return [*lines, _line("process killed", ["resumed"] * len(POSITIONS), killed)]


def _line(name: str, states: list[str], verdicts: Sequence[Verdict]) -> str:
    told = "".join(f"{state:<{_STATE_WIDTH}}" for state in states)
    counts = (len(verdicts), *_sums(verdicts))
    return f"{name:<{_KIND_WIDTH}}{told}" + "".join(f"{count:>12}" for count in counts)


def _sums(verdicts: Sequence[Verdict]) -> tuple[int, int, int]:
    return (
        sum(one.difference.lost for one in verdicts),
        sum(one.difference.doubled for one in verdicts),
        sum(bool(one.wrong_states) for one in verdicts),
    )


def last_line(verdicts: Sequence[Verdict]) -> str:
    """The result in one line."""
    lost, doubled, wrong = _sums(verdicts)
    return f"faults: {len(verdicts)} scenarios, {lost} lost, {doubled} doubled, {wrong} wrong state"


def main(argv: Sequence[str]) -> int:
    """Run everything and print it; 1 when anything is lost, doubled or in a wrong state.

    The one argument, a number, takes so many of the pairs, by a seed, instead of all.
    """
    began = time.monotonic()
    two = pairs()
    if argv:
        two = random.Random(SEED).sample(two, k=int(argv[0]))
    chosen = [*singles(), *two]
    processes = os.cpu_count() or 1
    verdicts = []
    for verdict in run_matrix(chosen, processes):
        verdicts.append(verdict)
        if not verdict.is_good:
            _show(f"{verdict.scenario}: {verdict.difference} {verdict.wrong_states}")
        _show_progress(verdicts, len(chosen) + kills.KILLS)
    for line in [*matrix_table(verdicts), "", *measure_calls(), ""]:
        _show(line)
    _show(f"took {time.monotonic() - began:.0f} s in {processes} processes")
    _show(last_line(verdicts))
    return 0 if all(verdict.is_good for verdict in verdicts) else 1


def _show_progress(verdicts: Sequence[Verdict], total: int) -> None:
    """On a terminal one line that counts up; in a log a line now and then."""
    if sys.stderr.isatty():
        print(f"\r{len(verdicts)} of {total} scenarios", end="", file=sys.stderr)
    elif len(verdicts) % LOG_EVERY == 0:
        bad = sum(not verdict.is_good for verdict in verdicts)
        print(f"{len(verdicts)} of {total} scenarios, {bad} bad", file=sys.stderr, flush=True)


def _show(line: str) -> None:
    print(line, flush=True)
