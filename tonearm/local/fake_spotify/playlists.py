"""The playlist endpoints and the user's library."""

from collections.abc import Mapping
from typing import Any

from tonearm.local.fake_spotify import fields, objects
from tonearm.local.fake_spotify.calls import Call
from tonearm.local.fake_spotify.catalogue import Playlist
from tonearm.local.fake_spotify.errors import Reply, forbidden
from tonearm.local.fake_spotify.objects import Json
from tonearm.local.fake_spotify.paging import (
    EMBEDDED_PAGE_SIZE,
    ITEM_LIMITS,
    Window,
    page,
    window_of,
)
from tonearm.local.fake_spotify.shapes import shaped_entry

READ_PLAYLISTS, READ_LIBRARY = "playlist-read-private", "user-library-read"


def me(call: Call) -> Reply:
    """GET me."""
    call.require_user()
    return Reply(200, call.shaped(objects.current_user()))


def my_playlists(call: Call) -> Reply:
    """GET me/playlists: 50 snapshot ids in one call."""
    call.require_user(READ_PLAYLISTS)
    held = [call.state.playlist(held_id) for held_id in call.state.catalogue.my_playlist_ids]
    body = page(call.url("me/playlists"), held, window_of(call.params))
    body["items"] = [_simplified(call, playlist) for playlist in body["items"]]
    return Reply(200, body)


def my_tracks(call: Call) -> Reply:
    """GET me/tracks: the liked songs."""
    call.require_user(READ_LIBRARY)
    window, saved = window_of(call.params), call.state.catalogue.saved_tracks
    return Reply(200, call.shaped(page(call.url("me/tracks"), saved.entries, window)))


def playlist(call: Call) -> Reply:
    """GET playlists/{id}: metadata, and the first page when the user may read it."""
    found = call.state.playlist(call.path_id)
    body = {**found.meta}
    if _may_read(call, found):
        body |= dict.fromkeys(_page_keys(call, found), _first_page(call, found))
    elif "tracks" in _page_keys(call, found):
        body["tracks"] = _reference(call, found)
    return Reply(200, fields.select(body, call.params.get("fields")))


def playlist_items(call: Call) -> Reply:
    """GET playlists/{id}/items: one page of entries."""
    found = call.state.playlist(call.path_id)
    if not _may_read(call, found):
        raise forbidden()
    call.require_user(READ_PLAYLISTS)
    body = page(_items_url(call, found), found.entries, window_of(call.params), _kept(call.params))
    body["items"] = _entries(call, found, body["items"])
    return Reply(200, fields.select(body, call.params.get("fields")))


def playlist_tracks(call: Call) -> Reply:
    """GET playlists/{id}/tracks: the old address, closed to development mode."""
    if call.is_development:
        raise forbidden()
    return playlist_items(call)


def _may_read(call: Call, found: Playlist) -> bool:
    return call.grant.is_user and found.is_readable(call.state.mode)


def _page_keys(call: Call, found: Playlist) -> tuple[str, ...]:
    if found.follows_mode:
        return ("items",) if call.is_development else ("tracks",)
    return ("items", "tracks") if found.shape == "both" else (found.shape,)


def _first_page(call: Call, found: Playlist) -> Json:
    window = Window(0, EMBEDDED_PAGE_SIZE)
    kept = {k: v for k, v in _kept(call.params).items() if k != "fields"}
    url = _items_url(call, found)
    body = page(url, found.entries, window, kept, next_limit=ITEM_LIMITS.largest)
    body["items"] = _entries(call, found, body["items"])
    return body


def _entries(call: Call, found: Playlist, entries: list[Any]) -> list[Any]:
    if not found.follows_mode:
        return entries
    wants_episodes = "episode" in call.params.get("additional_types", "").split(",")
    return [
        shaped_entry(entry, in_development=call.is_development, wants_episodes=wants_episodes)
        for entry in entries
    ]


def _simplified(call: Call, found: Playlist) -> Json:
    kept = {key: value for key, value in found.meta.items() if key != "followers"}
    return {**kept, **dict.fromkeys(_page_keys(call, found), _reference(call, found))}


def _reference(call: Call, found: Playlist) -> Json:
    return {"href": _items_url(call, found), "total": found.total}


def _items_url(call: Call, found: Playlist) -> str:
    last = "items" if call.is_development else "tracks"
    return call.url(f"playlists/{found.playlist_id}/{last}")


def _kept(params: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in params.items() if key in {"additional_types", "fields"}}
