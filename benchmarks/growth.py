"""How the transform's time and memory grow with the playlist entries, as fitted exponents.

The driver and the executor are processes of their own here (Spark's `local-cluster`), as on Glue,
so that what the driver holds can be told from what the work holds.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from time import monotonic
from typing import Any

from benchmarks.fitting import exponent
from benchmarks.results import Json, table
from benchmarks.sizes import Size
from benchmarks.spark_jobs import own_standard_output
from benchmarks.transform import WARM_UP_ENTRIES, Say
from benchmarks.volumes import smaller_volume_of, volume_of
from tests.glue_jobs.jobs import JOBS, job_script
from tests.glue_jobs.raw_files import job_arguments

TITLE = "Growth: time and memory by playlist entries"
_EXECUTOR_CORES = 2
_EXECUTOR_MIB = 4096
_AFTER_COLLECTION = re.compile(r"->(\d+)M\(")


def measure(size: Size, folder: Path, say: Say) -> Json:
    """Seconds of work and live memory of the driver for each size; and the exponents."""
    largest = max(size.growth)
    large = volume_of(largest, folder, say)
    warm_up = volume_of(WARM_UP_ENTRIES, folder, say)
    steps = []
    for entries in size.growth:
        bucket = large if entries == largest else smaller_volume_of(large, entries, folder)
        step = {"entries": entries, **_one_size(bucket, warm_up, folder)}
        say(f"  {entries:,}: {step['seconds']:.1f} s, driver {step['driver_mib']} MiB")
        steps.append(step)
    sizes = [step["entries"] for step in steps]
    return {
        "steps": steps,
        "exponents": {
            name: exponent(sizes, [step[name] for step in steps])
            for name in ("seconds", "driver_mib")
        },
    }


def _one_size(bucket: Path, warm_up: Path, folder: Path) -> Json:
    """Run the jobs in a new driver, after a warm-up.

    Raises:
        RuntimeError: the driver failed; the message names its log.
    """
    collections, log = folder / "driver-gc.log", folder / "growth.log"
    command = [sys.executable, "-m", "benchmarks.growth", str(bucket), str(warm_up), str(folder)]
    with log.open("w") as said:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=said, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the jobs failed: see {log}")
    live = [int(found) for found in _AFTER_COLLECTION.findall(collections.read_text())]
    return {**json.loads(done.stdout), "driver_mib": max(live)}


def _session(folder: Path) -> Any:
    from pyspark.sql import SparkSession

    master = f"local-cluster[1,{_EXECUTOR_CORES},{_EXECUTOR_MIB}]"
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.driver.memory": "1g",
        "spark.driver.extraJavaOptions": (
            f"-Duser.timezone=UTC -XX:+UseSerialGC -Xlog:gc:file={folder / 'driver-gc.log'}"
        ),
        "spark.executor.memory": f"{_EXECUTOR_MIB}m",
        "spark.executor.extraJavaOptions": "-Duser.timezone=UTC",
        "spark.local.dir": str(folder / "scratch"),
        "spark.log.level": "ERROR",
    }
    builder = SparkSession.Builder().master(master).appName("growth")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _run_jobs(bucket: Path) -> float:
    began = monotonic()
    for job in JOBS:
        job_script(job).main(job_arguments(bucket))
    return monotonic() - began


def _drive(bucket: Path, warm_up: Path, folder: Path) -> None:
    """Print the seconds as JSON."""
    answers = own_standard_output()
    spark = _session(folder)
    _run_jobs(warm_up)
    seconds = _run_jobs(bucket)
    spark.stop()
    print(json.dumps({"seconds": seconds}), file=answers, flush=True)


def show(figures: Json) -> list[str]:
    """The steps and the exponents."""
    rows = [
        [
            f"{step['entries']:,}",
            f"{step['seconds']:.1f}",
            f"{step['entries'] / step['seconds']:,.0f}",
            f"{step['driver_mib']}",
        ]
        for step in figures["steps"]
    ]
    fitted = figures["exponents"]
    return [
        *table(["entries", "seconds, all jobs", "entries/s", "driver's live memory, MiB"], rows),
        "",
        f"Fitted exponents: time {fitted['seconds']:.2f}, driver memory {fitted['driver_mib']:.2f} "
        "(1 is linear, 0 no growth). Memory is the most that was live after a collection.",
    ]


def closing(figures: Json) -> str:
    """The exponents."""
    fitted = figures["exponents"]
    largest = figures["steps"][-1]["entries"]
    return (
        f"up to {largest:,} entries time grows by the power {fitted['seconds']:.2f}, "
        f"the driver's memory by {fitted['driver_mib']:.2f}"
    )


if __name__ == "__main__":
    _drive(*map(Path, sys.argv[1:]))
