"""The whole demo, state by state: the first run of a session (cold) and those after it (warm)."""

import json
import re
import subprocess
import sys
from pathlib import Path
from statistics import median

from benchmarks.results import Json, table
from benchmarks.sizes import Size
from benchmarks.transform import Say

TITLE = "The whole demo, state by state"
_BOOT = re.compile(r"ready in ([0-9.]+) s")
_TOTAL = re.compile(r"Total time: ([0-9.]+) s")


def measure(size: Size, folder: Path, say: Say) -> Json:
    """Seconds of boot, of each state and of all; medians of the rounds."""
    rounds = []
    for number in range(1, size.demo_rounds + 1):
        rounds.append(_one_demo(folder))
        say(f"  round {number}: {rounds[-1]['total']:.1f} s")
    states = list(dict.fromkeys(name for one in rounds for run in one["runs"] for name in run))
    return {
        "rounds": len(rounds),
        "runs": sum(len(one["runs"]) for one in rounds),
        "balanced": sum(one["balanced"] for one in rounds),
        "boot": median(one["boot"] for one in rounds),
        "total": median(one["total"] for one in rounds),
        "states": {
            name: {
                "cold": median(one["runs"][0].get(name, 0.0) for one in rounds),
                "warm": median(run.get(name, 0.0) for one in rounds for run in one["runs"][1:]),
            }
            for name in states
        },
    }


def _one_demo(folder: Path) -> Json:
    """Run it as `make demo` does.

    Raises:
        RuntimeError: it did not end well; the message names its log.
    """
    report, log = folder / "demo.json", folder / "demo.log"
    command = [
        str(Path(sys.executable).with_name("tonearm")),
        "local",
        "run",
        "--report",
        str(report),
    ]
    with log.open("w") as said:
        done = subprocess.run(command, stdout=said, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise RuntimeError(f"the demo failed: see {log}")
    said_text = log.read_text()
    boot, total = _BOOT.search(said_text), _TOTAL.search(said_text)
    if boot is None or total is None:
        raise RuntimeError(f"the demo does not say its times: see {log}")
    runs = json.loads(report.read_text())["runs"]
    return {
        "boot": float(boot[1]),
        "total": float(total[1]),
        "runs": [_by_state(run["states"]) for run in runs],
        "balanced": sum(_balances(run) for run in runs),
    }


def _balances(run: Json) -> bool:
    lines = [*run["ledger"]["playlists"], *run["ledger"]["entities"].values()]
    return run["status"] == "SUCCEEDED" and bool(lines) and all(one["balances"] for one in lines)


def _by_state(visits: list[Json]) -> dict[str, float]:
    seconds: dict[str, float] = {}
    for visit in visits:
        seconds[visit["name"]] = seconds.get(visit["name"], 0.0) + float(visit["seconds"] or 0.0)
    return seconds


def show(figures: Json) -> list[str]:
    """The states' seconds."""
    rows = [
        [name, f"{one['cold']:.2f}", f"{one['warm']:.2f}"]
        for name, one in figures["states"].items()
    ]
    return [
        *table(["state", "first run, s", "later runs, s"], rows),
        "",
        f"Boot and deploy {figures['boot']:.1f} s; all of it {figures['total']:.1f} s; medians of "
        f"{figures['rounds']} round(s). A state that holds others has their time too.",
    ]


def closing(figures: Json) -> str:
    """How many of the runs ended well."""
    return f"{figures['balanced']} of {figures['runs']} runs green with a ledger that balances"
