"""Says what a JSON value holds, from its content: playlists, pages, albums, artists, songs."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tonearm.local.fake_spotify.catalogue import Shape
from tonearm.local.fake_spotify.objects import Json
from tonearm.local.fake_spotify.recorded.piece import (
    Kind,
    Piece,
    UnrecognisedError,
    id_in,
    page_stretch,
    playlist_stretch,
    text_or_nothing,
    whole_or_none,
)

type Rule = Callable[[Json, str], "list[Piece] | None"]

_PLAYLIST_PATH = re.compile(r"/playlists/([0-9A-Za-z]+)(?:[/?]|$)")
_ALBUM_TRACKS_PATH = re.compile(r"/albums/([0-9A-Za-z]+)/tracks")
_ARTIST_ALBUMS_PATH = re.compile(r"/artists/([0-9A-Za-z]+)/albums")
_MY_PLAYLISTS_PATH = re.compile(r"/(?:me|users/[^/]+)/playlists(?:[?]|$)")
_CONTENT_KEYS = frozenset({"track", "item"})
_SAVED_KEYS = frozenset({"added_at", "track"})
_WRAPPERS = ("albums", "artists", "tracks", "playlists")
REFUSED_STATUS = 400


def pieces_in(value: Any, href: str = "") -> list[Piece]:
    """Everything recognised in a value; `href` is the request it answered, if that is known.

    Raises:
        UnrecognisedError: nothing in it can be served.
    """
    if isinstance(value, list):
        return _from_list(value, href)
    if not isinstance(value, dict):
        raise UnrecognisedError("neither an object nor a list")
    href = value["href"] if isinstance(value.get("href"), str) else href
    for rule in _RULES:
        found = rule(value, href)
        if found is not None:
            return found
    raise UnrecognisedError(f"not a response Tonearm reads (keys {_some_keys(value)})")


def _from_list(values: list[Any], href: str) -> list[Piece]:
    present = [value for value in values if value is not None]
    if not present:
        raise UnrecognisedError("an empty list" if not values else "a list of nulls")
    if all(_is_entry(value) for value in present) and any(_holds_content(v) for v in present):
        if all("played_at" in value for value in present):
            raise UnrecognisedError("recently played songs")
        return [playlist_stretch(id_in(_PLAYLIST_PATH, href), values, 0, len(values))]
    return _from_each(present, href)


def _from_each(values: list[Any], href: str) -> list[Piece]:
    found: list[Piece] = []
    reason: UnrecognisedError | None = None
    for value in values:
        try:
            found += pieces_in(value, href)
        except UnrecognisedError as exc:
            reason = reason or exc
    if not found and reason:
        raise reason
    return found


def _recorded_exchange(value: Json, href: str) -> list[Piece] | None:
    """One request and its reply in a recorded session."""
    url = value.get("uri", value.get("url", href))
    status = value.get("status")
    if "body" not in value or "status" not in value or not isinstance(url, str):
        return None
    if isinstance(status, int) and status >= REFUSED_STATUS:
        raise UnrecognisedError(f"a reply with status {status}")
    body = value["body"]
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError as exc:
            raise UnrecognisedError("a reply whose body is not JSON") from exc
    return [replace(piece, is_from_session=True) for piece in pieces_in(body, url)]


def _error_or_token(value: Json, _href: str) -> list[Piece] | None:
    if value.get("error"):
        raise UnrecognisedError("an error reply")
    if "access_token" in value:
        raise UnrecognisedError("a token reply")
    return None


def _playlist(value: Json, href: str) -> list[Piece] | None:
    if not _looks_like_playlist(value):
        return None
    object_id = text_or_nothing(value.get("id")) or id_in(_PLAYLIST_PATH, href)
    if "id" not in value and "fields=" in href:
        raise UnrecognisedError("a playlist narrowed by fields=, without its own id")
    shape = _shape_of(value)
    listed = value.get("tracks" if shape == "tracks" else "items")
    body = {key: inner for key, inner in value.items() if key not in {"items", "tracks"}}
    if isinstance(listed, list):
        _require_entries(listed)
        return [replace(playlist_stretch(object_id, listed, 0, len(listed), shape), body=body)]
    page = listed if isinstance(listed, dict) else {}
    if not isinstance(page.get("items"), list):
        total = whole_or_none(page.get("total"))
        return [Piece(Kind.SIMPLIFIED_PLAYLIST, object_id, body, total=total, shape=shape)]
    return [replace(page_stretch(object_id, page, shape), body=body)]


def _shape_of(value: Json) -> Shape:
    """The key that holds the entries; without entries, the key that is there."""
    keys = [key for key in ("items", "tracks") if isinstance(value.get(key), dict | list)]
    holding = [k for k in keys if isinstance(value[k], list) or "items" in value[k]] or keys
    if len(holding) == 2:  # noqa: PLR2004 - both keys
        return "both"
    return "items" if holding == ["items"] else "tracks"


def _looks_like_playlist(value: Json) -> bool:
    if value.get("type") == "playlist":
        return True
    has_list = isinstance(value.get("tracks"), dict | list) or isinstance(value.get("items"), dict)
    return "type" not in value and has_list and bool({"snapshot_id", "owner"} & value.keys())


def _require_entries(values: list[Any]) -> None:
    if not all(value is None or (_is_entry(value) and _holds_content(value)) for value in values):
        raise UnrecognisedError("a playlist reduced to a list of its own, without API entries")


def _page(value: Json, href: str) -> list[Piece] | None:
    items = value.get("items")
    if not isinstance(items, list):
        return None
    first = next((item for item in items if isinstance(item, dict)), {})
    if _is_entry(first) or not first:
        return _page_of_entries(value, href, first)
    if "album" in first and "added_at" in first:
        return _from_each([item.get("album") for item in items if isinstance(item, dict)], "")
    return _page_of_objects(value, items, href)


def _page_of_entries(page: Json, href: str, first: Json) -> list[Piece]:
    playlist_id = id_in(_PLAYLIST_PATH, href)
    if playlist_id:
        return [page_stretch(playlist_id, page)]
    if "/me/tracks" in href or (first and first.keys() <= _SAVED_KEYS):
        return [replace(page_stretch("", page), kind=Kind.SAVED_TRACKS)]
    if not first:
        raise UnrecognisedError("an empty page that does not say of what")
    if "played_at" in first:
        raise UnrecognisedError("recently played songs")
    return [page_stretch("", page)]


def _page_of_objects(page: Json, items: list[Any], href: str) -> list[Piece]:
    """Each object for itself, and the page as a stretch of what it is a page of."""
    joined = [
        replace(page_stretch(id_in(path, href), page), kind=kind)
        for path, kind in (
            (_ALBUM_TRACKS_PATH, Kind.ALBUM_TRACKS),
            (_ARTIST_ALBUMS_PATH, Kind.ARTIST_ALBUMS),
        )
        if id_in(path, href)
    ]
    if joined and joined[0].kind is Kind.ALBUM_TRACKS:
        return joined
    is_mine = _MY_PLAYLISTS_PATH.search(href) is not None
    singles = _from_each([item for item in items if item is not None], "")
    return [*joined, *(replace(piece, is_listed_as_mine=is_mine) for piece in singles)]


def _single(value: Json, _href: str) -> list[Piece] | None:
    """An album, an artist or a song."""
    kind, object_id = text_or_nothing(value.get("type")), text_or_nothing(value.get("id"))
    if kind == "album" and object_id:
        return _album(value, object_id)
    if kind == "artist" and object_id:
        return [Piece(Kind.ARTIST, object_id, value)]
    if kind == "track" and object_id and "artists" in value:
        if "album" not in value:
            raise UnrecognisedError("a song without its album")
        return [Piece(Kind.TRACK, object_id, value)]
    if kind in {"episode", "show", "user", "audiobook", "chapter"}:
        raise UnrecognisedError(f"a single {kind}")
    return None


def _album(value: Json, album_id: str) -> list[Piece]:
    songs = value.get("tracks")
    body = {key: inner for key, inner in value.items() if key != "tracks"}
    found = [Piece(Kind.ALBUM, album_id, body)]
    if isinstance(songs, dict) and isinstance(songs.get("items"), list):
        found.append(replace(page_stretch(album_id, songs), kind=Kind.ALBUM_TRACKS))
    return found


def _wrapped(value: Json, href: str) -> list[Piece] | None:
    """Several objects under their name, a search result, or anything inside one more object."""
    inner = [value[key] for key in _WRAPPERS if isinstance(value.get(key), dict | list)]
    if not inner and len(value) == 1:
        inner = [only for only in value.values() if isinstance(only, dict | list)]
    if not inner:
        return None
    return _from_each(inner, href)


_RULES: tuple[Rule, ...] = (
    _recorded_exchange,
    _error_or_token,
    _playlist,
    _page,
    _single,
    _wrapped,
)


def _is_entry(value: Any) -> bool:
    """True for what stands in a playlist: something added, or a song or nothing under its key."""
    if not isinstance(value, Mapping) or "album" in value or "type" in value:
        return False
    return "added_at" in value or _holds_content(value)


def _holds_content(value: Mapping[str, Any]) -> bool:
    return any(isinstance(value.get(key, 0), Mapping | None) for key in _CONTENT_KEYS)


def _some_keys(value: Json) -> str:
    keys = list(value)
    return ", ".join(keys[:5]) + (", …" if len(keys) > 5 else "")  # noqa: PLR2004 - enough to see
