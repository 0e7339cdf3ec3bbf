"""Albums of plain lines. Each album is read once, however often it is met in the same words."""

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
    credits_of,
    kind_of,
    largest_image,
    lower,
    texts,
)
from tonearm_glue.plain_shapes import (
    Codes,
    Credit,
    Integer,
    Line,
    Picture,
    Told,
    Urls,
    place_of,
)

_WIDTH = 14


class _Album(Struct, gc=False):
    id: str | None = None
    name: str | None = None
    type: str | None = None
    album_type: str | None = None
    release_date: str | None = None
    release_date_precision: str | None = None
    total_tracks: Integer | None = None
    label: str | None = None
    popularity: Integer | None = None
    external_ids: Codes | None = None
    genres: list[str] | None = None
    artists: list[Credit] | None = None
    images: list[Picture] | None = None
    external_urls: Urls | None = None
    uri: str | None = None


class _Track(Told, gc=False):
    album: Raw = Raw(b"null")


class Reader:
    """Takes lines and gives rows of album mentions."""

    def __init__(self, reads: Mapping[str, PlaylistRead]) -> None:
        self._reads = reads
        self._line = msgspec.json.Decoder(Line[_Track]).decode
        self._album = msgspec.json.Decoder(_Album | None).decode
        self._copies: Copies[_Album | None] = Copies(self._read, _WIDTH)

    def read_line(self, text: Buffer) -> None:
        """Read one line; nothing of it is kept when it is refused.

        Raises:
            NotPlainError: it is not plain.
            msgspec.MsgspecError: it does not fit the shapes.
        """
        line = self._line(text)
        place = place_of(line, self._reads)
        found = [
            album
            for entry in line.body.items
            if entry.content is not None
            and (album := self._of_song(entry.content, entry.is_local)) is not None
        ]
        self._copies.add(found, place.extracted_at)

    def columns(self, *, is_last: bool) -> Columns:
        """The rows that are ready, each once; all of them when it is the last call."""
        return list(zip(*self._copies.rows(is_last=is_last), strict=True))

    def _of_song(self, track: _Track, said_local: bool | None) -> Copy[_Album | None] | None:
        copy = self._copies.of(bytes(track.album))
        album = copy.read
        if kind_of(track, said_local, album.type if album else None) != SONG or album is None:
            return None
        if not album.id:
            raise NotPlainError("an album without id")
        return copy

    def _read(self, text: bytes) -> tuple[_Album | None, tuple[Any, ...]]:
        album = self._album(text)
        return album, () if album is None else _fields(album)


def _fields(album: _Album) -> tuple[Any, ...]:
    """In the order of the job's plain columns (album_mentions.py)."""
    date, precision = album.release_date or None, lower(album.release_date_precision)
    if date and (precision is None or date.startswith("{")):
        raise NotPlainError("a date that must be looked at")
    return (
        album.id,
        album.name or None,
        lower(album.album_type),
        date,
        precision,
        album.total_tracks,
        album.label or None,
        album.popularity,
        (album.external_ids and album.external_ids.upc) or None,
        texts(album.genres),
        credits_of(album.artists),
        largest_image(album.images),
        (album.external_urls and album.external_urls.spotify) or None,
        album.uri or None,
    )
