"""`python -m tonearm.local.cloud.spark_worker DIR ADDRESS`: a warm session that runs job scripts.

It attaches to the JVM that writes its address to that file (spark_jvm.py), reads one JSON request a
line on standard input and answers one JSON line on standard output. The script runs as `__main__`
with its own arguments, as Glue runs it; only the session is there before.
"""

import contextlib
import json
import os
import runpy
import sys
import traceback
from pathlib import Path
from typing import IO, Any

from pyspark import SparkConf, SparkContext
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession

from tonearm.local.cloud import spark_jvm

BELOW_THE_OTHERS = 10


def main() -> None:
    """Serve requests until standard input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else is printed goes to the log, not between the answers
    folder, address = Path(sys.argv[1]), Path(sys.argv[2])
    os.nice(BELOW_THE_OTHERS)  # warming up must not hold up the deploy
    os.chdir(folder)
    os.environ.update(spark_jvm.wait_for(address))
    spark = attached_session()
    exercise(spark, folder / "exercise")
    for line in sys.stdin:
        _answer(answers, run_script(spark, json.loads(line)))


def _answer(stream: IO[str], answer: dict[str, Any]) -> None:
    stream.write(json.dumps(answer) + "\n")
    stream.flush()


def attached_session() -> SparkSession:
    """A session of its own in the JVM that the environment names.

    A JVM holds one Spark context, so the first to come makes it and the others take it.
    """
    gateway = launch_gateway()  # type: ignore[no-untyped-call]
    SparkContext._ensure_initialized(gateway=gateway)
    conf = SparkConf()
    scala = gateway.jvm.org.apache.spark.SparkContext.getOrCreate(conf._jconf)
    java = gateway.jvm.org.apache.spark.api.java.JavaSparkContext(scala)
    context = SparkContext(gateway=gateway, jsc=java, conf=conf)
    context.setLogLevel("ERROR")
    return SparkSession(context, SparkSession._get_j_spark_session_class(gateway.jvm)(scala, {}))


def exercise(spark: SparkSession, folder: Path) -> None:
    """Run the JSON and Parquet paths once."""
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "in.json"
    source.write_text('{"value": "{\\"a\\": [1], \\"b\\": \\"x\\"}"}\n')
    lines = spark.read.schema("value string").json(str(source))
    parsed = lines.selectExpr("from_json(value, 'a array<int>, b string') as v")
    exploded = parsed.selectExpr("v.b as b", "explode(v.a) as a")
    grouped = exploded.groupBy("b").agg({"a": "max"}).withColumnRenamed("max(a)", "a")
    grouped.coalesce(1).write.mode("overwrite").parquet(str(folder / "out"))


def run_script(spark: SparkSession, request: dict[str, Any]) -> dict[str, Any]:
    """Run one script; the answer holds `ok` and, when it failed, `error` with the traceback."""
    _mount(spark, request["mounts"])
    # Python workers import what the job sends them, as on Glue; those of another job are processes
    # of their own, since Spark keeps them by their environment.
    spark.sparkContext.environment["TONEARM_JOB_RUN"] = request["log"]
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
    # Set on the session, not on the JVM: jobs that run at once have different folders.
    for bucket, folders in mounts.items():
        for first, folder in folders.items():
            link = f"fs.viewfs.mounttable.{bucket}.link./{first}"
            spark.conf.set(link, Path(folder).as_uri())


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
