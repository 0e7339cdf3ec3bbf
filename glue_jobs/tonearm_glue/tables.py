"""The songs job's three tables, its quarantine and its counts, from the rows of song_mentions."""


from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as fn

from tonearm_glue import entries as e
from tonearm_glue.contract import SONGS
from tonearm_glue.manifest import SAVED_TRACKS_ID, RawManifest
from tonearm_glue.winners import one_row_per_key

_MANIFEST_SHAPE = (
    "playlist_id string, read_key string, api_total int, snapshot_id string, is_consistent boolean"
)
_COUNTED_KINDS = {
    "songs": e.SONG,
    "episodes": e.EPISODE,
    "local_files": e.LOCAL_FILE,
    "unavailable": e.UNAVAILABLE,
    "malformed": e.MALFORMED,
}


def listed_playlists(spark: SparkSession, manifest: RawManifest) -> DataFrame:
    """The manifest's playlists as a table."""
    rows = [
        (one.playlist_id, one.read_key, one.api_total, one.snapshot_id, one.is_consistent)
        for one in manifest.playlists
    ]
    return spark.createDataFrame(rows, _MANIFEST_SHAPE)


def entry_rows(mentions: DataFrame, playlists: DataFrame) -> DataFrame:
    """One row per accepted playlist entry."""
    accepted = mentions.where(fn.col("is_entry") & (fn.col("entry_kind") != e.MALFORMED))
    return accepted.join(fn.broadcast(playlists), "read_key")


def song_rows(mentions: DataFrame) -> DataFrame:
    """One row per track, the winning copy, with `mentions`."""
    songs = mentions.where(fn.col("entry_kind") == e.SONG)
    return one_row_per_key(songs, SONGS)


def playlist_rows(mentions: DataFrame, playlists: DataFrame) -> DataFrame:
    """One row per listed playlist with its counts; `extracted_at` is NULL when it has no line."""
    of_playlist = mentions.where(fn.col("is_playlist_line") & fn.col("is_chosen"))
    newest = fn.struct(
        fn.col("details").isNotNull().alias("is_described"), "extracted_at", "details"
    )
    counted = of_playlist.groupBy("read_key").agg(
        *(
            _count(fn.col("is_entry") & (fn.col("entry_kind") == kind)).alias(name)
            for name, kind in _COUNTED_KINDS.items()
            if name != "malformed"
        ),
        _count(fn.col("quarantined_for") == "playlist_entries").alias("malformed"),
        fn.max(newest).alias("newest"),
        fn.min("extracted_at").alias("first_at"),
    )
    described = playlists.join(counted, "read_key", "left").select(
        "*",
        "newest.details.*",
        fn.when(fn.col("newest.is_described"), fn.col("newest.extracted_at"))
        .otherwise(fn.col("first_at"))
        .alias("extracted_at"),
    )
    return described.transform(_with_saved_tracks_named)


def _with_saved_tracks_named(playlists: DataFrame) -> DataFrame:
    is_saved = fn.col("playlist_id") == SAVED_TRACKS_ID
    return playlists.withColumns(
        {
            "name": fn.when(is_saved, "Liked Songs").otherwise(fn.col("name")),
            "uri": fn.when(is_saved, "spotify:collection:tracks").otherwise(fn.col("uri")),
            **{name: fn.coalesce(fn.col(name), fn.lit(0)).cast("int") for name in _COUNTED_KINDS},
        }
    )


def _count(claim: Column) -> Column:
    return fn.count_if(claim)
