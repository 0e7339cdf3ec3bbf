"""Processes as they are measured: seconds, processor seconds, and the most memory they held."""

import os
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import NamedTuple, Self

_POLL_SECONDS = 0.2
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_KB = 1024


class Figures(NamedTuple):
    """What a piece of work took.

    Attributes:
        seconds: by the clock on the wall.
        cpu_seconds: of all its processes; it holds still where other work slows the wall clock.
        peak_bytes: the most memory its processes held together.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int


class Watch:
    """Measures a process and all it starts while the `with` block runs (Linux: /proc)."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._began = monotonic()
        self._before = self._cpu = cpu_seconds(pid)
        self._peak = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._seconds = monotonic() - self._began

    @property
    def figures(self) -> Figures:
        """The figures, once the block is left."""
        return Figures(self._seconds, self._cpu - self._before, self._peak)

    def _look(self) -> None:
        while True:
            # What has ended counts no more, so the greatest sum is the nearest to the truth.
            self._cpu = max(self._cpu, cpu_seconds(self._pid))
            self._peak = max(self._peak, resident_bytes(self._pid))
            if self._stop.wait(_POLL_SECONDS):
                self._cpu = max(self._cpu, cpu_seconds(self._pid))
                return


def measured(command: Sequence[str], log: Path) -> Figures:
    """Run a command to its end and measure it; what it says goes to the log.

    Raises:
        RuntimeError: it failed; the message names the log.
    """
    with log.open("w") as said:
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
        try:
            with Watch(process.pid) as watch:
                process.wait()
        finally:
            process.kill()
            process.wait()
    if process.returncode:
        raise RuntimeError(f"{command[2]} failed: see {log}")
    return watch.figures


def resident_bytes(pid: int) -> int:
    """Resident memory of a process and all it started."""
    return sum(_resident(one) for one in _family(pid))


def cpu_seconds(pid: int) -> float:
    """Processor seconds of a process, of all it started and of those of them that ended."""
    return sum(_cpu_ticks(one) for one in _family(pid)) / _TICKS_PER_SECOND


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        threads = [one.name for one in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:  # it ended in between
        return []
    for thread in threads:
        if thread != str(pid):
            children += _children_of_thread(pid, thread)
    return [pid, *(one for child in children for one in _family(int(child)))]


def _children_of_thread(pid: int, thread: str) -> list[str]:
    try:
        return Path(f"/proc/{pid}/task/{thread}/children").read_text().split()
    except OSError:
        return []


def _resident(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    found = next((line for line in lines if line.startswith("VmRSS")), "VmRSS: 0 kB")
    return int(found.split()[1]) * _KB


def _cpu_ticks(pid: int) -> int:
    """User and system time of a process and of its children that it waited for: proc(5)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(int(field) for field in fields[11:15])
