"""Landing rows as the Glue jobs publish them, built without Spark."""

from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from tonearm_glue.contract import Entity, Kind

_CREDIT = pa.struct([("artist_id", pa.string()), ("name", pa.string())])
_TYPES: dict[Kind, Any] = {
    Kind.TEXT: pa.string(),
    Kind.INTEGER: pa.int32(),
    Kind.BIGINT: pa.int64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.DATE: pa.date32(),
    Kind.TIMESTAMP: pa.timestamp("us", "UTC"),
    Kind.TEXTS: pa.list_(pa.string()),
    Kind.CREDITS: pa.list_(_CREDIT),
}


def parquet_schema(entity: Entity) -> Any:
    """The Parquet schema of an entity, from the contract."""
    return pa.schema([(column.name, _TYPES[column.kind]) for column in entity.columns])


def a_run(day: str, attempt: int = 1, run: str = "") -> dict[str, Any]:
    """The lineage columns of a run of a day."""
    on = date.fromisoformat(day)
    return {
        "run_id": run or f"{on:%Y%m%d}T060000Z-abcdef",
        "attempt": attempt,
        "snapshot_date": on,
        "extracted_at": datetime(on.year, on.month, on.day, 6, 0, 1, 123456, tzinfo=UTC),
    }


def an_album(**overrides: Any) -> dict[str, Any]:
    """A simplified album."""
    return {
        "album_id": "album-1",
        "name": "First",
        "album_type": "album",
        "release_date_text": "1999",
        "release_date_precision": "year",
        "release_date": date(1999, 1, 1),
        "total_tracks": 10,
        "artists": [{"artist_id": "artist-1", "name": "One"}],
        "is_full_object": False,
        **a_run("2024-05-01"),
        **overrides,
    }


def an_artist(**overrides: Any) -> dict[str, Any]:
    """A simplified artist."""
    return {
        "artist_id": "artist-1",
        "name": "One",
        "is_full_object": False,
        **a_run("2024-05-01"),
        **overrides,
    }


def a_song(**overrides: Any) -> dict[str, Any]:
    """A full track."""
    return {
        "track_id": "track-1",
        "name": "Song",
        "album_id": "album-1",
        "disc_number": 1,
        "track_number": 1,
        "duration_ms": 200_000,
        "is_explicit": False,
        "artists": [
            {"artist_id": "artist-1", "name": "One"},
            {"artist_id": "artist-2", "name": "Two, Too"},
        ],
        "is_full_object": True,
        **a_run("2024-05-01"),
        **overrides,
    }


def a_playlist(**overrides: Any) -> dict[str, Any]:
    """A playlist of one song."""
    return {
        "playlist_id": "list-1",
        "name": "Mine",
        "is_collaborative": False,
        "snapshot_id": "v1",
        "is_consistent": True,
        "api_total": 1,
        "songs": 1,
        "episodes": 0,
        "local_files": 0,
        "unavailable": 0,
        "malformed": 0,
        **a_run("2024-05-01"),
        **overrides,
    }


def an_entry(**overrides: Any) -> dict[str, Any]:
    """A song at the head of a playlist."""
    return {
        "playlist_id": "list-1",
        "position": 0,
        "entry_kind": "song",
        "track_id": "track-1",
        "name": "Song",
        "artists": [{"artist_id": "artist-1", "name": "One"}],
        "album_name": "First",
        "duration_ms": 200_000,
        "uri": "spotify:track:track-1",
        "added_at": datetime(2024, 4, 30, 23, 30, tzinfo=UTC),
        "is_local": False,
        "snapshot_id": "v1",
        "is_consistent": True,
        **a_run("2024-05-01"),
        **overrides,
    }


def entries_of(tracks: str, playlist_id: str = "list-1", **overrides: Any) -> list[dict[str, Any]]:
    """A playlist written as one letter per track: "aba" holds track a twice."""
    return [
        an_entry(
            playlist_id=playlist_id,
            position=position,
            track_id=track,
            name=track.upper(),
            uri=f"spotify:track:{track}",
            **overrides,
        )
        for position, track in enumerate(tracks)
    ]
