"""A difference between two figures that must be equal, and how it is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

_SHOWN_DIFFERENCES: Final = 5


@dataclass(frozen=True)
class Difference:
    """One place where two figures that must be equal are not.

    Attributes:
        step: where it shows: raw, counts, playlists, schema, keys, staged, quarantine, nulls,
            publish, load or warehouse.
        what: the figure that was compared.
        expected: what it must be.
        found: what it is.
        entity: the entity concerned, if any.
        playlist_id: the playlist concerned, if any.
        file: the S3 key concerned, if any.
    """

    step: str
    what: str
    expected: object
    found: object
    entity: str = ""
    playlist_id: str = ""
    file: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON, without the parts that do not apply."""
        places = {"entity": self.entity, "playlist_id": self.playlist_id, "file": self.file}
        return {
            "step": self.step,
            **{name: place for name, place in places.items() if place},
            "what": self.what,
            "expected": self.expected,
            "found": self.found,
        }

    def sentence(self) -> str:
        """Return it in one line, the place first."""
        place = " ".join(part for part in (self.entity, self.playlist_id, self.file) if part)
        at = f" {place}" if place else ""
        return f"{self.step}{at}: {self.what}: expected {self.expected}, found {self.found}"


def describe(differences: Sequence[Difference]) -> str:
    """Return the first differences in one text that fits a Step Functions cause."""
    shown = "; ".join(difference.sentence() for difference in differences[:_SHOWN_DIFFERENCES])
    more = len(differences) - _SHOWN_DIFFERENCES
    return shown if more <= 0 else f"{shown}; and {more} more"
