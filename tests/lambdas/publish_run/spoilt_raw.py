"""Runs whose raw pages, counts or playlists were spoilt."""

from tests.lambdas.publish_run.spoilt import (
    RAW,
    SONG_COUNTS,
    SONG_FILE,
    STAGED,
    Case,
    add_to,
    double_line,
    drop_page,
    drop_read_and_rows,
    edit,
    flip,
    put,
)
from tonearm_pipeline.errors import AuditError, RawCorruptError

CASES = (
    Case(
        "raw part missing",
        RawCorruptError,
        f"raw {RAW}1.json.gz: object: expected present, found missing",
        files=lambda files: files.pop(f"{RAW}1.json.gz"),
    ),
    Case(
        "gzip cut",
        RawCorruptError,
        f"raw {RAW}0.json.gz: bytes",
        files=lambda files: files.update({f"{RAW}0.json.gz": files[f"{RAW}0.json.gz"][:-5]}),
    ),
    Case("raw byte flipped", RawCorruptError, f"raw {RAW}1.json.gz: sha256", files=flip),
    Case("raw line doubled", RawCorruptError, f"raw {RAW}0.json.gz: ", files=double_line),
    Case(
        "raw part nobody wrote down",
        RawCorruptError,
        f"raw {RAW}2.json.gz: object: expected named by the manifest, found not named",
        files=lambda files: files.update({f"{RAW}2.json.gz": b"more"}),
    ),
    Case(
        "job met a corrupt line",
        RawCorruptError,
        "raw: corrupt lines (songs): expected 0, found 1",
        files=edit(SONG_COUNTS, put("corrupt_lines", 1)),
    ),
    Case(
        "count edited",
        AuditError,
        "counts songs: accepted + repeats + quarantined: expected 15, found 16",
        files=edit(SONG_COUNTS, add_to("songs", "accepted", 1)),
    ),
    Case(
        "count edited so that it adds up",
        AuditError,
        f"staged songs {SONG_FILE}: rows: expected 13, found 12",
        files=edit(
            SONG_COUNTS,
            lambda document: [
                add_to("songs", "accepted", 1)(document),
                add_to("songs", "repeats", -1)(document),
            ],
        ),
    ),
    Case(
        "counts missing",
        AuditError,
        "counts: lines of counts (albums): expected 1, found 0",
        files=lambda files: files.pop(f"{STAGED}/counts/albums/part-00000-x.json"),
    ),
    Case(
        "counts twice",
        AuditError,
        "counts: lines of counts (songs): expected 1, found 2",
        files=lambda files: files.update({SONG_COUNTS: files[SONG_COUNTS] * 2}),
    ),
    Case(
        "counts cut",
        AuditError,
        "counts: job: expected songs, found None",
        files=lambda files: files.update({SONG_COUNTS: files[SONG_COUNTS][:40]}),
    ),
    Case(
        "counts of another job",
        AuditError,
        "counts: job: expected songs, found albums",
        files=edit(SONG_COUNTS, put("job", "albums")),
    ),
    Case(
        "job read a line too few",
        AuditError,
        "counts: raw lines (songs): expected 3, found 2",
        files=edit(SONG_COUNTS, put("raw_lines", 2)),
    ),
    Case(
        "job of another contract",
        AuditError,
        "counts: contract version (songs): expected 1, found 0",
        files=edit(SONG_COUNTS, put("contract_version", 0)),
    ),
    Case(
        "page dropped by the extract",
        AuditError,
        "playlists playlist-a: entries collected: expected 16, found 11",
        rows=drop_page,
    ),
    Case(
        "page dropped before the job",
        AuditError,
        "playlists playlist-a: entries classified: expected 16, found 15",
        rows=drop_read_and_rows,
    ),
    Case(
        "playlist not counted",
        AuditError,
        "playlists playlist-b: entries: expected 15, found none",
        files=edit(SONG_COUNTS, lambda document: document["playlists"].pop(1)),
    ),
    Case(
        "playlist counted that nobody read",
        AuditError,
        "playlists playlist-b: playlist read: expected none, found counted",
        rows=lambda run: run.manifest["playlists"].pop(1),
    ),
)
