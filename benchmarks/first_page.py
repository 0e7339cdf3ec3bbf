"""`make first-page`: how long the dashboard's first page takes over the demo's data.

Needs a local cloud that was left up; the last line is `first page: median S s of N loads`.
"""

import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOADS = 9


def main() -> None:
    """Start the dashboard, load its first page several times, print each."""
    sys.path[:0] = [str(ROOT), str(ROOT / "snowflake" / "dashboard")]
    from tests.snowflake.dashboard.browsing import chromium_without_screen, window_on
    from tonearm.local import dashboard, session
    from tonearm.local.processes import free_port

    kept = session.remembered()
    if kept is None:
        sys.exit("tonearm: no local cloud is up: `uv run tonearm local run --keep` leaves one")
    port = free_port()
    service = dashboard.start(Path(kept.folder), kept.snowflake_port, port)
    try:
        with tempfile.TemporaryDirectory() as shots, chromium_without_screen() as browser:
            window = window_on(browser, f"http://127.0.0.1:{port}", Path(shots))
            seconds = [window.open() for _ in range(LOADS)]
    finally:
        service.stop()
    for number, one in enumerate(seconds, start=1):
        print(f"load {number}: {one:.2f} s")
    print(f"first page: median {statistics.median(seconds):.2f} s of {LOADS} loads")


if __name__ == "__main__":
    main()
