"""Objects met again and again in the same words: read once, counted, and given as one row each.

Of copies with the same words only the newest can win (winners.py), so the others need not travel.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

# About 100 MB at the most; what is met again after that is given once more.
_MOST_OBJECTS = 64_000


class Copy[Read]:
    """One object: what was read of it, its row, how often and when last it was met."""

    __slots__ = ("copies", "fields", "newest", "read")

    def __init__(self, read: Read, fields: tuple[Any, ...]) -> None:
        self.read = read
        self.fields = fields
        self.copies = 0
        self.newest: datetime | None = None


class Copies[Read]:
    """The objects of a task's lines, by their words.

    Args:
        read: makes of an object's words what is read of it and its row.
        width: how many fields a row has.
    """

    def __init__(self, read: Callable[[bytes], tuple[Read, tuple[Any, ...]]], width: int) -> None:
        self._read = read
        self._no_object = (None,) * width
        self._known: dict[bytes, Copy[Read]] = {}
        self._lines = 0

    def of(self, words: bytes) -> Copy[Read]:
        """The object with these words, which does not yet count as met."""
        copy = self._known.get(words)
        if copy is None:
            copy = self._known[words] = Copy(*self._read(words))
        return copy

    def add(self, met: Iterable[Copy[Read]], extracted_at: datetime) -> None:
        """Count a line and what was met in it."""
        self._lines += 1
        for copy in met:
            copy.copies += 1
            if copy.newest is None or copy.newest < extracted_at:
                copy.newest = extracted_at

    def rows(self, *, is_last: bool) -> list[tuple[Any, ...]]:
        """Fields, newest, copies and lines of each object, once there are many, or at the end.

        The lines stand in a row of their own, which has no object.
        """
        if not (is_last or len(self._known) >= _MOST_OBJECTS):
            return []
        found = [
            (*copy.fields, copy.newest, copy.copies, 0)
            for copy in self._known.values()
            if copy.copies
        ]
        found.append((*self._no_object, None, 0, self._lines))
        self._known, self._lines = {}, 0
        return found
