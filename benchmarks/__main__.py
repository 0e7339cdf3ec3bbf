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

from benchmarks import cost, demo, extract, growth, load, transform  # noqa: E402
from benchmarks.results import PAGE, keep, stored, write_page  # noqa: E402
from benchmarks.sizes import SIZES  # noqa: E402

SECTIONS: dict[str, ModuleType] = {
    "transform": transform,
    "extract": extract,
    "load": load,
    "demo": demo,
    "growth": growth,
}
FOLDER = ROOT / ".tonearm" / "bench"


def main() -> None:
    """Measure the sections that are asked for, all by default."""
    args = _parser().parse_args()
    size = SIZES[args.size]
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in [args.section] if args.section else SECTIONS:
        began = time.monotonic()
        print(f"{name} ({size.name})", flush=True)
        section = SECTIONS[name]
        figures = section.measure(size, FOLDER, lambda line: print(line, flush=True))
        keep(name, size.name, figures)
        write_page({key: (one.TITLE, one.show) for key, one in SECTIONS.items()})
        if name == "transform":
            cost.main()
        print("\n".join(section.show(figures)))
        print(f"  {time.monotonic() - began:.0f} s\n", flush=True)
        if size.name != "full" and "full" in stored()[name]:
            print(f"  {PAGE.name} goes on showing the full size of this section\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="quick")
    parser.add_argument("--section", choices=SECTIONS, default=None)
    return parser


if __name__ == "__main__":
    main()
