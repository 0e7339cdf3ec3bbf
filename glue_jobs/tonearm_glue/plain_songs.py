"""Playlist entries of plain lines, each with its track: a row for every entry."""

from collections.abc import Buffer, Mapping

import msgspec
import pyarrow as pa
from msgspec import Struct

from tonearm_glue.entries import EPISODE, MALFORMED, SONG, UNAVAILABLE
from tonearm_glue.manifest import PlaylistRead
from tonearm_glue.plain_columns import Column, Columns, PerLine
from tonearm_glue.plain_rules import NotPlainError, credits_of, kind_of
from tonearm_glue.plain_shapes import (
    Bigint,
    Codes,
    Credit,
    Entry,
    Ident,
    Integer,
    Line,
    Place,
    Told,
    Urls,
    place_of,
)


class _Album(Struct, gc=False):
    id: str | None = None
    name: str | None = None
    type: str | None = None


class _Track(Told, gc=False):
    name: str | None = None
    duration_ms: Bigint | None = None
    explicit: bool | None = None
    is_playable: bool | None = None
    popularity: Integer | None = None
    disc_number: Integer | None = None
    track_number: Integer | None = None
    external_ids: Codes | None = None
    external_urls: Urls | None = None
    linked_from: Ident | None = None
    artists: list[Credit] | None = None
    album: _Album | None = None


class Reader:
    """Takes lines and gives rows of playlist entries."""

    def __init__(self, reads: Mapping[str, PlaylistRead]) -> None:
        self._reads = reads
        self._line = msgspec.json.Decoder(Line[_Track]).decode
        self._places: list[Place] = []
        self._entries: list[Entry[_Track]] = []
        self._kinds: list[str] = []
        self._places_in_line: list[int] = []
        self._lines: list[int] = []

    def read_line(self, text: Buffer) -> None:
        """Read one line; nothing of it is kept when it is refused.

        Raises:
            NotPlainError: it is not plain.
            msgspec.MsgspecError: it does not fit the shapes.
        """
        line = self._line(text)
        place = place_of(line, self._reads)
        entries = line.body.items
        self._kinds += [_kind(entry) for entry in entries]
        self._entries += entries
        self._places_in_line += range(len(entries))
        self._lines += [len(self._places)] * len(entries)
        self._places.append(place)

    def columns(self, *, is_last: bool) -> Columns:  # noqa: ARG002 - as the others
        """The rows that are ready, each once."""
        found = self._of_lines() + self._of_entries() if self._entries else []
        self._places, self._entries, self._kinds = [], [], []
        self._places_in_line, self._lines = [], []
        return found

    def _of_lines(self) -> list[Column]:
        """The first of the job's plain columns (song_mentions.py), in their order."""
        firsts = [self._places[line].first_position for line in self._lines]
        lines = pa.array(self._lines, pa.int32())
        return [
            [at == 0 for at in self._places_in_line],
            PerLine([place.read.read_number for place in self._places], lines),
            PerLine([place.extracted_at for place in self._places], lines),
            [first + at for first, at in zip(firsts, self._places_in_line, strict=True)],
        ]

    def _of_entries(self) -> list[Column]:
        """The others of the job's plain columns, in their order."""
        entries, kinds = self._entries, self._kinds
        tracks = [entry.content or _NO_TRACK for entry in entries]
        albums = [track.album or _NO_ALBUM for track in tracks]
        told = list(zip(tracks, kinds, strict=True))
        return [
            [one.added_at for one in entries],
            [(one.added_by and one.added_by.id) or None for one in entries],
            kinds,
            [_is_local(entry, track) for entry, track in zip(entries, tracks, strict=True)],
            [one.id or None for one in tracks],
            [one.name or None for one in tracks],
            [_in_album(track, album) for track, album in zip(tracks, albums, strict=True)],
            [one.id or None for one in albums],
            [one.disc_number for one in tracks],
            [one.track_number for one in tracks],
            [one.duration_ms for one in tracks],
            [one.explicit for one in tracks],
            [one.is_playable for one in tracks],
            [one.popularity for one in tracks],
            [(one.external_ids and one.external_ids.isrc) or None for one in tracks],
            [_linked_from(track) if kind == SONG else None for track, kind in told],
            [None if kind == EPISODE else credits_of(track.artists) for track, kind in told],
            [(one.external_urls and one.external_urls.spotify) or None for one in tracks],
            [one.uri or None for one in tracks],
            [one.album is not None for one in tracks],
        ]


_NO_TRACK, _NO_ALBUM = _Track(), _Album()


def _kind(entry: Entry[_Track]) -> str:
    track = entry.content
    if track is None:
        if not entry.is_null:
            raise NotPlainError("an entry without content")
        return UNAVAILABLE
    kind = kind_of(track, entry.is_local, track.album.type if track.album else None)
    if kind == MALFORMED:
        raise NotPlainError("a track that is not a song")
    return kind


def _is_local(entry: Entry[_Track], track: _Track) -> bool | None:
    return track.is_local if entry.is_local is None else entry.is_local


def _in_album(track: _Track, album: _Album) -> str | None:
    """Name of the show, or of the album where no show is named."""
    show = track.show
    return (album.name if show is None or show.name is None else show.name) or None


def _linked_from(track: _Track) -> str | None:
    return (track.linked_from and track.linked_from.id) or None
