"""One Java machine for all local Spark workers: the jobs run at once, each in its own session.

Three Glue jobs run at a time, and a JVM of its own for each costs a small machine three starts and
three times the warming up. PySpark attaches to a running JVM when its environment names the port
and the secret of one (`pyspark.java_gateway.launch_gateway`).
"""

import importlib.util
import os
import struct
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

NICENESS = "10"  # warming up must not hold up the deploy
START_SECONDS = 120
MASTER = "local[2]"
SESSION_OPTIONS = {
    # `s3://` without an S3 client: Hadoop's overlay sends each first path part to a local folder.
    "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme",
    "spark.hadoop.fs.s3.impl.disable.cache": "true",  # each run has its own mount points
    "spark.hadoop.fs.viewfs.overload.scheme.target.file.impl": (
        "org.apache.hadoop.fs.LocalFileSystem"
    ),
    "spark.driver.memory": "4g",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2",  # two cores
    "spark.sql.session.timeZone": "UTC",
    # Small runs: compiling a plan to Java costs more than running it as it is.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


class SparkDidNotStartError(RuntimeError):
    """The JVM ended, or said nothing, before it could be attached to."""


@dataclass
class SparkJvm:
    """A JVM that PySpark can attach to as soon as it has written its address."""

    process: subprocess.Popen[bytes]
    address: Path

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def end(self) -> None:
        """Let it end in good order, as its gateway does when its input ends."""
        assert self.process.stdin is not None  # noqa: S101 - a pipe, see start()
        self.process.stdin.close()
        self.process.wait()

    def stop(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait()


def start(folder: Path, options: str) -> SparkJvm:
    """Start a JVM with Spark's classes; it can be attached to a few seconds later.

    Args:
        folder: for its address, its log and its scratch files.
        options: Java's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    address = folder / "address"
    address.unlink(missing_ok=True)
    with (folder / "java.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - Spark's own script
            _command(folder, options),
            # Spark's gateway ends when its standard input does: with this process.
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**os.environ, "_PYSPARK_DRIVER_CONN_INFO_PATH": str(address)},
        )
    return SparkJvm(process, address)


def wait_for(address: Path) -> dict[str, str]:
    """What PySpark's environment must hold to attach to the JVM that writes this address.

    Raises:
        SparkDidNotStartError: there was no address in time; names the JVM's log.
    """
    give_up_at = time.monotonic() + START_SECONDS
    while not address.exists():  # it is written beside and renamed
        if time.monotonic() > give_up_at:
            raise SparkDidNotStartError(f"Spark did not start; see {address.parent / 'java.log'}")
        time.sleep(0.05)
    told = address.read_bytes()
    port, length = struct.unpack_from(">ii", told)
    secret = told[8 : 8 + length].decode()
    return {"PYSPARK_GATEWAY_PORT": str(port), "PYSPARK_GATEWAY_SECRET": secret}


def _command(folder: Path, java_options: str) -> list[str]:
    spec = importlib.util.find_spec("pyspark")
    places = spec.submodule_search_locations if spec else None
    if not places:
        raise SparkDidNotStartError("pyspark is not installed: run 'make setup'")
    script = Path(places[0]) / "bin" / "spark-submit"
    settings = {
        **SESSION_OPTIONS,
        "spark.driver.extraJavaOptions": java_options,
        "spark.local.dir": str(folder / "scratch"),
    }
    command = ["nice", "-n", NICENESS, str(script), "--master", MASTER, "--name", "tonearm-local"]
    for key, value in settings.items():
        command += ["--conf", f"{key}={value}"]
    return [*command, "pyspark-shell"]
