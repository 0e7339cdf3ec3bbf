"""Writes folders of responses for the fake Spotify: an account of just the size a test asks for."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tonearm.local.fake_spotify import USER_ID

API = "https://api.spotify.com/v1"
SONGS_PER_ALBUM = 10
ALBUMS_PER_ARTIST = 3
LETTERS = 22


class Wanted(NamedTuple):
    """A playlist to be written: its name, how many entries, which version, and whose it is."""

    name: str
    size: int
    version: int = 1
    owner: str = USER_ID
    is_collaborative: bool = False

    @property
    def playlist_id(self) -> str:
        return an_id("list", self.name)

    @property
    def uri(self) -> str:
        return f"spotify:playlist:{self.playlist_id}"


def an_id(kind: str, name: object) -> str:
    """A 22-character id that still shows its name; a minus is an N, so -1 is not 1."""
    return f"{kind}{name}".replace("-", "N").ljust(LETTERS, "0")[:LETTERS]


def write_account(folder: Path, playlists: list[Wanted], liked: int = 0, foreign: int = 0) -> None:
    """Write an account with these playlists, liked songs, and lists of other people it follows."""
    folder.mkdir(parents=True, exist_ok=True)
    for wanted in playlists:
        _write(folder / f"{wanted.playlist_id}.json", a_playlist(wanted))
    if liked:
        saved = [an_entry("liked", number, "track") for number in range(liked)]
        _write(folder / "liked.json", {**_page(saved), "href": f"{API}/me/tracks?offset=0"})
    if foreign:
        lists = [_followed(number) for number in range(foreign)]
        page = {**_page(lists), "href": f"{API}/me/playlists?offset=0"}
        _write(folder / "followed.json", page)


def write_catalogue(folder: Path, playlists: list[Wanted]) -> None:
    """Write the full albums and artists of these playlists, for whoever asks for each by its id."""
    tracks = [_track(one.name, number) for one in playlists for number in range(one.size)]
    albums = {track["album"]["id"]: track["album"] for track in tracks}
    artists = {artist["id"]: artist for track in tracks for artist in track["artists"]}
    _write(folder / "albums.json", {"albums": [{**one, "label": "L"} for one in albums.values()]})
    _write(folder / "artists.json", {"artists": list(artists.values())})


def a_playlist(wanted: Wanted) -> dict[str, Any]:
    # An edit puts a new song on top.
    numbers = [-edit for edit in range(wanted.version - 1, 0, -1)] + list(range(wanted.size))
    return {
        **_identity("playlist", wanted.playlist_id),
        "name": wanted.name,
        "description": "",
        "public": False,
        "collaborative": wanted.is_collaborative,
        "images": [],
        "owner": {"display_name": "Somebody", **_identity("user", wanted.owner)},
        "snapshot_id": f"{wanted.name}-v{wanted.version}",
        "items": _page([an_entry(wanted.name, number, "item") for number in numbers]),
    }


def an_entry(list_name: str, number: int, key: str) -> dict[str, Any]:
    return {
        "added_at": f"2026-{1 + number % 9:02d}-01T00:00:{number % 60:02d}Z",
        "added_by": _identity("user", "friend"),
        "is_local": False,
        key: _track(list_name, number),
    }


def _track(list_name: str, number: int) -> dict[str, Any]:
    album_number = number // SONGS_PER_ALBUM
    artist_number = album_number // ALBUMS_PER_ARTIST
    artist = {
        **_identity("artist", an_id("artist", f"{list_name}{artist_number}x")),
        "name": f"{list_name} band {artist_number}",
    }
    album = {
        **_identity("album", an_id("album", f"{list_name}{album_number}x")),
        "name": f"{list_name} album {album_number}",
        "album_type": "album",
        "artists": [artist],
        "images": [],
        "release_date": "1999",
        "release_date_precision": "year",
        "total_tracks": SONGS_PER_ALBUM,
    }
    return {
        **_identity("track", an_id("track", f"{list_name}{number}x")),
        "name": f"{list_name} song {number}",
        "track": True,
        "duration_ms": 1000 + abs(number),
        "explicit": False,
        "disc_number": 1,
        "track_number": 1 + number % SONGS_PER_ALBUM,
        "artists": [artist],
        "album": album,
    }


def _followed(number: int) -> dict[str, Any]:
    playlist_id = an_id("foreign", f"{number}x")
    return {
        **_identity("playlist", playlist_id),
        "name": f"Followed {number}",
        "collaborative": False,
        "owner": {"display_name": "Stranger", **_identity("user", "stranger")},
        "snapshot_id": f"foreign-{number}",
        "items": {"href": f"{API}/playlists/{playlist_id}/items", "total": 12},
    }


def _identity(kind: str, ident: str) -> dict[str, Any]:
    return {
        "id": ident,
        "type": kind,
        "uri": f"spotify:{kind}:{ident}",
        "href": f"{API}/{kind}s/{ident}",
        "external_urls": {"spotify": f"https://open.spotify.com/{kind}/{ident}"},
    }


def _page(rows: list[dict[str, Any]]) -> dict[str, Any]:
    size = len(rows)
    return {"items": rows, "limit": 100, "offset": 0, "total": size, "next": None}


def _write(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(value))
