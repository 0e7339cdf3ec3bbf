"""Runs whose staged rows, columns or quarantine were spoilt."""

from datetime import date, datetime

import pyarrow as pa

from tests.lambdas.publish_run.spoilt import (
    ALBUM_FILE,
    QUARANTINE_FILE,
    SONG_FILE,
    STAGED,
    Case,
    retype,
    set_all,
    set_row,
    with_extra,
    without,
)
from tests.lambdas.publish_run.staged_run import RUN_ID, full_row, parquet_bytes
from tonearm_glue.contract import ALBUMS, QUARANTINE, SONGS
from tonearm_pipeline.errors import AuditError

_OTHER_DATE = date(2026, 11, 21)

CASES = (
    Case(
        "staged file missing",
        AuditError,
        "staged albums: rows: expected 11, found 0",
        files=lambda files: files.pop(ALBUM_FILE),
    ),
    Case(
        "staged file of an earlier try",
        AuditError,
        "staged albums: rows: expected 11, found 22",
        files=lambda files: files.update(
            {f"{STAGED}/albums/part-00000-older.snappy.parquet": files[ALBUM_FILE]}
        ),
    ),
    Case(
        "staged file packed with a codec that the layer lacks",
        AuditError,
        f"schema albums {ALBUM_FILE}: file: expected columns packed with snappy, found zstd",
        files=lambda files: files.update(
            {ALBUM_FILE: parquet_bytes(ALBUMS, [full_row(ALBUMS)], codec="zstd")}
        ),
    ),
    Case(
        "quarantine packed with a codec that the layer lacks",
        AuditError,
        f"schema playlist_entries {QUARANTINE_FILE}: file: expected columns packed with snappy, "
        "found brotli",
        files=lambda files: files.update(
            {QUARANTINE_FILE: parquet_bytes(QUARANTINE, [], codec="brotli")}
        ),
    ),
    Case(
        "extra row",
        AuditError,
        f"staged songs {SONG_FILE}: rows: expected 12, found 13",
        rows=lambda run: run.rows["songs"].append(full_row(SONGS, track_id="one more")),
    ),
    Case(
        "row missing",
        AuditError,
        f"staged songs {SONG_FILE}: rows: expected 12, found 11",
        rows=lambda run: run.rows["songs"].pop(),
    ),
    Case(
        "row doubled in place of another",
        AuditError,
        "keys albums: distinct keys: expected 11, found 10",
        rows=lambda run: set_row(run, "albums", 3, album_id="album-4"),
    ),
    Case(
        "two entries at one position",
        AuditError,
        "keys playlist_entries: distinct keys: expected 30, found 29",
        rows=lambda run: set_row(run, "playlist_entries", 3, position=4),
    ),
    Case(
        "entry in the wrong playlist",
        AuditError,
        "staged playlist_entries playlist-a: rows of songs: expected 12, found 11",
        rows=lambda run: set_row(run, "playlist_entries", 0, playlist_id="playlist-b", position=99),
    ),
    Case(
        "entry of a playlist nobody read",
        AuditError,
        "staged playlist_entries stranger: rows: expected none, found some",
        rows=lambda run: set_row(run, "playlist_entries", 0, playlist_id="stranger"),
    ),
    Case(
        "song turned into an episode",
        AuditError,
        "staged playlist_entries playlist-a: rows of songs: expected 12, found 11",
        rows=lambda run: set_row(run, "playlist_entries", 0, entry_kind="episode"),
    ),
    Case(
        "kind nobody knows",
        AuditError,
        "staged playlist_entries playlist-a: rows of songs: expected 12, found 11",
        rows=lambda run: set_row(run, "playlist_entries", 0, entry_kind="audiobook"),
    ),
    Case(
        "playlist row states another total",
        AuditError,
        "staged playlists playlist-b: api_total: expected 15, found 99",
        rows=lambda run: set_row(run, "playlists", 1, api_total=99),
    ),
    Case(
        "number written as text",
        AuditError,
        f"schema songs {SONG_FILE}: type of popularity: expected int32, found string",
        files=lambda files: retype(files, "popularity", pa.string(), "7"),
    ),
    Case(
        "time without UTC",
        AuditError,
        f"schema songs {SONG_FILE}: type of extracted_at: expected timestamp[us, tz=UTC], "
        "found timestamp[us]",
        files=lambda files: retype(
            files,
            "extracted_at",
            pa.timestamp("us"),
            datetime(2026, 11, 22),  # noqa: DTZ001
        ),
    ),
    Case(
        "credits without ids",
        AuditError,
        f"schema songs {SONG_FILE}: type of artists: "
        "expected list<struct<artist_id: string, name: string>>, found list<string>",
        files=lambda files: retype(files, "artists", pa.list_(pa.string()), ["Somebody"]),
    ),
    Case(
        "column missing",
        AuditError,
        f"schema songs {SONG_FILE}: type of isrc: expected string, found no such column",
        files=lambda files: without(files, "isrc"),
    ),
    Case(
        "column nobody agreed on",
        AuditError,
        f"schema songs {SONG_FILE}: type of mood: expected no such column, found string",
        files=with_extra,
    ),
    Case(
        "Parquet file cut",
        AuditError,
        f"schema albums {ALBUM_FILE}: file: expected a Parquet file",
        files=lambda files: files.update({ALBUM_FILE: files[ALBUM_FILE][:-10]}),
    ),
    Case(
        "key NULL in one row",
        AuditError,
        "nulls albums: NULLs in album_id: expected 0, found 1",
        rows=lambda run: set_row(run, "albums", 0, album_id=None),
    ),
    Case(
        "key NULL in all rows",
        AuditError,
        "nulls songs: NULLs in track_id: expected 0, found 12",
        rows=lambda run: set_all(run, "songs", track_id=None),
    ),
    Case(
        "required column NULL",
        AuditError,
        "nulls artists: NULLs in extracted_at: expected 0, found 10",
        rows=lambda run: set_all(run, "artists", extracted_at=None),
    ),
    Case(
        "optional column lost its values",
        AuditError,
        "nulls songs: NULLs in name: expected 0, found 12",
        rows=lambda run: set_all(run, "songs", name=None),
    ),
    Case(
        "rows of another run",
        AuditError,
        f"keys artists: values of run_id: expected ['{RUN_ID}'], found ['another']",
        rows=lambda run: set_all(run, "artists", run_id="another"),
    ),
    Case(
        "rows of another attempt",
        AuditError,
        "keys artists: values of attempt: expected ['1'], found ['2']",
        rows=lambda run: set_all(run, "artists", attempt=2),
    ),
    Case(
        "one row of another date",
        AuditError,
        "keys albums: values of snapshot_date: expected ['2026-11-22'], "
        "found ['2026-11-21', '2026-11-22']",
        rows=lambda run: set_row(run, "albums", 0, snapshot_date=_OTHER_DATE),
    ),
    Case(
        "quarantine file missing",
        AuditError,
        "quarantine playlist_entries: rows: expected 1, found 0",
        files=lambda files: files.pop(QUARANTINE_FILE),
    ),
    Case(
        "quarantined row nobody counted",
        AuditError,
        "quarantine playlist_entries: rows: expected 1, found 2",
        rows=lambda run: run.quarantine["playlist_entries"].append(
            {**run.quarantine["playlist_entries"][0], "entry": 99}
        ),
    ),
    Case(
        "quarantined row without a reason",
        AuditError,
        "nulls quarantine of playlist_entries: NULLs in reason_code: expected 0, found 1",
        rows=lambda run: run.quarantine["playlist_entries"][0].update(reason_code=None),
    ),
)
