"""From lines to the objects they hold: one row per playlist entry, or per object of another list."""

from collections.abc import Iterable

from pyspark.sql import DataFrame
from pyspark.sql import functions as fn

from tonearm_glue.entries import content_of, has_null_content, kind_of_entry
from tonearm_glue.lines import PLAYLIST_KINDS, Body
from tonearm_glue.schemas import array, entry_of, page_of, struct

PAGE = "page"
PLAYLIST = "playlist"


def playlist_bodies(track: str, **details: str) -> dict[str, Body]:
    """The two shapes of line that hold playlist entries; `details` are a playlist's own fields."""
    page = page_of(entry_of(track))
    whole_playlist = struct(items=page, tracks=page, **details)
    return {
        PAGE: Body(("playlist_items", "saved_tracks"), page),
        PLAYLIST: Body(("playlist",), whole_playlist),
    }


def with_entries(lines: DataFrame) -> DataFrame:
    """Lines with `entries` of their playlist, from whichever place this shape of response has them.

    Adds `first_position`, the place of the first one in the playlist, and `entries_path`, where the raw
    line holds them. The 2026 name (`items`) comes before the older one (`tracks`).
    """
    paged, new, old = (
        fn.col(PAGE)["body"],
        fn.col(PLAYLIST)["body"]["items"],
        fn.col(PLAYLIST)["body"]["tracks"],
    )
    is_new = new["items"].isNotNull()
    offset = fn.coalesce(
        paged["offset"], fn.when(is_new, new["offset"]).otherwise(old["offset"]), fn.col("offset")
    )
    return lines.select(
        "*",
        fn.when(fn.col("is_chosen"), fn.coalesce(paged["items"], new["items"], old["items"])).alias(
            "entries"
        ),
        fn.coalesce(offset.try_cast("int"), fn.lit(0)).alias("first_position"),
        fn.when(fn.col("kind") != PLAYLIST, "$.body.items")
        .when(is_new, "$.body.items.items")
        .otherwise("$.body.tracks.items")
        .alias("entries_path"),
    )


def one_row_per_object(lines: DataFrame, keep: Iterable[str]) -> DataFrame:
    """One row per element of `entries` or of `others`, at least one per line.

    Adds `at` (place in its list, NULL for a line without any), `entry`, `other` and `is_first`, which is
    true on one row of each line, so that lines can be counted. Of the line only `keep` is kept.
    """
    empty = fn.array()
    zipped = fn.arrays_zip(
        fn.coalesce(fn.col("entries"), empty).alias("entry"),
        fn.coalesce(fn.col("others"), empty).alias("other"),
    )
    exploded = lines.select("value", *keep, fn.posexplode_outer(zipped).alias("at", "held"))
    return exploded.select(
        "value",
        *keep,
        "at",
        fn.col("held")["entry"].alias("entry"),
        fn.col("held")["other"].alias("other"),
        (fn.coalesce(fn.col("at"), fn.lit(0)) == 0).alias("is_first"),
    )


def with_entry_kind(objects: DataFrame) -> DataFrame:
    """Objects with `is_entry`, `content` (of an entry) and `entry_kind` (NULL for other objects)."""
    is_entry = fn.col("at").isNotNull() & fn.col("kind").isin(*PLAYLIST_KINDS)
    entry = fn.col("entry")
    is_null = has_null_content(fn.col("value"), fn.col("entries_path"), fn.col("at"))
    return objects.select(
        "*",
        is_entry.alias("is_entry"),
        content_of(entry).alias("content"),
        fn.when(is_entry, kind_of_entry(entry, is_null)).alias("entry_kind"),
    ).drop("value")


def album_shape(track: str, **details: str) -> str:
    """An album with the first page of its tracks."""
    return struct(tracks=struct(items=array(track)), **details)
