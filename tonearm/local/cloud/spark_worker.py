"""`python -m tonearm.local.cloud.spark_worker DIR`: one warm Spark session that runs job scripts.

Reads one JSON request a line on standard input and answers one JSON line on standard output. The
script runs as `__main__` with its own arguments, as Glue runs it; only the session is there before.
"""

import contextlib
import json
import os
import runpy
import sys
import traceback
from pathlib import Path
from typing import IO, Any

from pyspark.sql import SparkSession

from tonearm.local.cloud.class_archive import java_options


def main() -> None:
    """Serve requests until standard input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else is printed goes to the log, not between the answers
    folder = Path(sys.argv[1])
    os.chdir(folder)
    spark = warm_session(folder, java_options())
    for line in sys.stdin:
        _answer(answers, run_script(spark, json.loads(line)))


def _answer(stream: IO[str], answer: dict[str, Any]) -> None:
    stream.write(json.dumps(answer) + "\n")
    stream.flush()


def warm_session(folder: Path, jvm_options: str) -> SparkSession:
    """A session on two threads whose JSON and Parquet paths have been run once."""
    builder = SparkSession.Builder().master("local[2]").appName("tonearm-local")
    for key, value in SESSION_OPTIONS.items():
        builder = builder.config(key, value)
    builder = builder.config("spark.driver.extraJavaOptions", jvm_options)
    spark = builder.config("spark.local.dir", str(folder / "scratch")).getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    _exercise(spark, folder / "exercise")
    return spark


def _exercise(spark: SparkSession, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "in.json"
    source.write_text('{"value": "{\\"a\\": [1], \\"b\\": \\"x\\"}"}\n')
    lines = spark.read.schema("value string").json(str(source))
    parsed = lines.selectExpr("from_json(value, 'a array<int>, b string') as v")
    exploded = parsed.selectExpr("v.b as b", "explode(v.a) as a")
    grouped = exploded.groupBy("b").agg({"a": "max"}).withColumnRenamed("max(a)", "a")
    grouped.coalesce(1).write.mode("overwrite").parquet(str(folder / "out"))


SESSION_OPTIONS = {
    # `s3://` without an S3 client: Hadoop's overlay sends each first path part to a local folder.
    "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme",
    "spark.hadoop.fs.s3.impl.disable.cache": "true",  # each run has its own mount points
    "spark.hadoop.fs.viewfs.overload.scheme.target.file.impl": (
        "org.apache.hadoop.fs.LocalFileSystem"
    ),
    "spark.driver.memory": "2g",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2",  # two cores
    "spark.sql.session.timeZone": "UTC",
    # Small runs: compiling a plan to Java costs more than running it as it is.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


def run_script(spark: SparkSession, request: dict[str, Any]) -> dict[str, Any]:
    """Run one script; the answer holds `ok` and, when it failed, `error` with the traceback."""
    _mount(spark, request["mounts"])
    with Path(request["log"]).open("w") as log:
        try:
            with contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
                _run_as_main(request["script"], request["argv"], request["py_files"])
        except SystemExit as stop:
            if stop.code in (None, 0):
                return {"ok": True}
            log.write(f"the script exited with {stop.code}\n")
            return {"ok": False, "error": f"the script exited with {stop.code}"}
        except Exception:  # noqa: BLE001 - whatever a job script raises is the job's failure
            trace = traceback.format_exc()
            log.write(trace)
            return {"ok": False, "error": trace}
    return {"ok": True}


def _mount(spark: SparkSession, mounts: dict[str, dict[str, str]]) -> None:
    configuration = spark.sparkContext._jsc.hadoopConfiguration()
    for bucket, folders in mounts.items():
        for first, folder in folders.items():
            link = f"fs.viewfs.mounttable.{bucket}.link./{first}"
            configuration.set(link, Path(folder).as_uri())


def _run_as_main(script: str, argv: list[str], py_files: list[str]) -> None:
    # Each job brings its own copy of the shared package; the copy of an earlier job must not stay.
    for name in [n for n in sys.modules if n.split(".")[0] == "tonearm_glue"]:
        del sys.modules[name]
    before = (sys.argv, sys.path)
    sys.argv, sys.path = [script, *argv], [*py_files, *sys.path]
    try:
        runpy.run_path(script, run_name="__main__")
    finally:
        sys.argv, sys.path = before


if __name__ == "__main__":
    main()
