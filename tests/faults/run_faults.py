"""`make faults`: the fault matrix, the kills and the calls, as tables.

The last line is `faults: N scenarios, 0 lost, 0 doubled, 0 wrong state`; it exits 1 otherwise.
With a number as its argument it takes so many of the pairs instead of all.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run the report with the project's import roots, also in the processes it starts."""
    roots = [str(ROOT / "lambdas"), str(ROOT / "glue_jobs"), str(ROOT)]
    os.environ["PYTHONPATH"] = os.pathsep.join(roots)
    sys.path[:0] = roots
    from tests.faults.report import main as report

    return report(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
