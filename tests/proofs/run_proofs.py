"""Runs every proof in its bounded size, one after the other: a line for each, the sum at the end.

uv run python tests/proofs/run_proofs.py [names or make targets]

TONEARM_PATIENCE=4 waits four times as long for each, on a slow or busy machine.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

from tests.proofs.table import Proof, proofs  # noqa: E402

LOGS = ROOT / ".tonearm" / "proofs"
_TERMINATED = 143
_ENDED_BY_US = 60.0  # seconds to stop its services in


class Outcome(NamedTuple):
    """How one proof went, and what was wrong, if anything.

    Attributes:
        name: of the proof.
        seconds: by the clock on the wall.
        cpu_seconds: of what it waited for; it holds still where other work slows the wall clock.
        last_line: of its standard output.
        wrong: empty when it is good.
    """

    name: str
    seconds: float
    cpu_seconds: float
    last_line: str
    wrong: str

    def __str__(self) -> str:
        told = f"FAILED: {self.wrong}: {self.last_line}" if self.wrong else self.last_line
        return f"{self.name:<16} {self.seconds:5.0f} s, {self.cpu_seconds:4.0f} s CPU  {told}"


def prove(proof: Proof, logs: Path = LOGS) -> Outcome:
    """Run a proof to its end, or to the end of its time, and judge it; what it says is logged."""
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / f"{proof.name}.log"
    began, cpu_began = time.monotonic(), _cpu_seconds()
    with log.open("w") as said, log.with_suffix(".err").open("w") as errors:
        process = subprocess.Popen(
            proof.command, cwd=ROOT, stdout=said, stderr=errors, start_new_session=True
        )
        allowed = proof.seconds * float(os.environ.get("TONEARM_PATIENCE", "1"))
        code = _waited(process, allowed)
    seconds, cpu_seconds = time.monotonic() - began, _cpu_seconds() - cpu_began
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    last = lines[-1].strip() if lines else ""
    wrong = f"not done in {allowed:.0f} s" if code is None else _wrong(proof, code, last)
    return Outcome(proof.name, seconds, cpu_seconds, last, wrong)


def _cpu_seconds() -> float:
    """Processor seconds of all children that have ended, and of theirs."""
    spent = os.times()
    return spent.children_user + spent.children_system


def _waited(process: "subprocess.Popen[bytes]", seconds: float) -> int | None:
    """The exit code; None when it had to be stopped. Nothing that it started is left."""
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            _end_session(process, sign)


def _end_session(process: "subprocess.Popen[bytes]", sign: signal.Signals) -> None:
    """Send a signal to all that still lives of its session, and give it time to follow."""
    for pid in _session_of(process):
        with suppress(ProcessLookupError):
            os.kill(pid, sign)
    until = time.monotonic() + _ENDED_BY_US
    while time.monotonic() < until and _session_of(process):
        time.sleep(0.1)


def _session_of(process: "subprocess.Popen[bytes]") -> list[int]:
    """The living processes of its session: services have groups of their own (proc(5))."""
    process.poll()
    pids = [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()]
    return [pid for pid in pids if _is_of_session(pid, process.pid)]


def _is_of_session(pid: int, session: int) -> bool:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return int(fields[3]) == session and fields[0] != "Z"


def _wrong(proof: Proof, code: int, last: str) -> str:
    if code:
        return f"exit code {code}"
    return "" if proof.is_good(last) else "its last line says something else"


def main(words: Sequence[str]) -> int:
    """Run those of these names or targets, all without any; 1 when one fails."""
    chosen = [one for one in proofs() if not words or {one.name, one.target} & {*words}]
    signal.signal(signal.SIGTERM, _end)
    began, failed = time.monotonic(), []
    for proof in chosen:
        outcome = prove(proof)
        _show(str(outcome))
        failed += [proof.name] if outcome.wrong else []
    _show(closing(len(chosen), failed, time.monotonic() - began))
    return 1 if failed or not chosen else 0


def _end(*_: object) -> None:
    """End the proof that runs too; being told twice does not interrupt that."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(_TERMINATED)


def closing(count: int, failed: Sequence[str], seconds: float) -> str:
    """The sum of all in one line."""
    told = f"proofs: {count - len(failed)} of {count} good in {seconds:.0f} s"
    where = LOGS.relative_to(ROOT)
    return f"{told}; failed: {', '.join(failed)} (see {where}/)" if failed else told


def _show(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
