"""Hold the Spark jobs against the plain-Python reference: recorded, made-up and drawn responses.

uv run python tests/glue_jobs/run_reference.py [made-up responses]
"""

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "glue_jobs")]

from tests.glue_jobs.comparing import differences, entries_in, reference_of  # noqa: E402
from tests.glue_jobs.generated import generated_run  # noqa: E402
from tests.glue_jobs.jobs import run_jobs, small_session  # noqa: E402
from tests.glue_jobs.raw_files import RawRun, recorded_run  # noqa: E402
from tests.glue_jobs.strategies import over_drawn_runs  # noqa: E402

EXAMPLES = 400
_BATCHES = 8
_SHOWN = 20


def recordings() -> Path:
    """Where the recorded responses are, whether or not they are there."""
    beside = ROOT.parent / "shared" / "spotify-recorded"
    return Path(os.environ.get("TONEARM_RECORDED", beside))


def main(words: list[str]) -> int:
    """Compare, print the first differences and the sum; 0 when there are none."""
    folder = recordings()
    if not folder.is_dir():
        print(f"no recorded responses at {folder} (set TONEARM_RECORDED)", file=sys.stderr)
        return 1
    recorded, files = recorded_run(folder)
    made_up = generated_run(int(words[0]) if words else EXAMPLES)
    found = entries = 0
    with tempfile.TemporaryDirectory() as place:
        spark = small_session(Path(place))
        for name, run in _runs(recorded, made_up):
            seen, different = _compared(run, Path(place) / name.replace(" ", "_"))
            entries += seen
            found += len(different)
            print("\n".join([f"{name}: {seen} entries", *different[:_SHOWN]]), flush=True)
        spark.stop()
    print(f"reference: {files} files, {entries} entries, {found} differences")
    return 1 if found else 0


def _runs(recorded: RawRun, made_up: RawRun) -> list[tuple[str, RawRun]]:
    """The recorded responses, the made-up ones, and batches of values that Hypothesis draws."""
    drawn: list[RawRun] = []

    @over_drawn_runs(_BATCHES)
    def keep(run: RawRun) -> None:
        drawn.append(run)

    keep()
    batches = [(f"drawn {number}", run) for number, run in enumerate(drawn, start=1)]
    return [("recorded", recorded), ("made up", made_up), *batches]


def _compared(run: RawRun, bucket: Path) -> tuple[int, list[str]]:
    staged, reference = run_jobs(run, bucket), reference_of(run)
    return entries_in(reference), differences(staged, reference)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
