"""The album, artist and track endpoints, one by one and, in extended mode, several at once."""

from collections.abc import Callable, Sequence
from typing import Any

from tonearm.local.fake_spotify.calls import Call
from tonearm.local.fake_spotify.errors import ApiError, Reply, forbidden, not_found
from tonearm.local.fake_spotify.ids import is_spotify_id
from tonearm.local.fake_spotify.objects import Json
from tonearm.local.fake_spotify.paging import (
    DISCOGRAPHY_LIMITS,
    ITEM_LIMITS,
    Window,
    page,
    window_of,
)

MOST_ALBUMS, MOST_ARTISTS, MOST_TRACKS = 20, 50, 50
ALBUM_GROUPS = ("album", "single", "appears_on", "compilation")


def track(call: Call) -> Reply:
    """GET tracks/{id}."""
    return _one(call, call.state.catalogue.track(call.require_id()))


def artist(call: Call) -> Reply:
    """GET artists/{id}."""
    return _one(call, call.state.catalogue.artist(call.require_id()))


def album(call: Call) -> Reply:
    """GET albums/{id}."""
    return _one(call, _whole_album(call, call.require_id()))


def album_tracks(call: Call) -> Reply:
    """GET albums/{id}/tracks."""
    songs = call.state.catalogue.album_tracks(call.require_id())
    if songs is None:
        raise not_found()
    url = call.url(f"albums/{call.path_id}/tracks")
    return Reply(200, call.shaped(page(url, songs, window_of(call.params))))


def artist_albums(call: Call) -> Reply:
    """GET artists/{id}/albums, filtered by include_groups."""
    albums = call.state.catalogue.artist_albums(call.require_id())
    if albums is None:
        raise not_found()
    wanted = _album_groups(call.params.get("include_groups"))
    chosen = [album for album in albums if not wanted or _group_of(album) in wanted]
    kept = {k: v for k, v in call.params.items() if k == "include_groups"}
    url = call.url(f"artists/{call.path_id}/albums")
    window = window_of(call.params, DISCOGRAPHY_LIMITS)
    return Reply(200, call.shaped(page(url, chosen, window, kept)))


def several_albums(call: Call) -> Reply:
    """GET albums?ids=."""
    return _several(call, "albums", MOST_ALBUMS, lambda album_id: _whole_album(call, album_id))


def several_artists(call: Call) -> Reply:
    """GET artists?ids=."""
    return _several(call, "artists", MOST_ARTISTS, call.state.catalogue.artist)


def several_tracks(call: Call) -> Reply:
    """GET tracks?ids=."""
    return _several(call, "tracks", MOST_TRACKS, call.state.catalogue.track)


def _one(call: Call, found: Json | None) -> Reply:
    if found is None:
        raise not_found()
    return Reply(200, call.shaped(found))


def _several(call: Call, key: str, most: int, find: Callable[[str], Json | None]) -> Reply:
    """Unknown ids give null, as recorded."""
    if call.is_development:
        raise forbidden()
    ids = [object_id for object_id in call.params.get("ids", "").split(",") if object_id]
    if not ids:
        raise ApiError(400, "Invalid id")
    if len(ids) > most:
        raise ApiError(400, "Too many ids requested")
    found = [find(object_id) if is_spotify_id(object_id) else None for object_id in ids]
    return Reply(200, {key: found})


def _whole_album(call: Call, album_id: str) -> Json | None:
    album = call.state.catalogue.album(album_id)
    songs = call.state.catalogue.album_tracks(album_id)
    if album is None or songs is None:
        return album
    return {**album, "tracks": _embedded_songs(call, album_id, songs)}


def _embedded_songs(call: Call, album_id: str, songs: Sequence[Any]) -> Json:
    window = Window(0, ITEM_LIMITS.largest)
    return page(call.url(f"albums/{album_id}/tracks"), songs, window)


def _album_groups(text: str | None) -> list[str]:
    """The groups asked for; none means all."""
    groups = [group for group in (text or "").split(",") if group]
    if set(groups) - set(ALBUM_GROUPS):
        raise ApiError(400, "Invalid include_groups")
    return groups


def _group_of(album: Any) -> Any:
    if not isinstance(album, dict):
        return None
    return album.get("album_group", album.get("album_type"))
