"""Transform a large run on this machine, each job in a process of its own, and print the figures.

uv run python tests/glue_jobs/run_volume.py [playlist entries]
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "glue_jobs"), str(ROOT / "lambdas")]

import pyarrow.parquet as pq  # noqa: E402

from tests.glue_jobs.jobs import JOBS, job_script, parquet_files, small_session  # noqa: E402
from tests.glue_jobs.raw_files import RUN_ID, job_arguments  # noqa: E402
from tests.glue_jobs.volume import Volume, write_volume  # noqa: E402
from tonearm_glue import contract  # noqa: E402

ENTRIES = 2_000_000
MOST_BYTES = 8 << 30
_HEAP = "4g"
_POLL_SECONDS = 0.5


class Figures(NamedTuple):
    """One job's run: how long, and the most memory it and its Java process held together."""

    seconds: float
    peak_bytes: int


def main(words: list[str]) -> int:
    """Make the run, transform it, print the figures; 0 when all of it went within the memory."""
    if words[:1] == ["--job"]:
        return _run_job(words[1], Path(words[2]))
    entries = int(words[0]) if words else ENTRIES
    place = Path(tempfile.mkdtemp(prefix="tonearm-volume-"))
    try:
        return _measure(place, entries)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _measure(place: Path, entries: int) -> int:
    began = time.monotonic()
    write_volume(place, Volume(entries))
    raw = sum(file.stat().st_size for file in (place / "raw").rglob("*.gz"))
    seconds = time.monotonic() - began
    print(f"raw: {entries:,} entries, {raw / 1e6:,.0f} MB gzipped, {seconds:.0f} s", flush=True)
    peak = 0
    for job in JOBS:
        figures = _figures(job, place)
        peak = max(peak, figures.peak_bytes)
        print(
            f"{job}: {figures.seconds:.0f} s, {figures.peak_bytes / (1 << 30):.2f} GiB at most",
            flush=True,
        )
    rows = {entity.name: _show_table(place, entity.name) for entity in contract.ENTITIES}
    is_whole = rows["playlist_entries"] == entries
    print(
        f"volume: {rows['playlist_entries']:,} of {entries:,} playlist entries, "
        f"{peak / (1 << 30):.2f} GiB of {MOST_BYTES / (1 << 30):.0f} GiB"
    )
    return 0 if is_whole and peak < MOST_BYTES else 1


def _figures(job: str, place: Path) -> Figures:
    """Run a job in a process of its own and watch its memory.

    Raises:
        RuntimeError: the job failed; its own words are above.
    """
    began, peak = time.monotonic(), 0
    process = subprocess.Popen([sys.executable, __file__, "--job", job, str(place)])
    try:
        while process.poll() is None:
            peak = max(peak, _resident_bytes(process.pid))
            time.sleep(_POLL_SECONDS)
    finally:
        process.kill()
        process.wait()
    if process.returncode:
        raise RuntimeError(f"the {job} job failed")
    return Figures(time.monotonic() - began, peak)


def _resident_bytes(pid: int) -> int:
    """Resident memory of a process and all it started (Linux: /proc)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:  # it ended in between
        return 0
    own = next((line for line in status.splitlines() if line.startswith("VmRSS")), "VmRSS: 0 kB")
    return int(own.split()[1]) * 1024 + sum(_resident_bytes(int(child)) for child in children)


def _run_job(job: str, place: Path) -> int:
    spark = small_session(place / f"spark-{job}", _HEAP)
    job_script(job).main(job_arguments(place))
    spark.stop()
    return 0


def _show_table(place: Path, name: str) -> int:
    files = parquet_files(place / "staged" / RUN_ID / "1" / name)
    rows = sum(pq.read_metadata(file).num_rows for file in files)
    megabytes = sum(file.stat().st_size for file in files) / 1e6
    print(f"{name}: {rows:,} rows, {len(files)} file(s), {megabytes:,.1f} MB")
    return rows


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
