"""Run the three jobs as Glue does, through their own `main`, and read back what they leave."""

import importlib.util
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow.parquet as pq
from pyspark.sql import SparkSession

from tests.glue_jobs.raw_files import RUN_ID, RawRun, job_arguments
from tonearm.local.cloud.class_archive import java_options
from tonearm_glue.contract import ENTITIES

ROOT = Path(__file__).resolve().parents[2]
JOBS = ("albums", "artists", "songs")
Row = dict[str, Any]


@dataclass(frozen=True)
class Staged:
    """What the jobs left in one attempt's staging area."""

    folder: Path
    tables: dict[str, list[Row]]
    quarantine: list[Row]
    counts: dict[str, dict[str, Any]]

    def files(self, entity: str) -> list[Path]:
        """The Parquet files of one entity."""
        return parquet_files(self.folder / entity)


def small_session(
    folder: Path,
    memory: str = "1g",
    java: str | None = None,
    worker: str = sys.executable,
    worker_imports: str = str(ROOT / "glue_jobs"),
) -> SparkSession:
    """A session on this machine alone, with so much Java heap; every test of the jobs shares it.

    `java` are the options of its Java, by default those that start quickly and then compile little;
    `worker` is the Python of its workers, and `worker_imports` what they import from: by default
    the shared package, which here comes from a folder and not from a zip.
    """
    chosen = java_options() if java is None else java
    settings = {
        "spark.driver.host": "127.0.0.1",  # no look-up of this machine's name
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",  # no web server
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",  # little data; tasks cost more than rows
        "spark.sql.codegen.cache.maxEntries": "2000",  # of 100, three jobs throw out all they made
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.driver.extraJavaOptions": f"-Duser.timezone=UTC {chosen}",
        "spark.driver.memory": memory,
        "spark.local.dir": str(folder / "scratch"),
        "spark.log.level": "ERROR",
        "spark.executorEnv.PYTHONPATH": worker_imports,
    }
    os.environ["PYSPARK_PYTHON"] = worker
    builder = SparkSession.Builder().master("local[2]").appName("tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def run_jobs(run: RawRun, bucket: Path, *, attempt: int = 1) -> Staged:
    """Write the raw run into the bucket's folder, run all jobs over it, read what they left."""
    run.write(bucket)
    for name in JOBS:
        job_script(name).main(job_arguments(bucket, attempt=attempt))
    return staged_in(bucket / "staged" / RUN_ID / str(attempt))


def job_script(name: str) -> ModuleType:
    """A job's script, loaded from its file as Glue does."""
    spec = importlib.util.spec_from_file_location(
        f"job_script_{name}", ROOT / "glue_jobs" / f"{name}.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def staged_in(folder: Path) -> Staged:
    """Read a staging area."""
    return Staged(
        folder,
        {entity.name: _rows(folder / entity.name) for entity in ENTITIES},
        [row for one in sorted((folder / "quarantine").glob("*")) for row in _rows(one)],
        {name: _counts(folder / "counts" / name) for name in JOBS},
    )


def parquet_files(folder: Path) -> list[Path]:
    """The Parquet files in a folder."""
    return sorted(folder.glob("*.parquet"))


def _rows(folder: Path) -> list[Row]:
    return [
        row for file in parquet_files(folder) for row in pq.ParquetFile(file).read().to_pylist()
    ]


def _counts(folder: Path) -> dict[str, Any]:
    [file] = folder.glob("part-*.json")
    [line] = file.read_text(encoding="utf-8").splitlines()
    counts: dict[str, Any] = json.loads(line)
    return counts
