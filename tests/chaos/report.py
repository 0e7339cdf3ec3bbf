"""Runs the scenarios on one bed, judges the whole warehouse at the end, and prints the table."""

import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.chaos.bed import Bed, SwitchedStack
from tests.chaos.bench import SONGS, Bench, Tell, Verdict
from tests.chaos.judging import Difference, modelled
from tests.chaos.scenarios import Scenario, playlist_name, scenarios
from tests.e2e.local_cloud import Cloud, different_lines
from tests.e2e.replays import fresh_load, timeless
from tests.faults.catalogues import Wanted, a_playlist
from tonearm.errors import OperatorError
from tonearm.local.stack import Ports, Spotify

SCENARIOS: Final = 220
SEED: Final = 20_261_122
_TERMINATED: Final = 143
# Retries of the state machine wait a two-hundredth of their time.
WAIT_SCALE: Final = 0.005
_SECOND_DAY: Final = 2  # the version of the playlists then


def run_scenarios(bench: Bench, count: int, tell: Tell) -> list[Verdict]:
    """Run so many scenarios one after the other, told as they end."""
    verdicts = []
    for scenario in scenarios(count, SEED, bench.places):
        verdict = _verdict(bench, scenario)
        verdicts.append(verdict)
        tell(progress_line(verdict, count))
    return verdicts


def _verdict(bench: Bench, scenario: Scenario) -> Verdict:
    """Run one scenario; one that ends in an error of the bed is told, and the others still run."""
    try:
        return bench.run(scenario)
    except Exception as error:  # noqa: BLE001
        return Verdict(scenario, mute=[f"{type(error).__name__}: {error}"])


def progress_line(verdict: Verdict, count: int) -> str:
    """One scenario in a line, with its faults when something is wrong."""
    kinds = " + ".join(verdict.scenario.kinds)
    word = "ok " if verdict.is_good else "BAD"
    line = f"{verdict.scenario.number:>4}/{count} {word} {verdict.seconds:5.1f} s  {kinds}"
    line += f" ({verdict.met} met) -> {verdict.outcome}"
    if verdict.is_good:
        return line
    wrong = [verdict.difference, *verdict.silent, *verdict.mute]
    return "\n     ".join(map(str, [line, verdict.scenario, *wrong]))


def judge_warehouse(bench: Bench, verdicts: Sequence[Verdict], folder: Path) -> list[str]:
    """Compare core and marts with the fault-free run's, a fresh load's, and the playlists' sizes.

    Returns:
        What is wrong with the warehouse as a whole; what is wrong with one scenario's rows goes
        into its verdict.
    """
    exported = timeless(bench.bed.cloud.export(folder / "after"))
    judge_models(exported, verdicts)
    try:
        fresh = fresh_load(bench.bed.cloud, folder / "fresh")
    except OperatorError as error:  # the verdicts are still told
        return [f"no fresh load to compare with: {error}"]
    wrong = [
        f"{table}: {len(lines)} lines differ from a fresh load of curated/"
        for table, lines in different_lines(exported, fresh).items()
    ]
    return wrong + _wrong_counts(exported, len(verdicts) + 1)


def judge_models(exported: Mapping[str, str], verdicts: Sequence[Verdict]) -> None:
    """Add to each verdict what core and marts have lost or doubled of its playlist."""
    by_name = modelled(exported)
    expected = by_name[playlist_name(0)]
    for verdict in verdicts:
        rows = by_name.get(verdict.scenario.name, Counter())
        lost, doubled = (expected - rows).total(), (rows - expected).total()
        before = verdict.difference
        verdict.difference = Difference(before.lost + lost, before.doubled + doubled)


def _wrong_counts(exported: Mapping[str, str], playlists: int) -> list[str]:
    entries = a_playlist(Wanted(playlist_name(0), SONGS, _SECOND_DAY))["items"]["items"]
    songs = [entry["item"] for entry in entries]
    each = {
        "playlists": 1,
        "playlist_entries": len(songs),
        "songs": len({song["id"] for song in songs}),
        "albums": len({song["album"]["id"] for song in songs}),
        "artists": len({artist["id"] for song in songs for artist in song["artists"]}),
    }
    wanted = {name: playlists * count for name, count in each.items()}
    found = {name: len(exported[f"core.{name}.csv"].splitlines()) - 1 for name in wanted}
    return [
        f"core.{name}: {found[name]} rows, the playlists hold {count}"
        for name, count in wanted.items()
        if found[name] != count
    ]


def table(verdicts: Sequence[Verdict]) -> list[str]:
    """One line for each kind of fault: how often, how healed, and what went wrong."""
    kinds = sorted({kind for verdict in verdicts for kind in verdict.scenario.kinds})
    lines = [f"{'fault':<38}{'runs':>5}{'lost':>6}{'doubled':>9}{'silent':>8}{'mute':>6}  healed"]
    for kind in kinds:
        mine = [verdict for verdict in verdicts if kind in verdict.scenario.kinds]
        healed = Counter(verdict.outcome for verdict in mine).most_common()
        how = ", ".join(f"{outcome} {times}" for outcome, times in healed)
        lost, doubled, silent, mute = _sums(mine)
        lines.append(f"{kind:<38}{len(mine):>5}{lost:>6}{doubled:>9}{silent:>8}{mute:>6}  {how}")
    return lines


def last_line(verdicts: Sequence[Verdict]) -> str:
    """The result in one line."""
    lost, doubled, silent, _ = _sums(verdicts)
    return f"chaos: {len(verdicts)} scenarios, {lost} lost, {doubled} doubled, {silent} silent"


def _sums(verdicts: Sequence[Verdict]) -> tuple[int, int, int, int]:
    return (
        sum(verdict.difference.lost for verdict in verdicts),
        sum(verdict.difference.doubled for verdict in verdicts),
        sum(len(verdict.silent) for verdict in verdicts),
        sum(len(verdict.mute) for verdict in verdicts),
    )


def main(argv: Sequence[str]) -> int:
    """Run everything and print it; 1 when anything is lost, doubled, silent or not healed.

    The one argument, a number, is how many scenarios to run.
    """
    began = time.monotonic()
    signal.signal(signal.SIGTERM, _end)
    count = int(argv[0]) if argv else SCENARIOS
    ports = Ports.choose()
    with tempfile.TemporaryDirectory(prefix="tonearm-chaos-") as temporary:
        folder = Path(temporary)
        spotify = Spotify.fake(ports.spotify_url, ())
        stack = SwitchedStack(folder / "stack", ports, spotify, wait_scale=WAIT_SCALE)
        try:
            stack.start(_show)
            verdicts, wrong = _run_and_judge(Bench(Bed(Cloud(stack)), folder, count), folder)
        finally:
            stack.stop()
    for line in [*table(verdicts), "", *(f"warehouse: {text}" for text in wrong)]:
        _show(line)
    unhealed = [verdict for verdict in verdicts if verdict.mute]
    _show(f"{len(unhealed)} red runs without a cause or a command that heals")
    _show(f"took {time.monotonic() - began:.0f} s")
    _show(last_line(verdicts))
    return int(bool(wrong) or not all(verdict.is_good for verdict in verdicts))


def _end(*_: object) -> None:
    """Stop the services too; make and uv pass the signal on, so it comes more than once."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(_TERMINATED)


def _run_and_judge(bench: Bench, folder: Path) -> tuple[list[Verdict], list[str]]:
    try:
        bench.prepare(_show)
        verdicts = run_scenarios(bench, bench.count, _show)
        return verdicts, judge_warehouse(bench, verdicts, folder)
    finally:
        bench.close()


def _show(line: str) -> None:
    print(line, file=sys.stdout, flush=True)
