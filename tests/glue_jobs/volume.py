"""A large raw run by size and seed: parts as the extraction writes them, odd entries as recorded.

Everything follows from the entry's number and the seed, so the first parts of a large run are a
smaller run (`first_entries`).
"""

import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from extract_spotify.raw_parts import MAX_PART_LINES
from tests.glue_jobs.raw_files import RUN_ID, RawRun, raw_line
from tonearm_pipeline.json_store import as_json

PAGE: Final = 50
ENTRIES_PER_PLAYLIST: Final = 10_000
ENTRIES_PER_PART: Final = PAGE * MAX_PART_LINES
# An album has ten songs, an artist three albums; half of all entries are a song's first one.
_SONGS_PER_ALBUM: Final = 10
_SONGS_PER_ARTIST: Final = 30
_PRIME: Final = 7919
_MARKETS: Final = [first + second for first in "ABCD" for second in "EGHIR"]
_WORDS: Final = (
    "Blue",
    "Night",
    "Été",
    "River",
    "東京",
    "Stone",
    "Love",
    "Машина",
    "Light",
    "Echo",
)
# Every so many entries one is: taken down, an episode, a local file, without a true release date.
_UNAVAILABLE, _EPISODE, _LOCAL_FILE, _UNDATED = 997, 89, 83, 71
_OLD_SHAPE_LISTS: Final = 4  # one list in so many has entries of the shape before 2026


class Volume(NamedTuple):
    """A large run: how many playlist entries, of which seed."""

    entries: int
    seed: int = 1


def write_volume(bucket: Path, volume: Volume) -> None:
    """Write a run of so many entries, a multiple of a page, under a bucket's folder."""
    (bucket / "raw" / RUN_ID / "pages").mkdir(parents=True)
    firsts = range(0, volume.entries, ENTRIES_PER_PART)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        parts = list(pool.map(_Part(bucket, volume), firsts, chunksize=8))
    _write_manifest(bucket, volume.entries, parts)


def first_entries(large: Path, bucket: Path, entries: int) -> None:
    """Make a smaller run of a large one's first parts, by links; `entries` is a multiple of 1,250.

    Raises:
        ValueError: the entries do not fill their last part.
    """
    if entries % ENTRIES_PER_PART:
        raise ValueError(f"{entries} entries do not fill parts of {ENTRIES_PER_PART}")
    (bucket / "raw" / RUN_ID / "pages").mkdir(parents=True)
    listed = json.loads((large / "raw" / RUN_ID / "manifest.json").read_text())["parts"]
    parts = listed[: entries // ENTRIES_PER_PART]
    for part in parts:
        (bucket / part["key"]).hardlink_to(large / part["key"])
    _write_manifest(bucket, entries, parts)


def _write_manifest(bucket: Path, entries: int, parts: list[dict[str, Any]]) -> None:
    run = RawRun()
    for first in range(0, entries, ENTRIES_PER_PLAYLIST):
        name = f"list{first // ENTRIES_PER_PLAYLIST}"
        total = min(ENTRIES_PER_PLAYLIST, entries - first)
        run.add_playlist(name, f"spotify:playlist:{name}", total)
    manifest = bucket / "raw" / RUN_ID / "manifest.json"
    manifest.write_text(json.dumps(run.manifest(parts)))


@dataclass(frozen=True)
class _Part:
    """Writes one part and says what the manifest lists of it."""

    bucket: Path
    volume: Volume

    def __call__(self, first: int) -> dict[str, Any]:
        key = f"raw/{RUN_ID}/pages/part-{first // ENTRIES_PER_PART:05d}.json.gz"
        last = min(first + ENTRIES_PER_PART, self.volume.entries)
        lines = [as_json(line) for line in _lines(range(first, last, PAGE), self.volume.seed)]
        body = gzip.compress(b"\n".join(lines) + b"\n", mtime=0)
        (self.bucket / key).write_bytes(body)
        digest = hashlib.sha256(body).hexdigest()
        return {"key": key, "lines": len(lines), "bytes": len(body), "sha256": digest}


def _lines(pages: range, seed: int) -> Iterator[dict[str, Any]]:
    for first in pages:
        playlist, offset = divmod(first, ENTRIES_PER_PLAYLIST)
        name = "item" if playlist % _OLD_SHAPE_LISTS else "track"
        body = {
            "href": f"https://api.spotify.com/v1/playlists/list{playlist}/items",
            "limit": PAGE,
            "offset": offset,
            "items": [_entry(number, name, seed) for number in range(first, first + PAGE)],
        }
        source = f"spotify:playlist:list{playlist}"
        at = f"2024-05-11T{first // 3_600_000:02d}:{first // 60_000 % 60:02d}:{first % 60:02d}Z"
        yield raw_line("playlist_items", body, source, params={"offset": offset}, fetched_at=at)


def _entry(number: int, name: str, seed: int) -> dict[str, Any]:
    content: dict[str, Any] | None = _song(_song_number(number), seed)
    if number % _UNAVAILABLE == 1:
        content = None
    elif number % _EPISODE == 1:
        content = _episode(number, seed)
    elif number % _LOCAL_FILE == 1:
        content = _local_file(number)
    is_local = bool(content and content["is_local"])
    at = "1970-01-01" if number % _UNDATED == 1 else f"2024-{1 + number % 12:02d}-01"
    return {
        "added_at": f"{at}T00:00:00Z",
        "is_local": is_local,
        "primary_color": None,
        name: content,
    }


def _song_number(entry: int) -> int:
    """Every second entry is a new song, the others one of those before, anywhere in the run."""
    new = entry // 2
    return new if entry % 2 == 0 else new * _PRIME % (new + 1)


def _song(song: int, seed: int) -> dict[str, Any]:
    album = song // _SONGS_PER_ALBUM
    by = [_artist(song // _SONGS_PER_ARTIST, seed)]
    if song % 5 == 0:
        by.append(_artist(song // _SONGS_PER_ARTIST // 2, seed))
    number = float if song % _UNDATED == 1 else int  # some clients re-encode them
    return {
        **_identity("track", song, seed),
        "name": _name(song, seed),
        "album": _album(album, seed),
        "artists": by,
        "available_markets": _MARKETS,
        "disc_number": 1,
        "track_number": 1 + song % _SONGS_PER_ALBUM,
        "duration_ms": number(180_000 + song % 60_000),
        "explicit": song % 7 == 0,
        "external_ids": {"isrc": f"GBAYE{song % 10**7:07d}"},
        "is_local": False,
        "episode": False,
        "track": True,
    }


def _album(album: int, seed: int) -> dict[str, Any]:
    ident = _identity("album", album, seed)
    date, precision = f"{1960 + album % 60}-05-{1 + album % 28:02d}", "day"
    if album % _UNDATED == 1:
        date, precision = "0000", "year"
    elif album % _UNAVAILABLE == 1:
        date, precision = date[:4], "year"
    return {
        **ident,
        "name": "" if date == "0000" else _name(album, seed),
        "album_type": "album",
        "artists": [_artist(album * _SONGS_PER_ALBUM // _SONGS_PER_ARTIST, seed)],
        "available_markets": _MARKETS,
        "images": [
            {"url": f"https://i.scdn.co/image/{ident['id']}{width}", "width": width}
            for width in (640, 300, 64)
        ],
        "release_date": date,
        "release_date_precision": precision,
        "total_tracks": _SONGS_PER_ALBUM,
    }


def _artist(artist: int, seed: int) -> dict[str, Any]:
    return {**_identity("artist", artist, seed), "name": _name(artist, seed)}


def _episode(number: int, seed: int) -> dict[str, Any]:
    """An episode as it comes when episodes were not asked for: dressed as a track."""
    show = {**_identity("show", number % 1000, seed), "name": "A show"}
    return {
        **_song(number, seed),
        **_identity("episode", number, seed),
        "album": show,
        "artists": [show],
    }


def _local_file(number: int) -> dict[str, Any]:
    return {
        "id": None,
        "type": "track",
        "uri": f"spotify:local:Band:Album:Title+{number}:200",
        "href": None,
        "name": f"Title {number}",
        "is_local": True,
        "album": {"id": None, "type": "album", "name": "Album", "artists": []},
        "artists": [{"id": None, "name": "Band", "type": "artist"}],
        "duration_ms": 200_000,
        "disc_number": 0,
        "track_number": 0,
        "explicit": False,
        "external_ids": {},
        "external_urls": {},
    }


def _name(number: int, seed: int) -> str:
    first, second = number + seed, number // len(_WORDS)
    return f"{_WORDS[first % len(_WORDS)]} {_WORDS[second % len(_WORDS)]} {number}"


def _identity(kind: str, number: int, seed: int) -> dict[str, Any]:
    ident = hashlib.blake2b(f"{kind}{seed}-{number}".encode(), digest_size=11).hexdigest()
    return {
        "id": ident,
        "type": kind,
        "uri": f"spotify:{kind}:{ident}",
        "href": f"https://api.spotify.com/v1/{kind}s/{ident}",
        "external_urls": {"spotify": f"https://open.spotify.com/{kind}/{ident}"},
    }
