"""The odd entries real playlists hold: local files, episodes, gaps, tombstones, replaced songs."""

from datetime import date
from urllib.parse import quote_plus

from tonearm.local.fake_spotify.ids import base62_id
from tonearm.local.fake_spotify.objects import Json, identity
from tonearm.local.fake_spotify.sample.draw import Draw
from tonearm.local.fake_spotify.sample.render import (
    episode_object,
    simplified_artist,
    track_object,
)
from tonearm.local.fake_spotify.sample.universe import VARIOUS_ARTISTS, stock

EPISODE_PREFIX = "episode_"
SINCE = date(2016, 3, 1)
"""Odd entries are at least this old, so that they are there on any recent day."""


def odd_item(seed: int, name: str, day: date) -> Json | None:
    """The content of an odd entry; None is an entry whose content Spotify took away."""
    if name.startswith(EPISODE_PREFIX):
        return episode_object(seed, int(name.removeprefix(EPISODE_PREFIX)), SINCE)
    return _MAKERS[name](seed, day)


def is_local(name: str) -> bool:
    """True for the odd entries whose `is_local` is true."""
    return name.startswith("local_file")


def odd_tracks(seed: int, day: date) -> dict[str, Json]:
    """The odd songs that have an id of their own and can be asked for, by that id."""
    items = (_MAKERS[name](seed, day) for name in ("tombstone", "relinked", "album_without_name"))
    return {item["id"]: item for item in items if item}


def _song(seed: int, key: str, day: date) -> Json:
    _, albums = stock(seed)
    album = Draw(seed, "odd", key).pick(albums)
    return track_object(album, album.tracks[0], day)


def _twice(seed: int, day: date) -> Json:
    return _song(seed, "twice", day)


def _once(seed: int, day: date) -> Json:
    return _song(seed, "once", day)


def _unavailable(_seed: int, _day: date) -> None:
    return None


def _local_file(_seed: int, _day: date) -> Json:
    return _local("Fjordhytta (demo tape)", "Kassett 3", "Ute på svaberget, opptak 2", 187)


def _local_without_album(_seed: int, _day: date) -> Json:
    return _local("Voice memo", "", "Bass line idea", 42)


def _local(artist: str, album: str, title: str, seconds: int) -> Json:
    uri = ":".join(quote_plus(part) for part in (artist, album, title))
    nothing: Json = {"external_urls": {}, "href": None, "id": None}
    return {
        "album": {
            "album_type": None,
            "artists": [],
            "available_markets": [],
            "images": [],
            "name": album,
            "release_date": None,
            "release_date_precision": None,
            "type": "album",
            "uri": None,
            **nothing,
        },
        "artists": [{"name": artist, "type": "artist", "uri": None, **nothing}],
        "available_markets": [],
        "disc_number": 0,
        "duration_ms": seconds * 1000,
        "explicit": False,
        "external_ids": {},
        "is_local": True,
        "name": title,
        "popularity": 0,
        "preview_url": None,
        "track_number": 0,
        "type": "track",
        "uri": f"spotify:local:{uri}:{seconds}",
        **nothing,
    }


def _tombstone(seed: int, day: date) -> Json:
    """A song whose release was taken down: ids stay, names are empty, nothing marks it."""
    song = _song(seed, "tombstone", day)
    track_id, album_id = base62_id(seed, "tombstone"), base62_id(seed, "tombstone album")
    various = simplified_artist(VARIOUS_ARTISTS)
    album = {
        **song["album"],
        "album_type": "single",
        "artists": [various],
        "available_markets": [],
        "images": [],
        "name": "",
        "release_date": "0000",
        "release_date_precision": "year",
        "total_tracks": 1,
        **identity("album", album_id),
    }
    return {
        **song,
        "album": album,
        "artists": [{**various, "name": ""}],
        "available_markets": [],
        "disc_number": 1,
        "duration_ms": 0,
        "explicit": False,
        "external_ids": {},
        "name": "",
        "popularity": 0,
        "track_number": 1,
        **identity("track", track_id),
    }


def _relinked(seed: int, day: date) -> Json:
    """A song another release stands in for: the id is the stand-in, linked_from what was added."""
    return {
        **_song(seed, "relinked", day),
        "is_playable": True,
        "linked_from": identity("track", base62_id(seed, "relinked from")),
        **identity("track", base62_id(seed, "relinked to")),
    }


def _album_without_name(seed: int, day: date) -> Json:
    song = _song(seed, "album without name", day)
    return {
        **song,
        "album": {**song["album"], "name": "", **identity("album", base62_id(seed, "nameless"))},
        **identity("track", base62_id(seed, "song of nameless")),
    }


def _restricted(seed: int, day: date) -> Json:
    return {
        **_song(seed, "restricted", day),
        "available_markets": [],
        "is_playable": False,
        "restrictions": {"reason": "market"},
    }


def _no_isrc(seed: int, day: date) -> Json:
    return {**_song(seed, "no isrc", day), "external_ids": {}}


_MAKERS = {
    "song_twice": _twice,
    "song_once": _once,
    "unavailable": _unavailable,
    "local_file": _local_file,
    "local_file_without_album": _local_without_album,
    "tombstone": _tombstone,
    "relinked": _relinked,
    "album_without_name": _album_without_name,
    "restricted": _restricted,
    "no_isrc": _no_isrc,
}
