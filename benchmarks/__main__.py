"""`make bench`: measures section by section and writes RESULTS.md after each."""

import argparse
import os
import sys
import time
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
IMPORT_ROOTS = [str(ROOT), str(ROOT / "glue_jobs"), str(ROOT / "lambdas")]
sys.path[:0] = IMPORT_ROOTS
os.environ["PYTHONPATH"] = os.pathsep.join(IMPORT_ROOTS)  # for the processes that are measured

from benchmarks import cost, demo, extract, growth, load, results, transform  # noqa: E402
from benchmarks.results import Json  # noqa: E402
from benchmarks.sizes import SIZES, Size  # noqa: E402

SECTIONS: dict[str, ModuleType] = {
    "transform": transform,
    "extract": extract,
    "load": load,
    "demo": demo,
    "growth": growth,
}
# The largest of the growth's runs holds the one that is transformed: it is written once.
_IN_TURN = ("growth", "transform", "extract", "load", "demo")
FOLDER = ROOT / ".tonearm" / "bench"


def main() -> None:
    """Measure the sections that are asked for, all by default."""
    args = _parser().parse_args()
    size = SIZES[args.size]
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in [args.section] if args.section else _IN_TURN:
        began = time.monotonic()
        print(f"{name} ({size.name})", flush=True)
        section = SECTIONS[name]
        figures = section.measure(size, FOLDER, lambda line: print(line, flush=True))
        _keep(name, size, figures)
        print("\n".join(section.show(figures)))
        seconds = time.monotonic() - began
        print(f"bench {name}: {section.closing(figures)}; {seconds:.0f} s", flush=True)


def _keep(name: str, size: Size, figures: Json) -> None:
    """Write the figures and the pages made of them: the project's, or for a proof its own."""
    folder = results.FOLDER if size.is_kept else FOLDER / size.name
    folder.mkdir(exist_ok=True)
    results.keep(name, size.name, figures, folder)
    shows = {key: (one.TITLE, one.show) for key, one in SECTIONS.items()}
    results.write_page(shows, folder)
    if name == "transform":
        cost.main(folder, cost.PAGE if size.is_kept else folder / cost.PAGE.name)
    if size.name == "quick" and "full" in results.stored(folder)[name]:
        print("RESULTS.md goes on showing the full size of this section\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="quick")
    parser.add_argument("--section", choices=SECTIONS, default=None)
    return parser


if __name__ == "__main__":
    main()
