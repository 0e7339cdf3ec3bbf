"""Large runs: plain lines are read by Python workers, and only the others by Spark's expressions.

Spark's JSON parser and the expressions after it cost more than all else a job does
(docs/decisions/0014). A line is plain when it is a page of playlist entries that counts and each
value in it has its usual type; plain_worker.py reads such lines strictly and refuses the rest,
which then take the way of every line of a small run. Both ways give the same rows.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import cast

from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as fn
from pyspark.sql.types import StructType

from tonearm_glue.arguments import JobArgs
from tonearm_glue.lines import numbered_lines
from tonearm_glue.manifest import PlaylistRead, RawManifest
from tonearm_glue.native import ship_to_workers
from tonearm_glue.session import kept

LIBRARY = "msgspec"
"""What reads plain lines; without it every line is left to the usual way."""

FROM_BYTES = 4 << 20
"""Raw bytes, gzipped, from which starting Python workers pays."""

_LEFT = "raw_key string, line int, value binary"


@dataclass(frozen=True)
class PlainRows:
    """How a job reads plain lines.

    Attributes:
        module: its `Reader` runs in the workers.
        columns: what the reader's rows hold, as a Spark schema.
        as_mentions: makes of them, with the listed playlists, the columns of the job's other way.
    """

    module: str
    columns: str
    as_mentions: Callable[[DataFrame, DataFrame], DataFrame]


def is_large(manifest: RawManifest) -> bool:
    """Whether a run's plain lines are worth a way of their own."""
    return manifest.part_bytes >= FROM_BYTES


@contextmanager
def mentions_of_run(
    spark: SparkSession,
    args: JobArgs,
    manifest: RawManifest,
    listed: DataFrame,
    *,
    plain: PlainRows,
    usual: Callable[[DataFrame], DataFrame],
) -> Iterator[DataFrame]:
    """Mentions of all lines of a run: the usual way, or if it is large both ways.

    Args:
        spark: the session.
        args: where raw lies.
        manifest: of raw.
        listed: its playlists as a table.
        plain: how plain lines are read.
        usual: makes mentions of raw lines, as `numbered_lines` gives them.
    """
    if not is_large(manifest) or not _has_arrow():
        yield usual(numbered_lines(spark, args))
        return
    is_left = fn.col("value").isNotNull()
    with kept(_read(spark, args, manifest, plain)) as rows:
        mentions = rows.where(~is_left).transform(plain.as_mentions, listed)
        left = _count(rows, is_left)
        # Many are a sign that the library is missing or Spotify's answers changed: slow, not wrong.
        print(json.dumps({"event": "lines_left_to_spark", "lines": left}), flush=True)
        if left:
            lines = rows.where(is_left).select("raw_key", "line", fn.col("value").cast("string"))
            mentions = mentions.unionByName(usual(lines))
        yield mentions


def _has_arrow() -> bool:
    """Whether Spark can hand parts to Python workers, which takes pyarrow and pandas.

    Glue 5.1 has them; of Glue 6.0 the page does not list what it has
    (https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-python-libraries.html).
    """
    from pyspark.sql.pandas import utils

    try:
        utils.require_minimum_pandas_version()
        utils.require_minimum_pyarrow_version()
    except ImportError as error:
        print(json.dumps({"event": "python_workers_not_used", "reason": str(error)}), flush=True)
        return False
    return True


def _count(rows: DataFrame, claim: Column) -> int:
    """How many rows are so; it is here that what is kept is computed."""
    counted = Observation()
    watched = rows.observe(counted, fn.count_if(claim).alias("rows"))
    watched.write.format("noop").mode("overwrite").save()
    return int(counted.get["rows"])


def _read(spark: SparkSession, args: JobArgs, manifest: RawManifest, plain: PlainRows) -> DataFrame:
    """A row for each row of the job's reader, and one for each line that was left."""
    # pyarrow is slow to load, and a small run does without.
    from pyspark.sql.pandas.types import to_arrow_schema

    from tonearm_glue.plain_worker import read_parts

    schema = cast("StructType", StructType.fromDDL(f"{_LEFT}, {plain.columns}"))
    read = partial(
        read_parts,
        library=LIBRARY,
        module=plain.module,
        reads=_chosen_reads(manifest),
        raw_prefix=args.raw_prefix,
        schema=to_arrow_schema(schema),
    )
    ship_to_workers(spark.sparkContext)
    parts = spark.read.format("binaryFile").load(args.raw)
    return parts.select(fn.col("_metadata.file_name"), "content").mapInArrow(read, schema)


def _chosen_reads(manifest: RawManifest) -> dict[str, PlaylistRead]:
    """The reads that count, by their key; lines of a read that is two playlists' are left."""
    found = Counter(read.read_key for read in manifest.playlists)
    return {
        read.read_key: read
        for read in manifest.playlists
        if found[read.read_key] == 1 and read.read_key not in manifest.superseded
    }
