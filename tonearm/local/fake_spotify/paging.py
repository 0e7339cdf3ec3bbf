"""Pages: limits per endpoint, slices, and links on the fake's own address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tonearm.local.fake_spotify.errors import ApiError
from tonearm.local.fake_spotify.objects import Json


@dataclass(frozen=True)
class Limits:
    """Default and largest `limit` of an endpoint, as the OpenAPI document gives them."""

    default: int = 20
    largest: int = 50


ITEM_LIMITS = Limits()
"""Playlist items, album tracks, me/playlists and me/tracks."""
DISCOGRAPHY_LIMITS = Limits(5, 10)
LARGEST_OFFSET = 100_000
EMBEDDED_PAGE_SIZE = 100
"""A playlist object carries its first page, of up to 100 entries, in both modes: recordings from
2014 to 2026 all say `limit` 100 there, while the page endpoint takes 50 at the most."""


@dataclass(frozen=True)
class Window:
    """The part of a list a request asks for."""

    offset: int
    limit: int


def window_of(params: Mapping[str, str], limits: Limits = ITEM_LIMITS) -> Window:
    """The window a request asks for; 400 as the API answers when it is out of bounds."""
    limit = _whole(params, "limit", limits.default)
    offset = _whole(params, "offset", 0)
    if not 1 <= limit <= limits.largest:
        raise ApiError(400, "Invalid limit")
    if not 0 <= offset <= LARGEST_OFFSET:
        raise ApiError(400, "Invalid offset")
    return Window(offset, limit)


def page(
    url: str,
    rows: Sequence[Any],
    window: Window,
    params: Mapping[str, str] | None = None,
    next_limit: int | None = None,
) -> Json:
    """One page of `rows` with its links; `params` are kept in them."""
    kept = {k: v for k, v in (params or {}).items() if k not in {"limit", "offset"}}
    end, limit = window.offset + window.limit, window.limit
    before = max(window.offset - limit, 0)
    return {
        "href": link(url, window.offset, limit, kept),
        "items": rows[window.offset : end],
        "limit": limit,
        "next": link(url, end, next_limit or limit, kept) if end < len(rows) else None,
        "offset": window.offset,
        "previous": link(url, before, limit, kept) if window.offset else None,
        "total": len(rows),
    }


def link(url: str, offset: int, limit: int, params: Mapping[str, str]) -> str:
    """The address of a page."""
    return f"{url}?{urlencode({'offset': offset, 'limit': limit, **params})}"


def _whole(params: Mapping[str, str], name: str, default: int) -> int:
    text = params.get(name)
    if text is None:
        return default
    if not text.removeprefix("-").isdecimal():
        raise ApiError(400, f"Invalid {name}")
    return int(text)
