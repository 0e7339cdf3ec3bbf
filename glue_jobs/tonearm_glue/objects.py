"""From lines to the objects they hold: a row per playlist entry, or per object of another list."""

from collections.abc import Iterable

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as fn

from tonearm_glue.entries import (
    content_of,
    is_null_content,
    kind_of_entry,
    may_lack_content,
    raw_contents,
)
from tonearm_glue.lines import PLAYLIST_KINDS, Body
from tonearm_glue.schemas import array, entry_of, page_of, struct
from tonearm_glue.values import whole

PAGE = "page"
PLAYLIST = "playlist"
_LISTS = {"entries": "entry", "raw_contents": "raw_content", "others": "other"}


def playlist_bodies(track: str, **details: str) -> dict[str, Body]:
    """The two shapes of line that hold playlist entries; `details` are a playlist's own fields."""
    page = page_of(entry_of(track))
    whole_playlist = struct(items=page, tracks=page, **details)
    return {
        PAGE: Body(("playlist_items", "saved_tracks"), page),
        PLAYLIST: Body(("playlist",), whole_playlist),
    }


def with_entries(lines: DataFrame) -> DataFrame:
    """Lines with the `entries` of their playlist, wherever this shape of response has them.

    Adds `first_position`, the place of the first one in the playlist. The name of 2026 (`items`)
    comes before the older one (`tracks`).
    """
    paged, playlist = fn.col(PAGE)["body"], fn.col(PLAYLIST)["body"]
    new, old = playlist["items"], playlist["tracks"]
    entries = fn.coalesce(paged["items"], new["items"], old["items"])
    offset = fn.coalesce(
        paged["offset"],
        fn.when(_has_new_items(), new["offset"]).otherwise(old["offset"]),
        # As text: of texts and a number Spark makes numbers, and stops at a text that is none.
        fn.col("offset").cast("string"),
    )
    return lines.select(
        "*",
        fn.when(fn.col("is_chosen"), entries).alias("entries"),
        fn.coalesce(whole(offset, "int"), fn.lit(0)).alias("first_position"),
    )


def with_raw_contents(lines: DataFrame) -> DataFrame:
    """Lines with `raw_contents`: what each of their `entries` holds, as it was sent.

    It is NULL when every entry has a content, since the line's text is read again for it. A job
    that asks for songs alone does without.
    """
    contents = (
        fn.when(fn.col("kind") != PLAYLIST, raw_contents(fn.col("value"), "$.body.items"))
        .when(_has_new_items(), raw_contents(fn.col("value"), "$.body.items.items"))
        .otherwise(raw_contents(fn.col("value"), "$.body.tracks.items"))
    )
    wanted = fn.when(may_lack_content(fn.col("entries")), contents)
    return lines.withColumn("raw_contents", wanted)


def one_row_per_object(lines: DataFrame, keep: Iterable[str]) -> DataFrame:
    """One row per element of `entries` or of `others`, at least one per line.

    Adds `at` (place in its list, NULL for a line without any), `entry`, its `raw_content` if the
    lines have any, `other` and `is_first`, which is true on one row of each line, so that lines can
    be counted. Of the line only `keep` is kept: it is copied for every object.
    """
    lists = {name: alias for name, alias in _LISTS.items() if name in lines.columns}
    zipped = fn.arrays_zip(*(fn.coalesce(fn.col(name), fn.array()).alias(name) for name in lists))
    exploded = lines.select(*keep, fn.posexplode_outer(zipped).alias("at", "held"))
    return exploded.select(
        *keep,
        "at",
        *(fn.col("held")[name].alias(alias) for name, alias in lists.items()),
        (fn.coalesce(fn.col("at"), fn.lit(0)) == 0).alias("is_first"),
    )


def with_entry_kind(objects: DataFrame) -> DataFrame:
    """Objects with `is_entry`, `content` (of an entry) and `entry_kind` (NULL for others).

    Without a `raw_content` an unavailable entry is not told from a malformed one.
    """
    entry = fn.col("entry")
    told = objects.select(
        "*",
        (fn.col("at").isNotNull() & fn.col("kind").isin(*PLAYLIST_KINDS)).alias("is_entry"),
        content_of(entry).alias("content"),
    )
    is_told = "raw_content" in objects.columns
    is_null = is_null_content(fn.col("raw_content")) if is_told else fn.lit(False)
    kind = kind_of_entry(entry, fn.col("content"), is_null)
    return told.withColumn("entry_kind", fn.when(fn.col("is_entry"), kind))


def album_shape(track: str, **details: str) -> str:
    """An album with the first page of its tracks."""
    return struct(tracks=struct(items=array(track)), **details)


def _has_new_items() -> Column:
    return fn.col(PLAYLIST)["body"]["items"]["items"].isNotNull()
