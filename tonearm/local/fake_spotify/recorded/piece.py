"""What a recognised part of a file is, before anything is joined."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tonearm.local.fake_spotify.catalogue import Shape
from tonearm.local.fake_spotify.objects import Json

_OFFSET = re.compile(r"[?&]offset=([0-9]{1,9})(?:&|$)")


class Kind(StrEnum):
    """What a piece is."""

    PLAYLIST = "playlist"
    SIMPLIFIED_PLAYLIST = "simplified playlist"
    SAVED_TRACKS = "saved tracks"
    ALBUM = "album"
    ALBUM_TRACKS = "album tracks"
    ARTIST = "artist"
    ARTIST_ALBUMS = "artist albums"
    TRACK = "track"


@dataclass(frozen=True)
class Piece:
    """One recognised part of a file: an object, a stretch of a list, or both.

    `object_id` is empty when the recording does not say it. `body` is the object without its list.
    """

    kind: Kind
    object_id: str = ""
    body: Json | None = None
    entries: list[Any] = field(default_factory=list)
    offset: int = 0
    total: int | None = None
    shape: Shape = "tracks"
    is_listed_as_mine: bool = False
    """A simplified playlist from a page of a user's playlists."""
    is_from_session: bool = False
    """Part of a recorded session, where later replies are newer."""
    id_from: str = "recording"
    """Where `object_id` comes from."""
    file: str = ""
    index: int = 0


class UnrecognisedError(ValueError):
    """Why nothing was taken from a value."""


def page_stretch(object_id: str, page: Json, shape: Shape | None = None) -> Piece:
    """The stretch of a list a page holds; where it begins is in the page or in its address."""
    offset = whole_or_none(page.get("offset"))
    if offset is None:
        asked = _OFFSET.search(text_or_nothing(page.get("href")))
        offset = int(asked.group(1)) if asked else 0
    return playlist_stretch(
        object_id, page["items"], offset, whole_or_none(page.get("total")), shape
    )


def playlist_stretch(
    object_id: str, entries: list[Any], offset: int, total: int | None, shape: Shape | None = None
) -> Piece:
    """Entries of a playlist, in the shape they show when it is not known otherwise."""
    is_new = any(isinstance(entry, dict) and "item" in entry for entry in entries)
    return Piece(
        Kind.PLAYLIST,
        object_id,
        entries=entries,
        offset=offset,
        total=total,
        shape=shape or ("items" if is_new else "tracks"),
    )


def id_in(pattern: re.Pattern[str], href: str) -> str:
    """The id a pattern finds in an address, empty when it finds none."""
    found = pattern.search(href)
    return found.group(1) if found else ""


def text_or_nothing(value: Any) -> str:
    """The text, or an empty one when the value is something else."""
    return value if isinstance(value, str) else ""


def whole_or_none(value: Any) -> int | None:
    """The whole number, or None when the value is something else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
