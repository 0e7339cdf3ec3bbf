"""The songs job's tables from the rows of song_mentions."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as fn

from tonearm_glue import entries as e
from tonearm_glue.contract import SONGS
from tonearm_glue.manifest import SAVED_TRACKS_ID
from tonearm_glue.winners import one_row_per_key

_SAVED_TRACKS = {"name": "Liked Songs", "uri": "spotify:collection:tracks"}
_KINDS = {
    "songs": e.SONG,
    "episodes": e.EPISODE,
    "local_files": e.LOCAL_FILE,
    "unavailable": e.UNAVAILABLE,
}


def entry_rows(mentions: DataFrame) -> DataFrame:
    """One row per accepted playlist entry."""
    return mentions.where(is_accepted_entry())


def is_accepted_entry() -> Column:
    """Whether a mention is a playlist entry that is not malformed."""
    return fn.col("is_entry") & (fn.col("entry_kind") != e.MALFORMED)


def song_rows(mentions: DataFrame) -> DataFrame:
    """One row per track, the winning copy, with `mentions`."""
    return one_row_per_key(mentions.where(fn.col("entry_kind") == e.SONG), SONGS)


def playlist_rows(mentions: DataFrame, listed: DataFrame) -> DataFrame:
    """One row per listed playlist with its counts; `extracted_at` is NULL when it has no line.

    What a playlist is called comes from its newest line of kind `playlist`; saved tracks have none.
    """
    counts = {name: _count(fn.col("entry_kind") == kind) for name, kind in _KINDS.items()}
    described = fn.when(fn.col("details").isNotNull(), fn.struct("extracted_at", "details"))
    of_playlists = mentions.where(fn.col("is_playlist_line") & fn.col("is_chosen"))
    counted = of_playlists.groupBy("read_key").agg(
        *(count.alias(name) for name, count in counts.items()),
        _count(fn.col("quarantined_for") == "playlist_entries").alias("malformed"),
        # One or two, and a list lets Spark group by a hash table.
        fn.array_max(fn.collect_list(described)).alias("newest"),
        fn.min("extracted_at").alias("first_at"),
    )
    extracted_at = fn.coalesce("newest.extracted_at", "first_at").alias("extracted_at")
    return (
        listed.join(counted, "read_key", "left")
        .select("*", "newest.details.*", extracted_at)
        .withColumns({name: fn.coalesce(name, fn.lit(0)) for name in (*counts, "malformed")})
        .withColumns({name: _unless_saved(name, text) for name, text in _SAVED_TRACKS.items()})
    )


def lost_playlists(playlists: DataFrame, manifest_key: str) -> DataFrame:
    """Quarantine rows of listed playlists without a line; they point to the manifest itself."""
    return playlists.where(fn.col("extracted_at").isNull()).select(
        "playlist_id",
        "extracted_at",
        fn.lit(e.PLAYLIST_WITHOUT_PAGES).alias("reason_code"),
        fn.lit(manifest_key).alias("raw_key"),
        fn.lit(0).alias("line"),
        fn.lit(None).alias("entry"),
        fn.lit(0).alias("occurrence"),
    )


def _count(claim: Column) -> Column:
    return fn.count_if(claim).cast("int")


def _unless_saved(column: str, text: str) -> Column:
    return fn.when(fn.col("playlist_id") == SAVED_TRACKS_ID, text).otherwise(fn.col(column))
