"""The songs job: songs, playlist entries and playlists from one pass over a run's raw lines."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as fn

from tonearm_glue.arguments import JobArgs
from tonearm_glue.contract import PLAYLIST_ENTRIES, PLAYLISTS, SONGS
from tonearm_glue.lines import chosen_lines, parsed_lines
from tonearm_glue.manifest import RawManifest, listed_playlists, read_manifest
from tonearm_glue.output import EntityCounts, JobCounts, write_counts, write_quarantine, write_table
from tonearm_glue.plain import is_large, mentions_of_run
from tonearm_glue.session import file_count, job_session, kept, set_shuffle_width
from tonearm_glue.song_mentions import BODIES, PLAIN, song_mentions
from tonearm_glue.tables import (
    entry_rows,
    is_accepted_entry,
    lost_playlists,
    playlist_rows,
    song_rows,
)

_SHOWN = (
    "playlist_id",
    "api_total",
    "songs",
    "episodes",
    "local_files",
    "unavailable",
    "malformed",
    "is_consistent",
)
_QUARANTINED = ("raw", "playlist_entries", "songs")


def run(args: JobArgs) -> None:
    """Read, transform and write; see `JobCounts` for what is counted."""
    spark = job_session("songs")
    manifest = read_manifest(spark, args.manifest)
    set_shuffle_width(spark, manifest.part_bytes)
    files = file_count(manifest.part_bytes)
    listed = listed_playlists(spark, manifest)

    with ExitStack() as keeping:

        def usual(lines: DataFrame) -> DataFrame:
            chosen = chosen_lines(parsed_lines(lines, BODIES), manifest, listed)
            return keeping.enter_context(kept(song_mentions(chosen)))

        mentions = keeping.enter_context(
            mentions_of_run(spark, args, manifest, listed, plain=PLAIN, usual=usual)
        )
        playlists = playlist_rows(mentions, listed)
        counts = JobCounts("songs")
        # A large run is read by now, and a table that fits one file is written by one task.
        with ThreadPoolExecutor(2 if is_large(manifest) else 1) as pool:
            written = [
                pool.submit(write, mentions, args, counts, files)
                for write in (_write_songs, _write_entries)
            ]
        for table in written:
            table.result()
        _count_refused_songs(counts)
        _write_playlists(playlists, manifest, args, counts)
        _write_quarantine(mentions, playlists, args, counts)
        write_counts(spark, counts, args)


def _write_songs(mentions: DataFrame, args: JobArgs, counts: JobCounts, files: int) -> None:
    """Songs first: their shuffle fills the cache at full width."""
    totals = Observation()
    read = fn.coalesce(fn.sum("mentions"), fn.lit(0))
    songs = song_rows(mentions).observe(totals, read.alias("read"), fn.count("*").alias("accepted"))
    counts.field_presence["songs"] = write_table(songs, SONGS, args, files)
    counts.entities["songs"] = EntityCounts(**totals.get, quarantined=0)


def _write_entries(mentions: DataFrame, args: JobArgs, counts: JobCounts, files: int) -> None:
    """Playlist entries, and on the same pass the counts of all rows."""
    totals = Observation()
    watched = mentions.observe(
        totals,
        fn.count_if("is_first").alias("lines"),
        fn.count_if(fn.col("is_first") & ~fn.col("is_chosen")).alias("unused"),
        fn.count_if(is_accepted_entry()).alias("accepted"),
        *(fn.count_if(fn.col("quarantined_for") == name).alias(name) for name in _QUARANTINED),
    )
    rows = entry_rows(watched)
    counts.field_presence["playlist_entries"] = write_table(rows, PLAYLIST_ENTRIES, args, files)
    seen = totals.get
    counts.raw_lines, counts.corrupt_lines = seen["lines"], seen["raw"]
    counts.ignored_lines = seen["unused"] - seen["raw"]
    counts.quarantine_rows |= {name: seen[name] for name in _QUARANTINED}
    counts.entities["playlist_entries"] = EntityCounts(
        seen["accepted"] + seen["playlist_entries"], seen["accepted"], seen["playlist_entries"]
    )


def _count_refused_songs(counts: JobCounts) -> None:
    """Refused songs were read, too; they are counted with the entries."""
    songs, refused = counts.entities["songs"], counts.quarantine_rows["songs"]
    counts.entities["songs"] = EntityCounts(songs.read + refused, songs.accepted, refused)


def _write_playlists(
    playlists: DataFrame, manifest: RawManifest, args: JobArgs, counts: JobCounts
) -> None:
    """Playlists that have a line, and the counts of every listed one."""
    totals = Observation()
    is_there = fn.col("extracted_at").isNotNull()
    watched = playlists.observe(
        totals,
        fn.collect_list(fn.struct(*_SHOWN)).alias("shown"),
        fn.count_if(is_there).alias("accepted"),
    )
    counts.field_presence["playlists"] = write_table(watched.where(is_there), PLAYLISTS, args)
    seen = totals.get
    counts.playlists = sorted(
        (row.asDict() for row in seen["shown"]), key=lambda row: str(row["playlist_id"])
    )
    lost = len(manifest.playlists) - seen["accepted"]
    counts.entities["playlists"] = EntityCounts(
        len(manifest.playlists) + manifest.repeated_playlists, seen["accepted"], lost
    )
    counts.quarantine_rows["playlists"] = lost


def _write_quarantine(
    mentions: DataFrame, playlists: DataFrame, args: JobArgs, counts: JobCounts
) -> None:
    """The refused rows of each entity that has any."""
    for entity in _QUARANTINED:
        if counts.quarantine_rows[entity]:
            write_quarantine(mentions.where(fn.col("quarantined_for") == entity), entity, args)
    if counts.quarantine_rows["playlists"]:
        write_quarantine(lost_playlists(playlists, args.manifest_key), "playlists", args)
