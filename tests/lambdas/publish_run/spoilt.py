"""How a run is spoilt: a case changes rows before files are written, or the files."""

import gzip
import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pyarrow as pa

from tests.lambdas.publish_run.staged_run import (
    RUN_ID,
    StagedRun,
    arrow_schema,
    full_row,
    parquet_bytes,
)
from tonearm_glue.contract import SONGS
from tonearm_pipeline.errors import DataError
from tonearm_pipeline.json_store import as_json

Files = dict[str, bytes]

RAW = f"raw/{RUN_ID}/pages/part-0000"
STAGED = f"staged/{RUN_ID}/1"
ALBUM_FILE = f"{STAGED}/albums/part-00000-x.snappy.parquet"
SONG_FILE = f"{STAGED}/songs/part-00000-x.snappy.parquet"
QUARANTINE_FILE = f"{STAGED}/quarantine/playlist_entries/part-00000-x.snappy.parquet"
SONG_COUNTS = f"{STAGED}/counts/songs/part-00000-x.json"


class Case(NamedTuple):
    """A spoilt run: `rows` changes rows before files are written, `files` the files themselves."""

    id: str
    error: type[DataError]
    told: str
    rows: Callable[[StagedRun], Any] = lambda run: None
    files: Callable[[Files], Any] = lambda files: None


def edit(key: str, change: Callable[[Any], Any]) -> Callable[[Files], None]:
    def edit_file(files: Files) -> None:
        document = json.loads(files[key])
        change(document)
        files[key] = as_json(document) + b"\n"

    return edit_file


def set_row(run: StagedRun, name: str, number: int, **values: Any) -> None:
    run.rows[name][number] = {**run.rows[name][number], **values}


def set_all(run: StagedRun, name: str, /, **values: Any) -> None:
    run.rows[name] = [{**row, **values} for row in run.rows[name]]


def retype(files: Files, column: str, kind: pa.DataType, value: Any) -> None:
    schema = arrow_schema(SONGS)
    at = schema.get_field_index(column)
    rows = [{**full_row(SONGS, track_id=f"song-{number}"), column: value} for number in range(12)]
    files[SONG_FILE] = parquet_bytes(SONGS, rows, schema.set(at, pa.field(column, kind)))


def without(files: Files, column: str) -> None:
    schema = arrow_schema(SONGS)
    rows = [full_row(SONGS, track_id=f"song-{number}") for number in range(12)]
    narrow = schema.remove(schema.get_field_index(column))
    files[SONG_FILE] = parquet_bytes(SONGS, rows, narrow)


def with_extra(files: Files) -> None:
    rows = [full_row(SONGS, track_id=f"song-{number}", mood="glad") for number in range(12)]
    wide = arrow_schema(SONGS).append(pa.field("mood", pa.string()))
    files[SONG_FILE] = parquet_bytes(SONGS, rows, wide)


def double_line(files: Files) -> None:
    lines = gzip.decompress(files[f"{RAW}0.json.gz"]).splitlines(keepends=True)
    files[f"{RAW}0.json.gz"] = gzip.compress(b"".join([lines[0], *lines]), mtime=0)


def flip(files: Files) -> None:
    body = bytearray(files[f"{RAW}1.json.gz"])
    body[-1] ^= 1
    files[f"{RAW}1.json.gz"] = bytes(body)


def drop_page(run: StagedRun) -> None:
    run.manifest["playlists"][0]["collected"] -= 5


def drop_read_and_rows(run: StagedRun) -> None:
    # The extract believed its own short read, but the playlist said how many there are.
    run.rows["playlist_entries"].pop(0)
    run.counts["songs"]["entities"]["playlist_entries"]["accepted"] -= 1
    run.counts["songs"]["entities"]["playlist_entries"]["read"] -= 1
    run.counts["songs"]["playlists"][0]["songs"] -= 1
    run.counts["songs"]["field_presence"] = {}


def add_to(name: str, figure: str, amount: int) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        document["entities"][name][figure] += amount

    return change


def put(field: str, value: Any) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        document[field] = value

    return change
