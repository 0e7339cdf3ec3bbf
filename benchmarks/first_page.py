"""`make first-page`: how long the dashboard's first page takes over the demo's data.

Takes the local cloud that was left up, else boots one and stops it in the end. The last line is
`first page: median S s of N loads`.
"""

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "snowflake" / "dashboard")]

from tests.snowflake.dashboard.browsing import chromium_without_screen, window_on  # noqa: E402
from tonearm.local import dashboard, session  # noqa: E402
from tonearm.local.processes import free_port  # noqa: E402
from tonearm.local.session import Session  # noqa: E402

LOADS = 9


def main(words: list[str]) -> None:
    """Start the dashboard, load its first page several times, print each."""
    loads = int(words[0]) if words else LOADS
    with _local_cloud() as kept:
        seconds = _seconds_of(loads, kept)
    for number, one in enumerate(seconds, start=1):
        print(f"load {number}: {one:.2f} s")
    print(f"first page: median {statistics.median(seconds):.2f} s of {loads} loads")


def _seconds_of(loads: int, kept: Session) -> list[float]:
    port = free_port()
    service = dashboard.start(Path(kept.folder), kept.snowflake_port, port)
    try:
        with tempfile.TemporaryDirectory() as shots, chromium_without_screen() as browser:
            window = window_on(browser, f"http://127.0.0.1:{port}", Path(shots))
            return [window.open() for _ in range(loads)]
    finally:
        service.stop()


@contextmanager
def _local_cloud() -> Iterator[Session]:
    """The one that is up, or one of our own that has run the demo."""
    kept = session.remembered()
    if kept is not None:
        yield kept
        return
    tonearm = Path(sys.executable).with_name("tonearm")
    subprocess.run([tonearm, "local", "run", "--keep"], check=True)
    booted = session.remembered()
    assert booted is not None  # noqa: S101 - `--keep` wrote it down
    try:
        yield booted
    finally:
        session.stop(booted)


if __name__ == "__main__":
    main(sys.argv[1:])
