"""The local services: started as child processes on free ports, watched, and stopped."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tonearm.errors import OperatorError

START_SECONDS = 180  # a busy machine is slow, and a service that died is seen at once
STOP_SECONDS = 0.5  # what they hold does not outlive the session


def free_port() -> int:
    """A port on the loopback address that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def check_port(port: int, name: str) -> None:
    """Refuse a port that is taken.

    Raises:
        OperatorError: something else listens there.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise OperatorError(
                f"port {port} for {name} is in use", "stop what uses it, or name another port"
            ) from error


@dataclass(frozen=True)
class Service:
    """A running child process, its name and its log."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def wait_until(self, is_ready: Callable[[], bool], seconds: float = START_SECONDS) -> None:
        """Wait until the service answers.

        Raises:
            OperatorError: it stopped, or did not answer in time; holds the end of its log.
        """
        deadline = time.monotonic() + seconds
        while not is_ready():
            if self.process.poll() is not None:
                raise OperatorError(f"{self.name} stopped at its start", self.last_words())
            if time.monotonic() > deadline:
                raise OperatorError(f"{self.name} did not start in {seconds:.0f} s", str(self.log))
            time.sleep(0.1)

    def last_words(self) -> str:
        """The last line of its log."""
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"its log is empty: {self.log}"

    def ask_to_stop(self) -> None:
        """Ask it to stop, and do not wait for it."""
        _signal_group(self.process.pid, signal.SIGTERM)

    def stop(self) -> None:
        """Ask it to stop, then make it."""
        stop_process(self.process.pid)
        self.process.wait()


def start(name: str, arguments: list[str], folder: Path, env: dict[str, str]) -> Service:
    """Start one of our modules as a service in a process group of its own, with a log file.

    Args:
        name: What it is called in messages, and its log file's name.
        arguments: What follows `python -m`.
        folder: Where the log goes.
        env: Added to this process's environment.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{name.replace(' ', '-')}.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(  # noqa: S603 - our own modules
            [sys.executable, "-m", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env={**os.environ, **env},
            # Not a session of its own: Linux shares the processor out between sessions, and
            # would then give a service that is nice as much as one that is not (autogroup).
            process_group=0,
        )
    return Service(name, process, log)


def listens(port: int) -> bool:
    """Whether something on the loopback address takes connections at this port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def stop_process(pid: int) -> None:
    """End a service and whatever it started: asked first, made to after a moment."""
    if not _signal_group(pid, signal.SIGTERM):
        return
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline and _is_alive(pid):
        time.sleep(0.05)
    _signal_group(pid, signal.SIGKILL)


def _signal_group(pid: int, number: signal.Signals) -> bool:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _is_alive(pid: int) -> bool:
    try:
        finished, _ = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return True
    return finished == 0
