"""Which of several copies of one object counts."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as fn

from tonearm_glue.contract import LINEAGE, Entity
from tonearm_glue.values import isrc, release_date

_FIRST_CLAIMS = ("is_full_object", "extracted_at")
_POINTER = {
    "reason_code": "string",
    "reason_detail": "string",
    "raw_key": "string",
    "line": "int",
    "entry": "int",
    "occurrence": "int",
}
_DERIVED = ("release_date", "isrc")


def one_row_per_key(mentions: DataFrame, entity: Entity) -> DataFrame:
    """One row per key: the winning copy's columns, and `mentions`, how many there were."""
    best = (
        mentions.repartition(*entity.key)
        .groupBy(*entity.key)
        .agg(_winning_copy(entity).alias("best"), fn.count("*").alias("mentions"))
    )
    return best.select(*entity.key, "best.*", "mentions").transform(with_derived)


def counted(objects: DataFrame) -> DataFrame:
    """Rows of objects and of lines as mentions: `copies`, `lines`, `corrupt`, `unused` of each.

    A line stands in one row (`is_first`), be it one of an object or one of nothing else.
    """
    is_unused = ~fn.col("is_chosen") & fn.col("problem").isNull()
    told = {"lines": fn.lit(True), "corrupt": fn.col("problem").isNotNull(), "unused": is_unused}
    counts = {name: (fn.col("is_first") & claim).cast("int") for name, claim in told.items()}
    return objects.withColumns({"copies": fn.lit(1), **counts}).drop(
        "is_first", "is_chosen", "problem"
    )


def plain_mentions(rows: DataFrame, _listed: DataFrame) -> DataFrame:
    """Rows of plain lines as mentions: none is refused, corrupt, unused or a full object."""
    nothing = {name: fn.lit(None).cast(kind) for name, kind in _POINTER.items()}
    return rows.drop("value").withColumns(
        {**nothing, "corrupt": fn.lit(0), "unused": fn.lit(0), "is_full_object": fn.lit(False)}
    )


def grouped(mentions: DataFrame, entity: Entity) -> DataFrame:
    """One row per key with its winning copy as `best`, and one row per refused object.

    The rows also carry the counts of the lines they came from, so that nothing is counted in a pass
    of its own, nor counted twice when Spark repeats a task before the shuffle.
    """
    key = entity.key[0]
    is_refused = fn.col("reason_code").isNotNull()
    is_object = is_refused | fn.col(key).isNotNull()
    pointed = mentions.withColumns(
        {
            key: fn.when(~is_refused, fn.col(key)),
            **{name: fn.when(is_refused, fn.col(name)) for name in (*_POINTER,)[1:]},
            "copies": fn.when(is_object, fn.col("copies")).otherwise(0),
        }
    )
    return (
        pointed.repartition(key)
        .groupBy(key, *_POINTER)
        .agg(
            _winning_copy(entity).alias("best"),
            fn.sum("copies").alias("mentions"),
            *(fn.sum(name).alias(name) for name in ("lines", "corrupt", "unused")),
        )
    )


def with_derived(rows: DataFrame) -> DataFrame:
    """The columns that follow from others, made once per row that stays."""
    if "release_date_text" in rows.columns:
        made = release_date(fn.col("release_date_text"), fn.col("release_date_precision"))
        rows = rows.withColumn("release_date", made)
    if "isrc_text" in rows.columns:
        rows = rows.withColumn("isrc", isrc(fn.col("isrc_text")))
    return rows


def _winning_copy(entity: Entity) -> Column:
    """The copy that counts, as a struct: full before simplified, then newest, then by content.

    The greatest struct is the one with the greatest first field, then second, and so on over every
    column, so the same copies give the same winner in any order.
    """
    made = {column.name for column in LINEAGE} | {*_FIRST_CLAIMS, *_DERIVED, *entity.key}
    content = [name for name in entity.names if name not in made]
    return fn.max(fn.struct(*_FIRST_CLAIMS, *content))
