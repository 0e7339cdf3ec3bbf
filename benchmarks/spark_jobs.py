"""The three jobs as they are measured: cold, each in a process of its own, or warm, in one session.

`python -m benchmarks.spark_jobs JOB BUCKET FOLDER` runs one job from nothing and ends;
`python -m benchmarks.spark_jobs serve FOLDER` keeps one session and runs the jobs over each bucket
it is told on standard input. Java has no options here but its heap: code is compiled as on Glue.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TextIO

from benchmarks.processes import Figures, Watch, measured
from tests.glue_jobs.jobs import JOBS, job_script, small_session
from tests.glue_jobs.raw_files import RUN_ID, job_arguments
from tonearm_glue.contract import ENTITIES

HEAP = "4g"


class WarmSession:
    """A Spark session in a process of its own that runs the jobs when asked."""

    def __init__(self, process: "subprocess.Popen[str]", log: Path) -> None:
        self._process = process
        self._log = log

    def run(self, bucket: Path) -> tuple[Figures, dict[str, float]]:
        """Run the three jobs over a bucket's folder: all figures, and each job's seconds.

        Raises:
            RuntimeError: a job failed; the message names the log.
        """
        assert self._process.stdin is not None  # noqa: S101 - both are pipes
        assert self._process.stdout is not None  # noqa: S101
        with Watch(self._process.pid) as watch:
            self._process.stdin.write(f"{bucket}\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the Spark session ended: see {self._log}")
        seconds: dict[str, float] = json.loads(answer)
        return watch.figures, seconds


@contextmanager
def warm_session(folder: Path) -> Iterator[WarmSession]:
    """A running session, not yet warmed up; its log lies in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "spark.log"
    command = [sys.executable, "-m", "benchmarks.spark_jobs", "serve", str(folder)]
    with log.open("w") as said:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True
        )
        try:
            yield WarmSession(process, log)
        finally:
            assert process.stdin is not None  # noqa: S101
            process.stdin.close()
            process.wait()


def run_cold(bucket: Path, folder: Path) -> Figures:
    """Run the three jobs one after the other, each in a new process; the sums, the highest peak."""
    folder.mkdir(parents=True, exist_ok=True)
    each = [
        measured(
            [sys.executable, "-m", "benchmarks.spark_jobs", job, str(bucket), str(folder)],
            folder / f"{job}.log",
        )
        for job in JOBS
    ]
    return Figures(
        sum(one.seconds for one in each),
        sum(one.cpu_seconds for one in each),
        max(one.peak_bytes for one in each),
    )


def staged_files(bucket: Path) -> dict[str, str]:
    """Where the jobs left each table of a run."""
    staged = bucket / "staged" / RUN_ID / "1"
    return {entity.name: str(staged / entity.name / "*.parquet") for entity in ENTITIES}


def main(words: list[str]) -> None:
    """Run one job, or serve."""
    if words[0] == "serve":
        _serve(Path(words[1]))
    else:
        job, bucket, folder = words
        spark = small_session(Path(folder), HEAP, java="")
        job_script(job).main(job_arguments(Path(bucket)))
        spark.stop()


def _serve(folder: Path) -> None:
    answers = own_standard_output()
    spark = small_session(folder, HEAP, java="")
    for line in sys.stdin:
        arguments = job_arguments(Path(line.strip()))
        seconds = {}
        for job in JOBS:
            began = monotonic()
            job_script(job).main(arguments)
            seconds[job] = monotonic() - began
        print(json.dumps(seconds), file=answers, flush=True)
    spark.stop()


def own_standard_output() -> TextIO:
    """The standard output for answers alone; what else is said there goes to standard error.

    The jobs tell events there, and Java and Python workers inherit it.
    """
    sys.stdout.flush()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


if __name__ == "__main__":
    main(sys.argv[1:])
