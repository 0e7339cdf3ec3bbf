"""Takes out of a text what identifies a person, an account or an object of theirs.

A report is meant to be pasted into a bug report, so it says neither whose it is nor what they hear.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

_SHORTEST: Final = 4  # a shorter value would take parts of ordinary words with it
_FORMS: Final = (
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "<e-mail>"),
    (re.compile(r"\b[AB]Q[A-Za-z0-9_-]{60,}"), "<token>"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), "<token>"),
    (re.compile(r"\b(?:AKIA|ASIA|AIDA|AROA|AGPA)[A-Z0-9]{12,}\b"), "<key>"),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "<uuid>"),
    (re.compile(r"spotify:(\w+):[\w.%-]+"), r"spotify:\1:<id>"),
    (re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z]*\d)[A-Za-z0-9]{22}(?![A-Za-z0-9])"), "<id>"),
    (re.compile(r"(?<!\d)\d{12}(?!\d)"), "<account>"),
)


class Mask:
    """Replaces known values by their kind, and everything that has a known form.

    Args:
        values: pairs of a value and the word that stands for it.
    """

    def __init__(self, values: Iterable[tuple[str, str]] = ()) -> None:
        known = {value: word for value, word in values if len(value) >= _SHORTEST}
        ordered = sorted(known, key=len, reverse=True)
        self._known = [
            (re.compile(rf"(?<!\w){re.escape(v)}(?!\w)", re.I), known[v]) for v in ordered
        ]

    def text(self, text: str) -> str:
        """The text without them."""
        for pattern, word in self._known:
            text = pattern.sub(f"<{word}>", text)
        for pattern, word in _FORMS:
            text = pattern.sub(word, text)
        return text

    def tree(self, value: Any) -> Any:
        """The same of every text in a JSON value."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.tree(item) for item in value]
        if isinstance(value, dict):
            return {key: self.tree(item) for key, item in value.items()}
        return value
