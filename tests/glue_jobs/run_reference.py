"""Hold the Spark jobs against the plain-Python reference: recorded, made-up and drawn responses.

uv run python tests/glue_jobs/run_reference.py --seeds 5-24
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
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
_SEED = "4"
_SHOWN = 20


def recordings() -> Path:
    """Where the recorded responses are, whether or not they are there."""
    beside = ROOT.parent / "shared" / "spotify-recorded"
    return Path(os.environ.get("TONEARM_RECORDED", beside))


def main(words: list[str]) -> int:
    """Compare, print the first differences and the sum; 0 when there are none."""
    args = _parser().parse_args(words)
    recorded, files = _recorded(recordings())
    found = entries = 0
    with tempfile.TemporaryDirectory() as place:
        spark = small_session(Path(place))
        for name, run in _runs(recorded, args):
            seen, different = _compared(run, Path(place) / name.replace(" ", "_"))
            entries += seen
            found += len(different)
            print("\n".join([f"{name}: {seen} entries", *different[:_SHOWN]]), flush=True)
        spark.stop()
    print(f"reference: {files} files, {entries} entries, {found} differences")
    return 1 if found or not entries else 0


def _recorded(folder: Path) -> tuple[RawRun, int]:
    """The recorded responses and of how many files; none where they are not."""
    if folder.is_dir():
        return recorded_run(folder)
    print(f"no recorded responses at {folder}, so without them (set TONEARM_RECORDED)")
    return RawRun(), 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--responses", type=int, default=EXAMPLES, help="made up with each seed")
    parser.add_argument("--batches", type=int, default=_BATCHES, help="drawn with each seed")
    parser.add_argument("--seeds", type=_seeds, default=_SEED, help="one, or the first and last")
    return parser


def _seeds(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def _runs(recorded: RawRun, args: argparse.Namespace) -> Iterator[tuple[str, RawRun]]:
    """The recorded responses; then of each seed made-up ones, and values that Hypothesis draws."""
    if recorded.parts:
        yield "recorded", recorded
    for seed in args.seeds:
        yield f"seed {seed} made up", generated_run(args.responses, seed)
        if args.batches:
            for number, run in enumerate(_drawn(args.batches, seed), start=1):
                yield f"seed {seed} drawn {number}", run


def _drawn(batches: int, seed: int) -> list[RawRun]:
    """Runs over drawn values, without Hypothesis's first: the simplest, of every seed the same."""
    drawn: list[RawRun] = []

    @over_drawn_runs(batches + 1, seed)
    def keep(run: RawRun) -> None:
        drawn.append(run)

    keep()
    return drawn[1:]


def _compared(run: RawRun, bucket: Path) -> tuple[int, list[str]]:
    staged, reference = run_jobs(run, bucket), reference_of(run)
    return entries_in(reference), differences(staged, reference)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
