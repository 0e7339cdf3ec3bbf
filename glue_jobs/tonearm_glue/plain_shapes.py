"""The shapes of a plain line, strictly typed: what does not fit is refused by the parser.

Only the fields that some job reads are named; the parser skips the rest without making values of
it (https://jcristharif.com/msgspec/structs.html). To be imported where msgspec is known to be
there.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, NamedTuple

from msgspec import UNSET, Meta, Struct, UnsetType

from tonearm_glue.manifest import PlaylistRead, read_key
from tonearm_glue.plain_rules import NotPlainError, moment

_KINDS = ("playlist_items", "saved_tracks")

# Whole numbers, also those sent as floats, of which none has lost a digit.
_INT_END = 1 << 31
_EXACT_END = 1 << 53
Integer = (
    Annotated[int, Meta(ge=-_INT_END, lt=_INT_END)]
    | Annotated[float, Meta(ge=-_INT_END, lt=_INT_END, multiple_of=1.0)]
)
Bigint = (
    Annotated[int, Meta(gt=-_EXACT_END, lt=_EXACT_END)]
    | Annotated[float, Meta(gt=-_EXACT_END, lt=_EXACT_END, multiple_of=1.0)]
)


class Name(Struct, gc=False):
    """A show, of which the name is read."""

    name: str | None = None


class Told(Struct, gc=False):
    """The fields of a track or episode by which it is told what it is (plain_rules.kind_of)."""

    id: str | None = None
    type: str | None = None
    uri: str | None = None
    is_local: bool | None = None
    show: Name | None = None


class Ident(Struct, gc=False):
    """A user or a track that is pointed to."""

    id: str | None = None


class Urls(Struct, gc=False):
    """Public pages."""

    spotify: str | None = None


class Codes(Struct, gc=False):
    """Identifiers of the trade."""

    isrc: str | None = None
    upc: str | None = None


class Credit(Struct, gc=False):
    """A credited artist."""

    id: str | None = None
    name: str | None = None


class Picture(Struct, gc=False):
    """One size of a picture."""

    url: str | None = None
    width: Annotated[int, Meta(gt=-_EXACT_END, lt=_EXACT_END)] | float | None = None


class Entry[Content](Struct, gc=False):
    """A playlist entry; `item` (2026) comes before `track` (older)."""

    added_at: str | None = None
    added_by: Ident | None = None
    is_local: bool | None = None
    item: Content | UnsetType | None = UNSET
    track: Content | UnsetType | None = UNSET

    @property
    def content(self) -> Content | None:
        """The track or episode; None when there is none."""
        return self.item or self.track or None

    @property
    def is_null(self) -> bool:
        """Whether the entry says null for its content, which is not the same as saying nothing."""
        return self.item is None or self.track is None


class Page[Content](Struct, gc=False):
    """A page of a list."""

    items: list[Entry[Content]]
    offset: Integer | None = None


class Params(Struct, gc=False):
    """What was asked for."""

    offset: Integer | None = None


class Line[Content](Struct, gc=False):
    """One answer with playlist entries."""

    kind: str
    fetched_at: str
    source: str
    body: Page[Content]
    read: int | None = None
    params: Params | None = None


class Place(NamedTuple):
    """Where a plain line's entries belong."""

    read: PlaylistRead
    extracted_at: datetime
    first_position: int


def place_of[Content](line: Line[Content], reads: Mapping[str, PlaylistRead]) -> Place:
    """The read a line belongs to, and where in the playlist it begins.

    Raises:
        NotPlainError: it is of another kind, of a read that does not count, or has no entries.
    """
    key = read_key(line.source, 1 if line.read is None else line.read)
    if line.kind not in _KINDS or key not in reads or not line.body.items:
        raise NotPlainError("not a page of entries that counts")
    offset = line.body.offset
    if offset is None and line.params is not None:
        offset = line.params.offset
    return Place(reads[key], moment(line.fetched_at), int(offset or 0))
