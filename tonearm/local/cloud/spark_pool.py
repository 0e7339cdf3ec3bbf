"""Warm Spark workers: processes attached to one running JVM that run Glue job scripts."""

import json
import os
import queue
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tonearm.local.cloud import glue_io, spark_jvm
from tonearm.local.cloud.class_archive import java_options
from tonearm.local.cloud.spark_jvm import SparkJvm

ERROR_CHARS = 2000


class JobFailedError(Exception):
    """The script failed; the message holds the end of its traceback."""


class JobTimedOutError(Exception):
    """The script ran longer than the job's Timeout and was stopped."""


@dataclass
class Worker:
    """One process with its own session in the JVM."""

    process: subprocess.Popen[str]
    folder: Path
    jvm: SparkJvm

    @property
    def is_alive(self) -> bool:
        """Whether it can run a job."""
        return self.process.poll() is None and self.jvm.is_running

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send one job and wait for its answer."""
        assert self.process.stdin is not None  # noqa: S101 - both pipes are opened in SparkPool
        assert self.process.stdout is not None  # noqa: S101
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            logs = f"{self.folder / 'spark.log'} and {self.jvm.address.parent / 'java.log'}"
            return {"ok": False, "error": f"the Spark process died; see {logs}"}
        answer: dict[str, Any] = json.loads(line)
        return answer


class SparkPool:
    """A few warm workers; a job takes one and gives it back."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        self.size = size
        self._idle: queue.Queue[Worker] = queue.Queue()
        self._all: list[Worker] = []
        self._jvms: list[SparkJvm] = []
        self._starting = threading.Lock()

    def start(self) -> None:
        """Start the JVM and every worker; they warm up on their own."""
        for _ in range(self.size):
            self._idle.put(self._spawn())

    def stop(self) -> None:
        """End every worker and the JVM."""
        for worker in self._all:
            worker.process.kill()
            worker.process.wait()
        for jvm in self._jvms:
            jvm.stop()

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
        if not worker.is_alive:  # the JVM died between two jobs
            worker = self._spawn()
        root = worker.folder / f"{job}-{run_id}"
        try:
            glue_io.stage_in(root, args)
            request = _request(root, glue_io.fetch_script(root, script), args)
            answer = self._ask_in_time(worker, request, timeout_minutes)
            glue_io.ship_log(run_id, root / "output.log", args)
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
        if not worker.is_alive:
            worker.process.kill()  # without its JVM it is of no use
            worker = self._spawn()
        self._idle.put(worker)

    def _running_jvm(self) -> SparkJvm:
        if not self._jvms or not self._jvms[-1].is_running:
            folder = self.folder / f"jvm-{len(self._jvms)}"
            self._jvms.append(spark_jvm.start(folder, java_options()))
        return self._jvms[-1]

    def _spawn(self) -> Worker:
        with self._starting:
            jvm = self._running_jvm()
            folder = self.folder / f"worker-{len(self._all)}"
            folder.mkdir(parents=True, exist_ok=True)
            worker = Worker(_start_process(folder, jvm), folder, jvm)
            self._all.append(worker)
        return worker


def _start_process(folder: Path, jvm: SparkJvm) -> subprocess.Popen[str]:
    module = "tonearm.local.cloud.spark_worker"
    with (folder / "spark.log").open("w") as log:
        return subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", module, str(folder), str(jvm.address)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "PYSPARK_PYTHON": sys.executable},
        )


def _request(root: Path, script: Path, args: dict[str, Any]) -> dict[str, Any]:
    return {
        "script": str(script),
        "argv": [part for key, value in args.items() for part in (key, str(value))],
        "py_files": [str(path) for path in glue_io.py_files(root, args)],
        "mounts": glue_io.mounts(root, args),
        "log": str(root / "output.log"),
    }
