"""Raw lines: where each stands, what kind it is, and its body, parsed once.

One raw line is one API response (an object on one line). A cheap look at the line's beginning gives
its kind; then `from_json` reads the line with the schema of that kind and nothing else, because
CASE WHEN evaluates only the branch it takes. Where the parser met another type than the schema's
(`"track": true`, a number in a list of objects) it flags the line, and may have lost the values
behind that place; such a line is read again by way of VARIANT, which gives NULL at the odd place
alone. A line that is not JSON fails there too, and is corrupt.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as fn

from tonearm_glue.arguments import JobArgs
from tonearm_glue.manifest import RawManifest
from tonearm_glue.schemas import struct, texts
from tonearm_glue.values import moment, text, whole

PLAYLIST_KINDS = ("playlist", "playlist_items", "saved_tracks")
KNOWN_KINDS = (
    *PLAYLIST_KINDS,
    "playlist_snapshot",
    "my_playlists",
    "album",
    "album_tracks",
    "artist",
    "artist_albums",
    "albums",
    "artists",
    "me",
)

LINE_CORRUPT = "raw_line_corrupt"
KIND_UNKNOWN = "raw_kind_unknown"
FETCHED_AT_UNUSABLE = "raw_fetched_at_unusable"

_KIND_AT_START = r'^\{"run_id":"[^"]*","kind":"([a-z_]*)"'
_START_LENGTH = 200
# The parser stops after the first of two lines that lost their line break. Inside a text the quotes
# would be escaped, so this cannot stand in one good line.
_TWO_JOINED = '}{"run_id":'
_CORRUPT = "not_parsed"
_OTHER = "other"
_ENVELOPE = {
    **texts("kind", "fetched_at", "source", "read", "path"),
    "params": struct(**texts("offset")),
}
_OPTIONS = {"columnNameOfCorruptRecord": _CORRUPT, "allowSingleQuotes": "false"}


@dataclass(frozen=True)
class Body:
    """The shape of the body shared by some kinds of line, as far as a job reads it."""

    kinds: tuple[str, ...]
    shape: str


def numbered_lines(spark: SparkSession, args: JobArgs) -> DataFrame:
    """Every raw line with the key of its part and its number there, from 0.

    A part is read as one text and then cut, so that its lines can be counted wherever it is read: a
    task takes several parts, since what Spark does for each task costs more than a part's lines.
    """
    parts = spark.read.text(args.raw, wholetext=True)
    cut = parts.where(fn.col("value") != "").select(
        fn.concat(fn.lit(args.raw_prefix), fn.col("_metadata.file_name")).alias("raw_key"),
        fn.split("value", "\n").alias("texts"),
        fn.endswith("value", fn.lit("\n")).alias("is_ended"),
    )
    # After the last line's break nothing follows.
    count = fn.size("texts") - fn.col("is_ended").cast("int")
    lines = fn.slice("texts", fn.lit(1), count)
    return cut.select("raw_key", fn.posexplode(lines).alias("line", "value"))


def parsed_lines(lines: DataFrame, bodies: Mapping[str, Body]) -> DataFrame:
    """Each line with one struct column per body shape (NULL but for its own) and `problem`."""
    shapes = {**bodies, _OTHER: Body(_kinds_besides(bodies), "")}
    flagged = lines.withColumn("kind", _kind(fn.col("value"))).select(
        "*", *(_flagged(body).alias(name) for name, body in shapes.items())
    )
    parsed = flagged.select(
        "value",
        "raw_key",
        "line",
        "kind",
        *(_repaired(name, body).alias(name) for name, body in shapes.items()),
    )
    return parsed.transform(_with_envelope, tuple(shapes))


def chosen_lines(lines: DataFrame, manifest: RawManifest, listed: DataFrame) -> DataFrame:
    """The lines with their playlist's row of the manifest, and whether they count: `is_chosen`.

    A line counts unless it belongs to a superseded read, or to a playlist that the manifest does
    not list (refused half way, unchanged).
    """
    superseded = fn.col("read_key").isin(sorted(manifest.superseded))
    is_playlist = fn.col("kind").isin(*PLAYLIST_KINDS)
    is_listed = fn.when(is_playlist, fn.col("playlist_id").isNotNull()).otherwise(fn.lit(True))
    joined = lines.join(fn.broadcast(listed), "read_key", "left")
    is_chosen = fn.col("problem").isNull() & is_listed & ~superseded
    return joined.withColumn("is_chosen", fn.coalesce(is_chosen, fn.lit(False)))


def _kinds_besides(bodies: Mapping[str, Body]) -> tuple[str, ...]:
    taken = {kind for body in bodies.values() for kind in body.kinds}
    return tuple(kind for kind in KNOWN_KINDS if kind not in taken)


def _kind(value: Column) -> Column:
    at_start = fn.regexp_extract(fn.substring(value, 1, _START_LENGTH), _KIND_AT_START, 1)
    return fn.coalesce(text(at_start), fn.get_json_object(value, "$.kind"))


def _line_shape(body: Body) -> dict[str, str]:
    held = {"body": body.shape} if body.shape else {}
    return {**_ENVELOPE, **held, _CORRUPT: "string"}


def _flagged(body: Body) -> Column:
    shape = ",".join(f"`{name}` {kind}" for name, kind in _line_shape(body).items())
    return fn.when(_is_one_of(body.kinds), fn.from_json(fn.col("value"), shape, _OPTIONS))


def _repaired(name: str, body: Body) -> Column:
    parsed = fn.col(name)
    again = fn.try_variant_get(fn.try_parse_json(fn.col("value")), "$", struct(**_line_shape(body)))
    return fn.when(parsed[_CORRUPT].isNull(), parsed).when(_is_one_of(body.kinds), again)


def _is_one_of(kinds: tuple[str, ...]) -> Column:
    return fn.col("kind").isin(*kinds)


def _with_envelope(lines: DataFrame, names: tuple[str, ...]) -> DataFrame:
    def first(field: str) -> Column:
        return fn.coalesce(*(fn.col(name)[field] for name in names))

    is_parsed = reduce(lambda left, right: left | right, (fn.col(n).isNotNull() for n in names))
    with_fields = lines.select(
        "*",
        moment(first("fetched_at")).alias("extracted_at"),
        first("source").alias("source"),
        fn.concat_ws("#", first("source"), fn.coalesce(first("read"), fn.lit("1"))).alias(
            "read_key"
        ),
        first("path").alias("path"),
        whole(fn.coalesce(*(fn.col(n)["params"]["offset"] for n in names)), "int").alias("offset"),
        is_parsed.alias("is_parsed"),
    )
    return with_fields.withColumn("problem", _problem()).drop("is_parsed", _OTHER)


def _problem() -> Column:
    value = fn.col("value")
    whole_line = value.startswith("{") & value.endswith("}") & ~value.contains(_TWO_JOINED)
    return (
        fn.when(~whole_line, LINE_CORRUPT)
        .when(
            ~_is_one_of(KNOWN_KINDS) | fn.col("kind").isNull(),
            fn.coalesce(_unknown(), fn.lit(LINE_CORRUPT)),
        )
        .when(~fn.col("is_parsed"), LINE_CORRUPT)
        .when(fn.col("extracted_at").isNull(), FETCHED_AT_UNUSABLE)
    )


def _unknown() -> Column:
    return fn.when(fn.try_parse_json(fn.col("value")).isNotNull(), fn.lit(KIND_UNKNOWN))
