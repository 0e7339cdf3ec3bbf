"""docs/cost.md: what runs of every size cost, from what was measured and the table of prices.

`python -m benchmarks.cost` writes the page from `results.json`; nothing is measured here.
"""

import json
import sys
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "glue_jobs"), str(ROOT / "lambdas")]

from benchmarks.results import FOLDER, stored, table  # noqa: E402
from benchmarks.snowflake_cost import snowflake_lines  # noqa: E402
from extract_spotify.raw_parts import MAX_PART_LINES  # noqa: E402
from record_run.usage import MEMORY_MB  # noqa: E402
from tonearm_pipeline.prices import (  # noqa: E402
    GLUE_LEAST_SECONDS,
    PRICES_AS_OF,
    cost_of,
    snowpipe_credits,
)
from tonearm_pipeline.spotify.quota import (  # noqa: E402
    ASSUMED_CALLS_PER_DAY,
    CALLS_PER_WINDOW,
    DEVELOPMENT,
    PAGE_SIZE,
    WINDOW_SECONDS,
)

PAGE = ROOT / "docs" / "cost.md"
_WORKERS = 2
# A G.1X worker is one DPU with four virtual processors; one of the two workers is the driver.
_WORKING_CPUS = 4
_MEASURED_CPUS = 2
_SHORT = ("PlanRun", "PublishRun", "ConfirmLoad", "RecordRun")
_SHORT_SECONDS = 3
_CALL_SECONDS = 0.2
_INVOCATION_SECONDS = 900
_RUN_FILES = 20  # manifests, cursor, ledger, receipt, counts, tables staged and curated
_UNCHANGED_CALLS = 3
_MB_PER_GB = 1024
_RUNS = (1_000, 10_000, 50_000, 100_000, 1_000_000, 10_000_000)
_TIMES = (10, 1_000)
_ACCOUNT_ENTRIES = 10_000


@dataclass(frozen=True)
class Measured:
    """What the transform took, on the machine of the benchmark.

    Attributes:
        seconds_per_entry: of each job's warm work, on two processors.
        start_seconds: what a job takes from nothing more than in a running session.
        bytes_per_entry: of the five tables.
        told: size, date and machine, in words.
    """

    seconds_per_entry: tuple[float, ...]
    start_seconds: float
    bytes_per_entry: float
    told: str


def main(results: Path = FOLDER, page_path: Path = PAGE) -> None:
    """Write the page from the results in a folder."""
    page_path.write_text("\n".join(page(measured(results))) + "\n")


def measured(results: Path = FOLDER) -> Measured:
    """The figures of the transform, at full size if there are any.

    Raises:
        SystemExit: nothing was measured yet.
    """
    found = stored(results).get("transform", {})
    size = next((name for name in ("full", "quick", "smoke") if name in found), None)
    if size is None:
        sys.exit("tonearm: nothing is measured yet: run `make bench SECTION=transform` first")
    result, figures = found[size], found[size]["figures"]
    warm, cold = figures["ways"]["Tonearm, warm"], figures["ways"]["Tonearm, cold"]
    return Measured(
        tuple(seconds / figures["entries"] for seconds in figures["jobs"].values()),
        max(0.0, cold["seconds"] - warm["seconds"]) / len(figures["jobs"]),
        warm["bytes_out"] / figures["entries"],
        f"{figures['entries']:,} entries, {result['date']}, {result['machine']}",
    )


def usage_of(entries: int, seen: Measured) -> dict[str, Any]:
    """What a run that reads so many entries uses of AWS, in the words of a receipt."""
    calls = ceil(entries / PAGE_SIZE) if entries else _UNCHANGED_CALLS
    full_windows = (calls - 1) // CALLS_PER_WINDOW
    extract_seconds = max(calls * _CALL_SECONDS, full_windows * WINDOW_SECONDS)
    visits = ceil(extract_seconds / _INVOCATION_SECONDS)
    gb_seconds = extract_seconds * MEMORY_MB["ExtractSpotify"] / _MB_PER_GB + sum(
        _SHORT_SECONDS * MEMORY_MB[name] / _MB_PER_GB for name in _SHORT
    )
    return {
        "lambda": {"gb_seconds": gb_seconds, "invocations": len(_SHORT) + visits},
        "transitions": _transitions() + 2 * visits,
        "glue": {"dpu_seconds": _WORKERS * sum(_job_seconds(entries, seen))},
        "s3": {"writes": ceil(calls / MAX_PART_LINES) + _RUN_FILES},
    }


def _job_seconds(entries: int, seen: Measured) -> list[float]:
    """Billed seconds of each job; none when nothing changed."""
    work = [each * entries * _MEASURED_CPUS / _WORKING_CPUS for each in seen.seconds_per_entry]
    return [max(GLUE_LEAST_SECONDS, seen.start_seconds + one) for one in work if entries]


def _transitions() -> int:
    """States of the pipeline, with those of its branches: at most one visit each."""
    machine = json.loads((ROOT / "statemachine" / "pipeline.asl.json").read_text())
    branches = [one for state in machine["States"].values() for one in state.get("Branches", ())]
    return len(machine["States"]) + sum(len(branch["States"]) for branch in branches)


def page(seen: Measured) -> list[str]:
    """The lines of the page."""
    return [
        "# What it costs",
        "",
        "Written by `python -m benchmarks.cost` from the figures in `benchmarks/results.json`",
        f"({seen.told})",
        "and the list prices of us-east-1 in `lambdas/tonearm_pipeline/prices.py`",
        f"({PRICES_AS_OF}). Free tiers are left out; Snowpipe is in credits, whose price your",
        "contract says. A run's own receipt says what it really took.",
        "",
        "## One run by the playlist entries it reads",
        "",
        *_table_of_runs(seen),
        "",
        f"Of a daily run Glue is nearly the whole price: three jobs of {_WORKERS} G.1X workers are",
        f"billed {GLUE_LEAST_SECONDS} s at least, whatever they do, and that is enough up to",
        f"{_flat_until(seen):,} entries. Of a backfill Lambda is the larger part, since it runs",
        "while the rate limit holds the calls back. A run on which nothing changed (the first row)",
        "starts no job.",
        "",
        *snowflake_lines(),
        "",
        *_settings(),
        "",
        *_past_one_account(seen),
    ]


def _settings() -> list[str]:
    return [
        "## Settings",
        "",
        "The template's defaults are the cheapest that are sound: G.1X, two workers (Glue's least:",
        "one drives, one works), no retries by Glue itself, one run a day. Two runs a day double",
        "the price, unless nothing changed in between.",
    ]


def _past_one_account(seen: Measured) -> list[str]:
    calls = ASSUMED_CALLS_PER_DAY[DEVELOPMENT]
    return [
        "## Past one account",
        "",
        f"Spotify decides first: about {calls:,} calls a day for one developer in development",
        f"mode are {calls * PAGE_SIZE:,} entries a day at most. A million entries",
        f"take {ceil(1_000_000 / PAGE_SIZE / calls)} days there, in one run that waits for free.",
        "",
        *_table_of_times(seen),
        "",
        "- Glue workers: a job may take 20 minutes. From about",
        f"  {_entries_within(seen, 10 * 60):,} entries a run (ten minutes a job) take more",
        "  workers, not larger ones: parts are read one by one, 32 megabytes of them to a task.",
        "- Files: a table is one file up to 256 MiB of gzipped raw, then about 100 MB a file, as",
        "  Snowpipe likes them; nothing is to be set.",
        "- Snowflake: landing tables grow by time and are read by run, so they need no clustering",
        "  key below some hundred gigabytes; past that, cluster `playlist_entries` by",
        "  `snapshot_date`.",
    ]


def _table_of_runs(seen: Measured) -> list[str]:
    rows = []
    for entries in (0, *_RUNS):
        cost = cost_of(usage_of(entries, seen))
        dollars = [cost[name] for name in ("glue", "lambda", "step_functions", "s3", "total")]
        loading = snowpipe_credits(int(entries * seen.bytes_per_entry))
        rows.append([f"{entries:,}", *(f"{one:.4f}" for one in dollars), f"{loading:.6f}"])
    head = [
        "entries",
        "Glue $",
        "Lambda $",
        "Step Functions $",
        "S3 $",
        "all $",
        "Snowpipe credits",
    ]
    return table(head, rows)


def _table_of_times(seen: Measured) -> list[str]:
    rows = []
    for times in (1, *_TIMES):
        entries = times * _ACCOUNT_ENTRIES
        cost = cost_of(usage_of(entries, seen))["total"]
        job = max(_job_seconds(entries, seen))
        rows.append([f"{entries:,}", f"{cost:.3f}", f"{job:,.0f}", f"{cost / entries * 1e6:.2f}"])
    return table(["entries a run", "$ a run", "longest job, s", "$ a million entries"], rows)


def _flat_until(seen: Measured) -> int:
    return _entries_within(seen, GLUE_LEAST_SECONDS)


def _entries_within(seen: Measured, seconds: float) -> int:
    """Entries the slowest job works off in so many billed seconds, to a thousand."""
    slowest = max(seen.seconds_per_entry) * _MEASURED_CPUS / _WORKING_CPUS
    return max(0, int((seconds - seen.start_seconds) / slowest) // 1000 * 1000)


if __name__ == "__main__":
    main()
