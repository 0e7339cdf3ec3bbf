"""Artists of plain lines. Each artist is read once, however often credited in the same words."""

from collections.abc import Buffer, Mapping
from typing import Any

import msgspec
from msgspec import Raw, Struct

from tonearm_glue.entries import SONG
from tonearm_glue.manifest import PlaylistRead
from tonearm_glue.plain_columns import Columns
from tonearm_glue.plain_copies import Copies, Copy
from tonearm_glue.plain_rules import (
    NotPlainError,
    kind_of,
    largest_image,
    texts,
)
from tonearm_glue.plain_shapes import (
    Bigint,
    Integer,
    Line,
    Picture,
    Told,
    Urls,
    place_of,
)

_WIDTH = 8


class _Followers(Struct, gc=False):
    total: Bigint | None = None


class _Artist(Struct, gc=False):
    id: str | None = None
    name: str | None = None
    genres: list[str] | None = None
    popularity: Integer | None = None
    followers: _Followers | None = None
    images: list[Picture] | None = None
    external_urls: Urls | None = None
    uri: str | None = None


class _Album(Struct, gc=False):
    type: str | None = None
    artists: list[Raw] | None = None


class _Track(Told, gc=False):
    artists: list[Raw] | None = None
    album: _Album | None = None


class Reader:
    """Takes lines and gives rows of artist mentions."""

    def __init__(self, reads: Mapping[str, PlaylistRead]) -> None:
        self._reads = reads
        self._line = msgspec.json.Decoder(Line[_Track]).decode
        self._artist = msgspec.json.Decoder(_Artist).decode
        self._copies: Copies[None] = Copies(self._read, _WIDTH)

    def read_line(self, text: Buffer) -> None:
        """Read one line; nothing of it is kept when it is refused.

        Raises:
            NotPlainError: it is not plain.
            msgspec.MsgspecError: it does not fit the shapes.
        """
        line = self._line(text)
        place = place_of(line, self._reads)
        found: list[Copy[None]] = []
        for entry in line.body.items:
            track = entry.content
            if track is not None:
                found += map(self._copies.of, _credited(track, entry.is_local))
        self._copies.add(found, place.extracted_at)

    def columns(self, *, is_last: bool) -> Columns:
        """The rows that are ready, each once; all of them when it is the last call."""
        return list(zip(*self._copies.rows(is_last=is_last), strict=True))

    def _read(self, text: bytes) -> tuple[None, tuple[Any, ...]]:
        return None, _fields(self._artist(text))


def _credited(track: _Track, said_local: bool | None) -> list[bytes]:
    """The words of the artists of a song and of its album."""
    album = track.album
    if kind_of(track, said_local, album.type if album else None) != SONG:
        return []
    of_album = (album.artists if album else None) or ()
    return [bytes(artist) for artist in (*(track.artists or ()), *of_album)]


def _fields(artist: _Artist) -> tuple[Any, ...]:
    """In the order of the job's plain columns (artist_mentions.py)."""
    if not artist.id:
        raise NotPlainError("an artist without id")
    return (
        artist.id,
        artist.name or None,
        texts(artist.genres),
        artist.popularity,
        artist.followers and artist.followers.total,
        largest_image(artist.images),
        (artist.external_urls and artist.external_urls.spotify) or None,
        artist.uri or None,
    )
