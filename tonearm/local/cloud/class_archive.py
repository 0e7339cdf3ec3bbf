"""`python -m tonearm.local.cloud.class_archive`: Spark's classes, loaded once, for every JVM.

Half of a Spark JVM's start is loading and checking some twenty thousand classes. Java keeps them in
an archive of its own when it ends (https://openjdk.org/jeps/350), and later JVMs map that file. An
archive serves one Java, one Spark and one place of its jars; Java ignores it anywhere else.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from tonearm.project import GLUE_JOBS, ROOT

JAVA_OPTIONS = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
JOBS = ("albums", "artists", "songs")
_RUN_ID = "20000101T000000Z-000000"
_BUCKET = "archive"
_LEVELS = "-Xlog:cds=off -Xlog:cds+dynamic=off -Xlog:class+path=off"


@cache
def archive_path() -> Path:
    """Where the archive for this Java and this Spark lies, or would lie."""
    java = Path(shutil.which("java") or "java").resolve()
    # Not imported: most of the time nothing but this name is wanted.
    spark = importlib.util.find_spec("pyspark")
    place = spark.origin if spark else None
    version = importlib.metadata.version("pyspark")
    made_for = f"{java}|{java.stat().st_mtime_ns}|{version}|{place}"
    digest = hashlib.sha256(made_for.encode()).hexdigest()[:16]
    return ROOT / ".tonearm" / "spark" / f"{digest}.jsa"


def java_options() -> str:
    """The options of a local Spark JVM, with the archive when there is one."""
    archive = archive_path()
    shared = f" -XX:SharedArchiveFile={archive} {_LEVELS}" if archive.exists() else ""
    return JAVA_OPTIONS + shared


def main() -> None:
    """Make the archive if there is none: run the three jobs on nothing, then end Java."""
    target = archive_path()
    if target.exists():
        return
    for old in target.parent.glob("*.jsa"):
        old.unlink()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        unfinished = Path(name) / target.name
        _record(Path(name), unfinished)
        if not unfinished.exists():
            print(
                "tonearm: Java kept no class archive; Spark will start more slowly", file=sys.stderr
            )
            return
        part = target.with_suffix(".part")
        part.write_bytes(unfinished.read_bytes())
        part.rename(target)


def _record(folder: Path, archive: Path) -> None:
    from tonearm.local.cloud import spark_jvm
    from tonearm.local.cloud.spark_worker import attached_session, exercise, run_script

    recording = f"{JAVA_OPTIONS} -XX:ArchiveClassesAtExit={archive} {_LEVELS}"
    java = spark_jvm.start(folder, recording)
    os.environ.update(spark_jvm.wait_for(java.address))
    spark = attached_session()
    exercise(spark, folder / "exercise")
    for job in JOBS:
        answer = run_script(spark, _request(folder, job))
        if not answer["ok"]:
            raise RuntimeError(f"the {job} job fails on an empty run:\n{answer['error']}")
    spark.stop()
    java.end()  # in good order: Java writes the archive at its end


def _request(folder: Path, job: str) -> dict[str, Any]:
    """One job over a run that read nothing."""
    pages = folder / "raw" / _RUN_ID / "pages"
    pages.mkdir(parents=True, exist_ok=True)
    (pages / "part-00000.json").write_text("")
    manifest = f'{{"run_id": "{_RUN_ID}", "playlists": [], "superseded": [], "parts": []}}'
    (pages.parent / "manifest.json").write_text(manifest)
    address = f"s3://{_BUCKET}/"
    named = {
        "bucket_uri": address,
        "raw": f"{address}raw/{_RUN_ID}/pages/",
        "manifest": f"{address}raw/{_RUN_ID}/manifest.json",
        "staged": f"{address}staged/{job}/",
        "run_id": _RUN_ID,
        "snapshot_date": "2000-01-01",
        "attempt": "1",
    }
    return {
        "script": str(GLUE_JOBS / f"{job}.py"),
        "argv": [part for key, value in named.items() for part in (f"--{key}", value)],
        "py_files": [str(GLUE_JOBS)],
        "mounts": {_BUCKET: {first: str(folder / first) for first in ("raw", "staged")}},
        "log": str(folder / f"{job}.log"),
    }


if __name__ == "__main__":
    main()
