"""The songs job: songs, playlist entries and playlists from one pass over a run's raw lines."""

from pyspark import StorageLevel
from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as fn

from tonearm_glue import entries as e
from tonearm_glue.arguments import JobArgs
from tonearm_glue.contract import PLAYLIST_ENTRIES, PLAYLISTS, SONGS
from tonearm_glue.lines import chosen_lines, numbered_lines, parsed_lines
from tonearm_glue.manifest import RawManifest, read_manifest
from tonearm_glue.output import EntityCounts, JobCounts, write_counts, write_quarantine, write_table
from tonearm_glue.session import job_session
from tonearm_glue.song_mentions import BODIES, song_mentions
from tonearm_glue.tables import entry_rows, listed_playlists, playlist_rows, song_rows


def run(args: JobArgs) -> None:
    """Read, transform and write; see `JobCounts` for what is counted."""
    spark = job_session("songs")
    manifest = read_manifest(spark, args.manifest)
    listed = listed_playlists(spark, manifest)
    lines = parsed_lines(numbered_lines(spark, args), BODIES)
    mentions = song_mentions(chosen_lines(lines, manifest)).persist(StorageLevel.MEMORY_AND_DISK)
    counts = JobCounts("songs")
    _write_songs(mentions, args, counts)
    _write_entries(mentions, listed, args, counts)
    _write_playlists(mentions, listed, manifest, args, counts)
    for entity in ("raw", "playlist_entries", "songs"):
        if counts.quarantine_rows[entity]:
            write_quarantine(_quarantined(mentions, listed, entity), entity, args)
    write_counts(spark, counts, args)
    mentions.unpersist()


def _write_songs(mentions: DataFrame, args: JobArgs, counts: JobCounts) -> None:
    """Songs first: their shuffle fills the cache at full width."""
    totals = Observation()
    songs = song_rows(mentions).observe(
        totals,
        fn.coalesce(fn.sum("mentions"), fn.lit(0)).alias("mentions"),
        fn.count("*").alias("n"),
    )
    counts.field_presence["songs"] = write_table(songs, SONGS, args)
    seen = totals.get
    counts.entities["songs"] = EntityCounts(seen["mentions"], seen["n"], 0)


def _write_entries(
    mentions: DataFrame, listed: DataFrame, args: JobArgs, counts: JobCounts
) -> None:
    totals = Observation()
    quarantined = {
        name: fn.count_if(fn.col("quarantined_for") == name).alias(name)
        for name in ("raw", "playlist_entries", "songs")
    }
    watched = mentions.observe(
        totals,
        fn.count_if("is_first").alias("lines"),
        fn.count_if(fn.col("is_first") & ~fn.col("is_chosen")).alias("unused"),
        fn.count_if(fn.col("is_entry") & (fn.col("entry_kind") != e.MALFORMED)).alias("accepted"),
        *quarantined.values(),
    )
    rows = entry_rows(watched, listed).coalesce(1)
    counts.field_presence["playlist_entries"] = write_table(rows, PLAYLIST_ENTRIES, args)
    seen = totals.get
    counts.raw_lines, counts.corrupt_lines = seen["lines"], seen["raw"]
    counts.ignored_lines = seen["unused"] - seen["raw"]
    counts.quarantine_rows = {name: seen[name] for name in quarantined}
    refused = seen["playlist_entries"]
    counts.entities["playlist_entries"] = EntityCounts(
        seen["accepted"] + refused, seen["accepted"], refused
    )
    songs = counts.entities["songs"]
    counts.entities["songs"] = EntityCounts(
        songs.read + seen["songs"], songs.accepted, seen["songs"]
    )


def _write_playlists(
    mentions: DataFrame,
    listed: DataFrame,
    manifest: RawManifest,
    args: JobArgs,
    counts: JobCounts,
) -> None:
    playlists = playlist_rows(mentions, listed).persist()
    known = playlists.where(fn.col("extracted_at").isNotNull())
    counts.field_presence["playlists"] = write_table(known.coalesce(1), PLAYLISTS, args)
    lost = playlists.where(fn.col("extracted_at").isNull())
    shown = (
        "playlist_id",
        "api_total",
        "songs",
        "episodes",
        "local_files",
        "unavailable",
        "malformed",
        "is_consistent",
    )
    counts.playlists = [
        row.asDict() for row in playlists.select(*shown).orderBy("playlist_id").collect()
    ]
    n_lost = lost.count()
    counts.entities["playlists"] = EntityCounts(
        len(manifest.playlists) + manifest.repeated_playlists,
        len(manifest.playlists) - n_lost,
        n_lost,
    )
    counts.quarantine_rows["playlists"] = n_lost


def _quarantined(mentions: DataFrame, listed: DataFrame, entity: str) -> DataFrame:
    rows = mentions.where(fn.col("quarantined_for") == entity)
    return rows.join(fn.broadcast(listed.select("read_key", "playlist_id")), "read_key", "left")
