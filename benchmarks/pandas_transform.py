"""The five tables made by the loop of the usual tutorials: a dict per object, then pandas.

It fills the columns that a tutorial's loop has; those are the ones compared.
"""

import gzip
import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pandas as pd

from tests.glue_jobs.raw_files import RUN_ID
from tonearm_glue.contract import PARQUET_CODEC

Row = dict[str, Any]
_EPOCH = "1970-01-01T00:00:00Z"
_COUNTED = {
    "songs": "song",
    "episodes": "episode",
    "local_files": "local_file",
    "unavailable": "unavailable",
}
_KEYS = {"albums": "album_id", "artists": "artist_id", "songs": "track_id"}


def transform(bucket: Path, staged: Path) -> None:
    """Write the five tables of a run as Parquet files in a folder."""
    staged.mkdir(parents=True, exist_ok=True)
    rows: dict[str, list[Row]] = {"albums": [], "artists": [], "songs": [], "playlist_entries": []}
    for page in _pages(bucket):
        playlist_id = page["source"].split(":")[2]
        extracted_at = datetime.fromisoformat(page["fetched_at"])
        for place, entry in enumerate(page["body"]["items"], start=page["body"]["offset"]):
            _read_entry(entry, rows, playlist_id, place, extracted_at)
    tables = {name: pd.DataFrame(found) for name, found in rows.items()}
    for name, key in _KEYS.items():
        ordered = tables[name].sort_values("extracted_at", kind="stable")
        tables[name] = ordered.drop_duplicates(key, keep="last")
    entries = tables["playlist_entries"]
    entries["duration_ms"] = entries["duration_ms"].astype("Int64")
    tables["playlists"] = _playlists(bucket, entries)
    for name, table in tables.items():
        table.to_parquet(staged / f"{name}.parquet", compression=PARQUET_CODEC, index=False)


def _pages(bucket: Path) -> Iterator[Any]:
    for part in sorted((bucket / "raw" / RUN_ID / "pages").glob("*.json.gz")):
        with gzip.open(part, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def _read_entry(
    entry: Row, rows: dict[str, list[Row]], playlist_id: str, place: int, extracted_at: datetime
) -> None:
    content = entry.get("item") or entry.get("track")
    kind = _kind_of(content)
    rows["playlist_entries"].append(
        _entry_row(entry, content or {}, kind)
        | {"playlist_id": playlist_id, "position": place, "extracted_at": extracted_at}
    )
    if kind != "song":
        return
    assert content is not None  # noqa: S101 - a song has content
    album = content["album"]
    rows["songs"].append({**_song_row(content), "extracted_at": extracted_at})
    rows["albums"].append({**_album_row(album), "extracted_at": extracted_at})
    for artist in (*content["artists"], *album["artists"]):
        rows["artists"].append({**_artist_row(artist), "extracted_at": extracted_at})


def _kind_of(content: Row | None) -> str:
    if content is None:
        return "unavailable"
    if content["is_local"]:
        return "local_file"
    return "episode" if content["type"] == "episode" else "song"


def _entry_row(entry: Row, content: Row, kind: str) -> Row:
    added_at = entry["added_at"]
    return {
        "entry_kind": kind,
        "track_id": content.get("id") if kind == "song" else None,
        "episode_id": content.get("id") if kind == "episode" else None,
        "name": content.get("name") or None,
        "artists": None if kind in {"episode", "unavailable"} else _credits(content["artists"]),
        "album_name": content.get("album", {}).get("name") or None,
        "duration_ms": int(content["duration_ms"]) if content else None,
        "uri": content.get("uri"),
        "added_at": None if added_at == _EPOCH else datetime.fromisoformat(added_at),
        "is_local": entry["is_local"],
    }


def _song_row(track: Row) -> Row:
    return {
        "track_id": track["id"],
        "name": track["name"] or None,
        "album_id": track["album"]["id"],
        "disc_number": int(track["disc_number"]),
        "track_number": int(track["track_number"]),
        "duration_ms": int(track["duration_ms"]),
        "is_explicit": track["explicit"],
        "isrc": track["external_ids"].get("isrc"),
        "artists": _credits(track["artists"]),
        "spotify_url": track["external_urls"]["spotify"],
        "uri": track["uri"],
    }


def _album_row(album: Row) -> Row:
    return {
        "album_id": album["id"],
        "name": album["name"] or None,
        "album_type": album["album_type"],
        "release_date_text": album["release_date"],
        "release_date_precision": album["release_date_precision"],
        "total_tracks": album["total_tracks"],
        "artists": _credits(album["artists"]),
        "image_url": album["images"][0]["url"],
        "spotify_url": album["external_urls"]["spotify"],
        "uri": album["uri"],
    }


def _artist_row(artist: Row) -> Row:
    return {
        "artist_id": artist["id"],
        "name": artist["name"] or None,
        "spotify_url": artist["external_urls"]["spotify"],
        "uri": artist["uri"],
    }


def _credits(artists: list[Row]) -> list[Row]:
    return [{"artist_id": artist["id"], "name": artist["name"]} for artist in artists]


def _playlists(bucket: Path, entries: pd.DataFrame) -> pd.DataFrame:
    manifest = json.loads((bucket / "raw" / RUN_ID / "manifest.json").read_text())
    listed = pd.DataFrame(manifest["playlists"])[["playlist_id", "api_total", "snapshot_id"]]
    counts = pd.crosstab(entries["playlist_id"], entries["entry_kind"])
    counts = counts.reindex(columns=list(_COUNTED.values()), fill_value=0)
    counts.columns = pd.Index(_COUNTED)
    return listed.merge(counts.reset_index(), on="playlist_id")


if __name__ == "__main__":
    began = monotonic()
    transform(Path(sys.argv[1]), Path(sys.argv[2]))
    print(monotonic() - began)
