"""Warm Spark workers: processes that wait with a running JVM and run Glue job scripts."""

import json
import os
import queue
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tonearm.local.cloud import glue_io

ERROR_CHARS = 2000


class JobFailedError(Exception):
    """The script failed; the message holds the end of its traceback."""


class JobTimedOutError(Exception):
    """The script ran longer than the job's Timeout and was stopped."""


@dataclass
class Worker:
    """One process with one JVM."""

    process: subprocess.Popen[str]
    folder: Path

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send one job and wait for its answer."""
        assert self.process.stdin is not None  # noqa: S101 - both pipes are opened in SparkPool
        assert self.process.stdout is not None  # noqa: S101
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            return {"ok": False, "error": "the Spark process died; see its log"}
        answer: dict[str, Any] = json.loads(line)
        return answer


class SparkPool:
    """A few warm workers; a job takes one and gives it back."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        self.size = size
        self._idle: queue.Queue[Worker] = queue.Queue()
        self._all: list[Worker] = []

    def start(self) -> None:
        """Start every worker; their JVMs warm up on their own."""
        for number in range(self.size):
            self._idle.put(self._spawn(number))

    def stop(self) -> None:
        """End every worker."""
        for worker in self._all:
            worker.process.kill()
            worker.process.wait()

    def run(
        self, job: str, run_id: str, script: str, args: dict[str, Any], timeout_minutes: int
    ) -> None:
        """Run one job's script with its arguments, its files staged in and out.

        Args:
            job: name of the job.
            run_id: of the job run.
            script: `s3://` address of the script.
            args: what the script gets.
            timeout_minutes: how long it may run.

        Raises:
            JobFailedError: the script failed.
            JobTimedOutError: it ran longer than `timeout_minutes`.
        """
        worker = self._idle.get()
        root = worker.folder / run_id
        try:
            glue_io.stage_in(root, args)
            request = _request(root, glue_io.fetch_script(root, script), args)
            answer = self._ask_in_time(worker, request, timeout_minutes)
            glue_io.ship_log(job, run_id, root / "output.log", args)
            if not answer["ok"]:
                raise JobFailedError(str(answer["error"])[-ERROR_CHARS:])
            glue_io.stage_out(root, args)
        finally:
            self._give_back(worker)

    def _ask_in_time(
        self, worker: Worker, request: dict[str, Any], timeout_minutes: int
    ) -> dict[str, Any]:
        timer = threading.Timer(timeout_minutes * 60, worker.process.kill)
        timer.start()
        try:
            answer = worker.ask(request)
        finally:
            expired = not timer.is_alive()
            timer.cancel()
        if expired:
            raise JobTimedOutError(f"longer than the job's Timeout of {timeout_minutes} minutes")
        return answer

    def _give_back(self, worker: Worker) -> None:
        if worker.process.poll() is None:
            self._idle.put(worker)
        else:
            self._idle.put(self._spawn(len(self._all)))

    def _spawn(self, number: int) -> Worker:
        folder = self.folder / f"worker-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "spark.log").open("w") as log:
            process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "tonearm.local.cloud.spark_worker", str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, "PYSPARK_PYTHON": sys.executable},
            )
        worker = Worker(process, folder)
        self._all.append(worker)
        return worker


def _request(root: Path, script: Path, args: dict[str, Any]) -> dict[str, Any]:
    return {
        "script": str(script),
        "argv": [part for key, value in args.items() for part in (key, str(value))],
        "py_files": [str(path) for path in glue_io.py_files(root, args)],
        "mounts": glue_io.mounts(root, args),
        "log": str(root / "output.log"),
    }
