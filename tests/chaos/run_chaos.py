"""`make chaos`: whole runs with faults in every service and process, healed as the runs say.

The last line is `chaos: N scenarios, 0 lost, 0 doubled, 0 silent`; it exits 1 otherwise. A number
as its argument takes so many scenarios.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run the report with the project's import roots."""
    sys.path[:0] = [str(ROOT / "lambdas"), str(ROOT / "glue_jobs"), str(ROOT)]
    from tests.chaos.report import main as report

    return report(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
