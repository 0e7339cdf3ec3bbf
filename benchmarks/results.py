"""What was measured, kept by section and size, and the page written from it.

`results.json` holds each section's newest figures of each size with the machine, the versions and
the date they were measured on; RESULTS.md is written from it and from nothing else.
"""

import json
import os
import platform
import subprocess
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
_STORE = "results.json"
_PAGE = "RESULTS.md"
_PACKAGES = ("pyspark", "duckdb", "pandas", "pyarrow", "fakesnow", "ministack", "spotipy")
_KB_PER_GIB = 1 << 20

type Json = dict[str, Any]
type Show = Callable[[Json], list[str]]


def stored(folder: Path = FOLDER) -> dict[str, dict[str, Json]]:
    """Results by section and size; empty before the first run."""
    store = folder / _STORE
    found: dict[str, dict[str, Json]] = json.loads(store.read_text()) if store.exists() else {}
    return found


def keep(section: str, size: str, figures: Json, folder: Path = FOLDER) -> None:
    """Store a section's new figures with where and when they were measured."""
    results = stored(folder)
    around = {"date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", **_machine()}
    results.setdefault(section, {})[size] = {**around, "figures": figures}
    (folder / _STORE).write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")


def write_page(shows: Mapping[str, tuple[str, Show]], folder: Path = FOLDER) -> None:
    """Write RESULTS.md: for each section the largest size that was measured."""
    lines = [
        "# Results",
        "",
        "Written by `make bench` (quick) and `make bench SIZE=full`; every figure comes from",
        "`results.json` beside it. Ratios hold on other machines, seconds do not.",
    ]
    results = stored(folder)
    for section, (title, show) in shows.items():
        for size in ("full", "quick", "smoke"):
            if size in results.get(section, {}):
                lines += ["", f"## {title}", "", *_shown(size, results[section][size], show)]
                break
    (folder / _PAGE).write_text("\n".join(lines) + "\n")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table: the first column to the left, the others to the right."""
    rule = ["---", *("---:" for _ in head[1:])]
    return [f"| {' | '.join(row)} |" for row in (head, rule, *rows)]


def _shown(size: str, result: Json, show: Show) -> list[str]:
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    return [
        *show(result["figures"]),
        "",
        f"<sub>size {size}, {result['date']}, {result['machine']}, {versions}</sub>",
    ]


def _machine() -> Json:
    memory = next(
        int(line.split()[1])
        for line in Path("/proc/meminfo").read_text().splitlines()
        if line.startswith("MemTotal")
    )
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True).stderr  # noqa: S607
    java = said.split('"')[1]
    return {
        "machine": f"{os.cpu_count()} cores, {memory / _KB_PER_GIB:.0f} GiB, {platform.machine()}",
        "versions": {
            "Python": platform.python_version(),
            "Java": java,
            **{name: version(name) for name in _PACKAGES},
        },
    }
