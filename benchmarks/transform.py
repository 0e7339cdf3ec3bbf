"""Our three jobs beside DuckDB and the tutorials' pandas loop: the same raw, the same tables."""

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pyarrow.parquet as pq

from benchmarks.comparing import Files, differing, total_bytes
from benchmarks.processes import Figures, measured
from benchmarks.results import Json, table
from benchmarks.sizes import Size
from benchmarks.spark_jobs import run_cold, staged_files, warm_session
from benchmarks.volumes import volume_of
from tonearm_glue.contract import ENTITIES

TITLE = "Transform: raw JSON to five tables"
_WARM, _COLD, _DUCKDB, _PANDAS = "Tonearm, warm", "Tonearm, cold", "DuckDB", "pandas loop"
# Large enough to go both ways, as the run that is measured does (tonearm_glue/plain.py).
WARM_UP_ENTRIES = 100_000
# C2 has compiled what is hot after the second time.
_WARM_UPS = 2
_MIB = 1 << 20

type Say = Callable[[str], None]
type Way = Callable[[], Figures]


class DifferentTablesError(Exception):
    """Two ways of transforming did not give the same tables, so their times do not compare."""


class Setting(NamedTuple):
    """Where the run to transform lies and where each way puts its tables."""

    bucket: Path
    folder: Path

    def files(self, way: str) -> Files:
        """The patterns of a way's files, by table."""
        if way in {_WARM, _COLD}:
            return staged_files(self.bucket)
        staged = self.folder / way.split(maxsplit=1)[0]
        return {entity.name: str(staged / f"{entity.name}.parquet") for entity in ENTITIES}


def measure(size: Size, folder: Path, say: Say) -> Json:
    """Seconds, processor seconds, memory and bytes of each way; medians of the rounds.

    Raises:
        DifferentTablesError: two ways gave different tables.
    """
    setting = Setting(volume_of(size.entries, folder, say), folder)
    small = volume_of(WARM_UP_ENTRIES, folder, say)
    with warm_session(folder / "spark") as session:
        for _ in range(_WARM_UPS):
            say(f"  warm-up: {session.run(small)[0].seconds:.1f} s")
        jobs: list[dict[str, float]] = []

        def run_warm() -> Figures:
            figures, seconds = session.run(setting.bucket)
            jobs.append(seconds)
            return figures

        rounds = _in_turns(size.rounds, {_WARM: run_warm} | _others(setting), say)
    _refuse_differences(setting)
    return {
        "entries": size.entries,
        "rounds": size.rounds,
        "rows": _rows(setting.files(_WARM)["playlist_entries"]),
        "ways": {way: _summary(found, setting.files(way)) for way, found in rounds.items()},
        "jobs": {name: median(one[name] for one in jobs) for name in jobs[0]},
    }


def _others(setting: Setting) -> dict[str, Way]:
    bucket, folder = setting
    return {
        _DUCKDB: lambda: _in_own_process("duckdb_transform", setting, _DUCKDB),
        _PANDAS: lambda: _in_own_process("pandas_transform", setting, _PANDAS),
        _COLD: lambda: run_cold(bucket, folder / "spark"),
    }


def _in_own_process(module: str, setting: Setting, way: str) -> Figures:
    staged = setting.folder / way.split(maxsplit=1)[0]
    command = [sys.executable, "-m", f"benchmarks.{module}", str(setting.bucket), str(staged)]
    log = setting.folder / f"{module}.log"
    figures = measured(command, log)
    # Its own word for the seconds leaves Python's start out, as ours do.
    return figures._replace(seconds=float(log.read_text().split()[-1]))


def _in_turns(rounds: int, ways: dict[str, Way], say: Say) -> dict[str, list[Figures]]:
    found: dict[str, list[Figures]] = {way: [] for way in ways}
    for number in range(1, rounds + 1):
        for way, run in ways.items():
            if way == _COLD and number > 1:
                continue  # it takes longest, and says only what starting costs
            figures = run()
            found[way].append(figures)
            say(f"  round {number}, {way}: {figures.seconds:.1f} s")
    return found


def _refuse_differences(setting: Setting) -> None:
    ours = setting.files(_WARM)
    lines = [
        f"{way}: {line}"
        for way in (_DUCKDB, _PANDAS)
        for line in differing(ours, setting.files(way))
    ]
    if lines:
        raise DifferentTablesError("; ".join(lines))


def _rows(pattern: str) -> int:
    files = Path(pattern).parent.glob(Path(pattern).name)
    return sum(pq.read_metadata(file).num_rows for file in files)


def _summary(found: list[Figures], files: Files) -> Json:
    return {
        "seconds": median(one.seconds for one in found),
        "cpu_seconds": median(one.cpu_seconds for one in found),
        "peak_bytes": max(one.peak_bytes for one in found),
        "bytes_out": total_bytes(files),
    }


def show(figures: Json) -> list[str]:
    """The table of the ways, and what the jobs took."""
    entries, ways = figures["entries"], figures["ways"]
    ours = ways[_WARM]["seconds"]
    rows = [
        [
            way,
            f"{one['seconds']:.1f}",
            f"{ours / one['seconds']:.2f}",
            f"{one['cpu_seconds']:.1f}",
            f"{ways[_WARM]['cpu_seconds'] / one['cpu_seconds']:.2f}",
            f"{entries / one['seconds']:,.0f}",
            f"{one['peak_bytes'] / _MIB:,.0f}",
            f"{one['bytes_out'] / _MIB:,.1f}",
        ]
        for way, one in ways.items()
    ]
    head = ["way", "seconds", "ours warm / it", "CPU s", "ours / it, CPU", "entries/s", "peak MiB"]
    jobs = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in figures["jobs"].items())
    return [
        f"{entries:,} playlist entries, medians of {figures['rounds']} rounds (the cold start: "
        "one), the ways in turns; DuckDB and Spark have two threads. All give the same tables "
        "(compared row by row).",
        "",
        *table([*head, "MiB out"], rows),
        "",
        f"Of our warm work: {jobs}.",
    ]


def closing(figures: Json) -> str:
    """How many of the entries came out, and by how many ways alike."""
    told = f"{figures['rows']:,} of {figures['entries']:,} playlist entries"
    return f"{told}, the same tables by {len(figures['ways'])} ways"
