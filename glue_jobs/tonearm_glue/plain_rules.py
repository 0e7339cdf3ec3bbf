"""What a value of a plain line becomes: the rules of entries.py and values.py for the usual case.

A plain line holds values of their usual types alone. Whatever else is met raises `NotPlainError`,
and the whole line goes the way of the odd ones, where Spark judges each value by itself.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from tonearm_glue.entries import EPISODE, LOCAL_FILE, MALFORMED, SONG

_MOMENT_LENGTH = len("2024-05-11T06:00:00.000000Z")


class NotPlainError(ValueError):
    """A line holds something that is not judged here."""


class HasName(Protocol):
    """A show."""

    name: str | None


class HasCredit(Protocol):
    """A credited artist."""

    id: str | None
    name: str | None


class HasKind(Protocol):
    """The fields of a track or episode by which it is told what it is."""

    id: str | None
    type: str | None
    uri: str | None
    is_local: bool | None

    @property
    def show(self) -> HasName | None:
        """The show of an episode."""


class Image(Protocol):
    """One size of a picture."""

    url: str | None
    width: float | None


def kind_of(content: HasKind, said_local: bool | None, album_type: str | None) -> str:
    """song, episode, local_file or malformed: the same questions in the same order as entries.py.

    Raises:
        NotPlainError: a type holds letters beyond ASCII, which have more than one lower case.
    """
    uri, said = content.uri or "", lower(content.type)
    if said_local or content.is_local or uri.startswith("spotify:local:"):
        return LOCAL_FILE
    of_episode = said == EPISODE or lower(album_type) == "show" or content.show is not None
    if of_episode or uri.startswith("spotify:episode:"):
        return EPISODE
    return SONG if content.id and said in (None, "track") else MALFORMED


@lru_cache(maxsize=256)
def lower(value: str | None) -> str | None:
    """The text in lower case; NULL when empty.

    Raises:
        NotPlainError: Java and Python may not agree on its lower case.
    """
    if not value:
        return None
    if not value.isascii():
        raise NotPlainError("letters beyond ASCII")
    return value.lower()


def credits_of(artists: Sequence[HasCredit] | None) -> list[tuple[str | None, str | None]] | None:
    """Ids and names in credit order; NULL when there is no list."""
    if artists is None:
        return None
    return [(artist.id or None, artist.name or None) for artist in artists]


def largest_image(images: Sequence[Image] | None) -> str | None:
    """Address of the widest image, the first of several; of unknown widths, of the first image."""
    if not images:
        return None
    widths = [image.width for image in images]
    known = [width for width in widths if width is not None]
    widest = images[widths.index(max(known))] if known else images[0]
    return widest.url or images[0].url or None


def texts(values: Sequence[str] | None) -> list[str] | None:
    """A list of texts without empty ones; NULL when there is no list."""
    return None if values is None else [value for value in values if value]


def moment(text: str) -> datetime:
    """A point in time, UTC, of the form the extraction writes.

    Raises:
        NotPlainError: it has another form or is no such time.
    """
    if text[10:11] != "T" or text[-1:] != "Z" or len(text) > _MOMENT_LENGTH:
        raise NotPlainError("a time of another form")
    try:
        return datetime.fromisoformat(text)
    except ValueError as exc:
        raise NotPlainError("no such time") from exc
