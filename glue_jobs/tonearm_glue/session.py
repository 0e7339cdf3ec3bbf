"""The session settings the jobs rely on, set by each job so that it is right wherever it runs."""

from collections.abc import Iterator
from contextlib import contextmanager

from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession

from tonearm_glue.contract import PARQUET_CODEC

# What one task reads: gzipped JSON, ten to thirty times as large when read. Opening a part, and
# asking S3 for it, takes about as long as reading so many of its bytes.
_RAW_BYTES_PER_TASK = 32 << 20
_RAW_BYTES_PER_OPENING = 256 << 10

# Measured on recorded and made-up responses: a table is at most two thirds as large as the gzipped
# raw parts, so a file comes to about 100 MB.
_RAW_BYTES_PER_FILE = 160 << 20
_RAW_BYTES_PER_PARTITION = 8 << 20
_MOST_PARTITIONS = 400

_SETTINGS = {
    # PySpark looks at the stack, and asks the JVM five times, at every operation on a column, to
    # name the line in an error message. A job has hundreds of them, and names its own steps.
    "spark.python.sql.dataFrameDebugging.enabled": "false",
    # Data is judged by try_ functions; anything else that is wrong must stop the job.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    # INT64 microseconds: Snowflake reads INT96 as another type, and far years wrongly.
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.writeLegacyFormat": "false",
    "spark.sql.parquet.compression.codec": PARQUET_CODEC,
    "spark.sql.files.maxPartitionBytes": str(_RAW_BYTES_PER_TASK),
    "spark.sql.files.openCostInBytes": str(_RAW_BYTES_PER_OPENING),
    # How many raw parts a Python worker is given at once: each may be megabytes.
    "spark.sql.execution.arrow.maxRecordsPerBatch": "64",
    # Packing what is kept between two passes costs more than it saves.
    "spark.sql.inMemoryColumnarStorage.compressed": "false",
    # A damaged or missing part is an error, never a part to skip.
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    # One generated function from scan to shuffle, though a raw line has more fields than the usual
    # 100: otherwise every step in between copies the whole response.
    "spark.sql.codegen.maxFields": "2000",
    "spark.sql.adaptive.enabled": "true",
}


def job_session(name: str) -> SparkSession:
    """The running session, or a new one, with the jobs' settings."""
    builder = SparkSession.builder.appName(name)
    for key, value in _SETTINGS.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


@contextmanager
def kept(rows: DataFrame) -> Iterator[DataFrame]:
    """The rows, computed once for all that is done with them inside."""
    rows.persist(StorageLevel.MEMORY_AND_DISK)
    try:
        yield rows
    finally:
        rows.unpersist()


def set_shuffle_width(spark: SparkSession, raw_bytes: int) -> None:
    """Partition a job's shuffle by the size of its raw parts: one partition for a small run."""
    partitions = min(_MOST_PARTITIONS, 1 + raw_bytes // _RAW_BYTES_PER_PARTITION)
    spark.conf.set("spark.sql.shuffle.partitions", str(partitions))


def file_count(raw_bytes: int) -> int:
    """How many files a table of a run this big is written to: one, unless it is large."""
    return 1 + raw_bytes // _RAW_BYTES_PER_FILE
