"""Repeatable choices: a pure function of a key, the same on every machine and every day."""

import hashlib
from collections.abc import Sequence


class Draw:
    """A short series of choices taken from the hash of a key; about fifty small ones are in it."""

    def __init__(self, *key: object) -> None:
        text = "\x1f".join(map(str, key)).encode()
        self._rest = int.from_bytes(hashlib.blake2b(text).digest())

    def below(self, bound: int) -> int:
        """A whole number from 0 to `bound` - 1."""
        self._rest, taken = divmod(self._rest, bound)
        return taken

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both possible."""
        return low + self.below(high - low + 1)

    def pick[T](self, choices: Sequence[T]) -> T:
        """One of the choices."""
        return choices[self.below(len(choices))]

    def chance(self, percent: int) -> bool:
        """True in about `percent` of a hundred keys."""
        return self.below(100) < percent
