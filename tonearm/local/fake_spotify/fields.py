"""The `fields` filter of the playlist endpoints: `name,owner.id,items(added_at,item(!album))`."""

from dataclasses import dataclass, field
from typing import Any

from tonearm.local.fake_spotify.errors import ApiError


@dataclass
class Selection:
    """Which keys of an object are wanted: all but `dropped` when nothing is kept by name."""

    kept: "dict[str, Selection | None]" = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)

    def keep(self, name: str, inner: "Selection | None") -> None:
        """Wants `name`, or more of it: `items.next,items.total` names two keys of one object."""
        known = self.kept.get(name)
        if known and inner:
            known.kept.update(inner.kept)
        else:
            self.kept[name] = inner

    def of(self, value: Any) -> Any:
        """The selected part of a JSON value; of a list, the selected part of every element."""
        if isinstance(value, list):
            return [self.of(element) for element in value]
        if not isinstance(value, dict):
            return value
        if not self.kept:
            return {k: v for k, v in value.items() if k not in self.dropped}
        return {
            key: inner.of(value[key]) if inner else value[key]
            for key, inner in self.kept.items()
            if key in value
        }


def select(body: Any, fields: str | None) -> Any:
    """The part of `body` that `fields` names; all of it without a filter."""
    return Parser(fields).parse().of(body) if fields else body


class Parser:
    """Reads the text of one filter."""

    def __init__(self, text: str) -> None:
        self._text = text.replace(" ", "")
        self._at = 0

    def parse(self) -> Selection:
        """The selection the whole text describes; 400 when it is not well formed."""
        selection = self._list()
        if self._at != len(self._text):
            raise ApiError(400, "Invalid fields filter")
        return selection

    def _list(self) -> Selection:
        selection = Selection()
        excludes = self._text[self._at : self._at + 1] == "!"  # then the whole list excludes
        while True:
            self._take("!")
            if excludes:
                selection.dropped.add(self._name())
            else:
                selection.keep(self._name(), self._inner())
            if not self._take(","):
                return selection

    def _inner(self) -> Selection | None:
        if self._take("."):
            inner = Selection()
            inner.keep(self._name(), self._inner())
            return inner
        if not self._take("("):
            return None
        selection = self._list()
        if not self._take(")"):
            raise ApiError(400, "Invalid fields filter")
        return selection

    def _name(self) -> str:
        start = self._at
        while self._at < len(self._text) and self._text[self._at] not in ",.()!":
            self._at += 1
        if start == self._at:
            raise ApiError(400, "Invalid fields filter")
        return self._text[start : self._at]

    def _take(self, sign: str) -> bool:
        if self._text[self._at : self._at + 1] != sign:
            return False
        self._at += 1
        return True
