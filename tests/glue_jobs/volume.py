"""A large raw run, written page by page: responses of the size Spotify's have, ids that repeat."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.glue_jobs.raw_files import RUN_ID, RawRun, as_text, raw_line

PAGE = 50
ENTRIES_PER_PLAYLIST = 10_000
PAGES_PER_PART = 2_000
# Songs stand in several lists; an album has ten of them, an artist three albums.
_SONGS_PER_ENTRY = 0.5
_MARKETS = [
    "AD",
    "AE",
    "AR",
    "AT",
    "AU",
    "BE",
    "BG",
    "BH",
    "BO",
    "BR",
    "CA",
    "CH",
    "CL",
    "CO",
    "CR",
    "CY",
    "CZ",
    "DE",
    "DK",
    "DO",
    "DZ",
    "EC",
    "EE",
    "EG",
    "ES",
]


def write_volume(bucket: Path, entries: int) -> None:
    """Write a run of this many playlist entries, a multiple of a page, under a bucket's folder."""
    run, parts = RawRun(), []
    (bucket / "raw" / RUN_ID / "pages").mkdir(parents=True)
    songs = max(1, int(entries * _SONGS_PER_ENTRY))
    for first in range(0, entries, ENTRIES_PER_PLAYLIST):
        number = first // ENTRIES_PER_PLAYLIST
        total = min(ENTRIES_PER_PLAYLIST, entries - first)
        run.add_playlist(f"list{number}", f"spotify:playlist:list{number}", total)
    pages = range(0, entries, PAGE)
    for number, start in enumerate(range(0, len(pages), PAGES_PER_PART)):
        parts.append(_part(bucket, number, pages[start : start + PAGES_PER_PART], songs))
    manifest = bucket / "raw" / RUN_ID / "manifest.json"
    manifest.write_text(json.dumps(run.manifest(parts)))


def _part(bucket: Path, number: int, pages: range, songs: int) -> dict[str, Any]:
    key = f"raw/{RUN_ID}/pages/part-{number:05d}.json.gz"
    with gzip.open(bucket / key, "wt", compresslevel=1, encoding="utf-8") as stream:
        stream.writelines(_lines(pages, songs))
    with (bucket / key).open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    size = (bucket / key).stat().st_size
    return {"key": key, "lines": len(pages), "bytes": size, "sha256": digest}


def _lines(pages: range, songs: int) -> Iterator[str]:
    for first in pages:
        playlist, offset = divmod(first, ENTRIES_PER_PLAYLIST)
        entries = [_entry(number % songs) for number in range(first, first + PAGE)]
        body = {"href": f"https://api.spotify.com/v1/playlists/list{playlist}/items", "limit": PAGE}
        source = f"spotify:playlist:list{playlist}"
        page = {**body, "offset": offset, "items": entries}
        yield as_text(raw_line("playlist_items", page, source, params={"offset": offset})) + "\n"


def _entry(song: int) -> dict[str, Any]:
    album, artist = song // 10, song // 30
    by = [{**_identity("artist", artist), "name": f"Artist {artist}"}]
    on = {
        **_identity("album", album),
        "name": f"Album {album}",
        "album_type": "album",
        "artists": by,
        "available_markets": _MARKETS,
        "images": [
            {"url": f"https://i.scdn.co/image/ab67616d0000b273{album:024x}", "width": width}
            for width in (640, 300, 64)
        ],
        "release_date": f"{1960 + album % 60}-05-{1 + album % 28:02d}",
        "release_date_precision": "day",
        "total_tracks": 10,
    }
    track = {
        **_identity("track", song),
        "name": f"Song {song} of Album {album}",
        "album": on,
        "artists": by,
        "available_markets": _MARKETS,
        "disc_number": 1,
        "track_number": 1 + song % 10,
        "duration_ms": 180_000 + song % 60_000,
        "explicit": song % 7 == 0,
        "external_ids": {"isrc": f"GBAYE{song:07d}"},
        "is_local": False,
    }
    return {
        "added_at": f"2024-{1 + song % 12:02d}-01T00:00:00Z",
        "added_by": _identity("user", 1),
        "is_local": False,
        "track": track,
    }


def _identity(kind: str, number: int) -> dict[str, Any]:
    ident = f"{number:022d}"
    return {
        "id": ident,
        "type": kind,
        "uri": f"spotify:{kind}:{ident}",
        "href": f"https://api.spotify.com/v1/{kind}s/{ident}",
        "external_urls": {"spotify": f"https://open.spotify.com/{kind}/{ident}"},
    }
