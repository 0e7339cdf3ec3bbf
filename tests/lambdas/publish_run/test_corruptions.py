"""One sound run, spoilt in one place at a time: each is caught, and nothing is published."""

import gzip
import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple

import pyarrow as pa
import pytest

from publish_run.publishing import Publishing
from publish_run.request import PublishRequest
from tests.lambdas.local_aws import BUCKET
from tests.lambdas.publish_run.staged_run import (
    RUN_ID,
    StagedRun,
    all_objects,
    arrow_schema,
    full_row,
    parquet_bytes,
)
from tonearm_glue.contract import SONGS
from tonearm_pipeline.errors import AuditError, DataError, RawCorruptError
from tonearm_pipeline.json_store import JsonStore, as_json

Files = dict[str, bytes]

RAW = f"raw/{RUN_ID}/pages/part-0000"
STAGED = f"staged/{RUN_ID}/1"
ALBUM_FILE = f"{STAGED}/albums/part-00000-x.zstd.parquet"
SONG_FILE = f"{STAGED}/songs/part-00000-x.zstd.parquet"
ENTRY_FILE = f"{STAGED}/playlist_entries/part-00000-x.zstd.parquet"
QUARANTINE_FILE = f"{STAGED}/quarantine/playlist_entries/part-00000-x.zstd.parquet"
SONG_COUNTS = f"{STAGED}/counts/songs/part-00000-x.json"


class Case(NamedTuple):
    """A spoilt run: `rows` changes rows before files are written, `files` the files themselves."""

    id: str
    error: type[DataError]
    told: str
    rows: Callable[[StagedRun], Any] = lambda run: None
    files: Callable[[Files], Any] = lambda files: None


def _edit(key: str, change: Callable[[Any], Any]) -> Callable[[Files], None]:
    def edit(files: Files) -> None:
        document = json.loads(files[key])
        change(document)
        files[key] = as_json(document) + b"\n"

    return edit


def _set(run: StagedRun, name: str, number: int, **values: Any) -> None:
    run.rows[name][number] = {**run.rows[name][number], **values}


def _set_all(run: StagedRun, name: str, /, **values: Any) -> None:
    run.rows[name] = [{**row, **values} for row in run.rows[name]]


def _retype(files: Files, column: str, kind: pa.DataType, value: Any) -> None:
    schema = arrow_schema(SONGS)
    at = schema.get_field_index(column)
    rows = [{**full_row(SONGS, track_id=f"song-{number}"), column: value} for number in range(12)]
    files[SONG_FILE] = parquet_bytes(SONGS, rows, schema.set(at, pa.field(column, kind)))


def _without(files: Files, column: str) -> None:
    schema = arrow_schema(SONGS)
    rows = [full_row(SONGS, track_id=f"song-{number}") for number in range(12)]
    narrow = schema.remove(schema.get_field_index(column))
    files[SONG_FILE] = parquet_bytes(SONGS, rows, narrow)


def _with_extra(files: Files) -> None:
    rows = [full_row(SONGS, track_id=f"song-{number}", mood="glad") for number in range(12)]
    wide = arrow_schema(SONGS).append(pa.field("mood", pa.string()))
    files[SONG_FILE] = parquet_bytes(SONGS, rows, wide)


def _double_line(files: Files) -> None:
    lines = gzip.decompress(files[f"{RAW}0.json.gz"]).splitlines(keepends=True)
    files[f"{RAW}0.json.gz"] = gzip.compress(b"".join([lines[0], *lines]), mtime=0)


def _flip(files: Files) -> None:
    body = bytearray(files[f"{RAW}1.json.gz"])
    body[-1] ^= 1
    files[f"{RAW}1.json.gz"] = bytes(body)


def _drop_page(run: StagedRun) -> None:
    run.manifest["playlists"][0]["collected"] -= 5


def _drop_read_and_rows(run: StagedRun) -> None:
    # The extract believed its own short read, but the playlist said how many there are.
    run.rows["playlist_entries"].pop(0)
    run.counts["songs"]["entities"]["playlist_entries"]["accepted"] -= 1
    run.counts["songs"]["entities"]["playlist_entries"]["read"] -= 1
    run.counts["songs"]["playlists"][0]["songs"] -= 1
    run.counts["songs"]["field_presence"] = {}


def _add_to(name: str, figure: str, amount: int) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        document["entities"][name][figure] += amount

    return change


def _put(field: str, value: Any) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        document[field] = value

    return change


_OTHER_DATE = date(2026, 11, 21)

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
    Case("raw byte flipped", RawCorruptError, f"raw {RAW}1.json.gz: sha256", files=_flip),
    Case("raw line doubled", RawCorruptError, f"raw {RAW}0.json.gz: ", files=_double_line),
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
        files=_edit(SONG_COUNTS, _put("corrupt_lines", 1)),
    ),
    Case(
        "count edited",
        AuditError,
        "counts songs: accepted + repeats + quarantined: expected 15, found 16",
        files=_edit(SONG_COUNTS, _add_to("songs", "accepted", 1)),
    ),
    Case(
        "count edited so that it adds up",
        AuditError,
        f"staged songs {SONG_FILE}: rows: expected 13, found 12",
        files=_edit(
            SONG_COUNTS,
            lambda document: [
                _add_to("songs", "accepted", 1)(document),
                _add_to("songs", "repeats", -1)(document),
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
        files=_edit(SONG_COUNTS, _put("job", "albums")),
    ),
    Case(
        "job read a line too few",
        AuditError,
        "counts: raw lines (songs): expected 3, found 2",
        files=_edit(SONG_COUNTS, _put("raw_lines", 2)),
    ),
    Case(
        "job of another contract",
        AuditError,
        "counts: contract version (songs): expected 1, found 0",
        files=_edit(SONG_COUNTS, _put("contract_version", 0)),
    ),
    Case(
        "page dropped by the extract",
        AuditError,
        "playlists playlist-a: entries collected: expected 16, found 11",
        rows=_drop_page,
    ),
    Case(
        "page dropped before the job",
        AuditError,
        "playlists playlist-a: entries classified: expected 16, found 15",
        rows=_drop_read_and_rows,
    ),
    Case(
        "playlist not counted",
        AuditError,
        "playlists playlist-b: entries: expected 15, found none",
        files=_edit(SONG_COUNTS, lambda document: document["playlists"].pop(1)),
    ),
    Case(
        "playlist counted that nobody read",
        AuditError,
        "playlists playlist-b: playlist read: expected none, found counted",
        rows=lambda run: run.manifest["playlists"].pop(1),
    ),
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
            {f"{STAGED}/albums/part-00000-older.zstd.parquet": files[ALBUM_FILE]}
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
        rows=lambda run: _set(run, "albums", 3, album_id="album-4"),
    ),
    Case(
        "two entries at one position",
        AuditError,
        "keys playlist_entries: distinct keys: expected 30, found 29",
        rows=lambda run: _set(run, "playlist_entries", 3, position=4),
    ),
    Case(
        "entry in the wrong playlist",
        AuditError,
        "staged playlist_entries playlist-a: rows of songs: expected 12, found 11",
        rows=lambda run: _set(run, "playlist_entries", 0, playlist_id="playlist-b", position=99),
    ),
    Case(
        "entry of a playlist nobody read",
        AuditError,
        "staged playlist_entries stranger: rows: expected none, found some",
        rows=lambda run: _set(run, "playlist_entries", 0, playlist_id="stranger"),
    ),
    Case(
        "song turned into an episode",
        AuditError,
        "staged playlist_entries playlist-a: rows of songs: expected 12, found 11",
        rows=lambda run: _set(run, "playlist_entries", 0, entry_kind="episode"),
    ),
    Case(
        "kind nobody knows",
        AuditError,
        "staged playlist_entries playlist-a: rows of songs: expected 12, found 11",
        rows=lambda run: _set(run, "playlist_entries", 0, entry_kind="audiobook"),
    ),
    Case(
        "playlist row states another total",
        AuditError,
        "staged playlists playlist-b: api_total: expected 15, found 99",
        rows=lambda run: _set(run, "playlists", 1, api_total=99),
    ),
    Case(
        "number written as text",
        AuditError,
        f"schema songs {SONG_FILE}: type of popularity: expected int32, found string",
        files=lambda files: _retype(files, "popularity", pa.string(), "7"),
    ),
    Case(
        "time without UTC",
        AuditError,
        f"schema songs {SONG_FILE}: type of extracted_at: expected timestamp[us, tz=UTC], "
        "found timestamp[us]",
        files=lambda files: _retype(
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
        files=lambda files: _retype(files, "artists", pa.list_(pa.string()), ["Somebody"]),
    ),
    Case(
        "column missing",
        AuditError,
        f"schema songs {SONG_FILE}: type of isrc: expected string, found no such column",
        files=lambda files: _without(files, "isrc"),
    ),
    Case(
        "column nobody agreed on",
        AuditError,
        f"schema songs {SONG_FILE}: type of mood: expected no such column, found string",
        files=_with_extra,
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
        rows=lambda run: _set(run, "albums", 0, album_id=None),
    ),
    Case(
        "key NULL in all rows",
        AuditError,
        "nulls songs: NULLs in track_id: expected 0, found 12",
        rows=lambda run: _set_all(run, "songs", track_id=None),
    ),
    Case(
        "required column NULL",
        AuditError,
        "nulls artists: NULLs in extracted_at: expected 0, found 10",
        rows=lambda run: _set_all(run, "artists", extracted_at=None),
    ),
    Case(
        "optional column lost its values",
        AuditError,
        "nulls songs: NULLs in name: expected 0, found 12",
        rows=lambda run: _set_all(run, "songs", name=None),
    ),
    Case(
        "rows of another run",
        AuditError,
        f"keys artists: values of run_id: expected ['{RUN_ID}'], found ['another']",
        rows=lambda run: _set_all(run, "artists", run_id="another"),
    ),
    Case(
        "rows of another attempt",
        AuditError,
        "keys artists: values of attempt: expected ['1'], found ['2']",
        rows=lambda run: _set_all(run, "artists", attempt=2),
    ),
    Case(
        "one row of another date",
        AuditError,
        "keys albums: values of snapshot_date: expected ['2026-11-22'], "
        "found ['2026-11-21', '2026-11-22']",
        rows=lambda run: _set(run, "albums", 0, snapshot_date=_OTHER_DATE),
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


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_a_spoilt_run_is_caught_and_nothing_is_published(
    publishing: Publishing, store: JsonStore, case: Case
) -> None:
    run = StagedRun.small()
    case.rows(run)
    files = run.files()
    case.files(files)
    for key, body in files.items():
        store.s3.put_object(Bucket=BUCKET, Key=key, Body=body)

    with pytest.raises(case.error) as caught:
        publishing.run(PublishRequest.from_event(run.event()))

    assert case.told in str(caught.value)
    assert str(caught.value).endswith("nothing was published")
    assert all_objects(store) == files
