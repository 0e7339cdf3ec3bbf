"""The history of playlists computed in plain Python, straight from reads, to hold the SQL to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

type Identity = tuple[str | None, int]  # uri, how many-th time it stands in the playlist
type Read = Sequence[str | None]  # the uris of a playlist in order


@dataclass(frozen=True, order=True)
class Change:
    """One entry added, removed or moved."""

    snapshot_date: date
    change: str
    uri: str
    old_position: int
    new_position: int  # -1 stands for none, so that changes sort


@dataclass(frozen=True, order=True)
class Stretch:
    """One entry in one place from a read to the read that no longer found it there."""

    uri: str
    occurrence: int
    position: int
    valid_from: date
    valid_to: date
    opened_by: str
    closed_by: str


OPEN = date.max


def places(read: Read) -> dict[Identity, int]:
    """Where each entry stands."""
    seen: dict[str | None, int] = {}
    found = {}
    for position, uri in enumerate(read):
        seen[uri] = seen.get(uri, 0) + 1
        found[uri, seen[uri]] = position
    return found


def changes(reads: Mapping[date, Read]) -> list[Change]:
    """What changed from each read to the next."""
    found = []
    days = sorted(reads)
    for before, after in pairwise(days):
        old, new = places(reads[before]), places(reads[after])
        for entry in old.keys() | new.keys():
            was, now = old.get(entry, -1), new.get(entry, -1)
            if was != now:
                word = "added" if was < 0 else "removed" if now < 0 else "moved"
                found.append(Change(after, word, entry[0] or "", was, now))
    return sorted(found)


def stretches(reads: Mapping[date, Read]) -> list[Stretch]:
    """Every stretch of every entry."""
    days = sorted(reads)
    all_places = [places(reads[day]) for day in days]
    found = []
    for entry in set().union(*all_places):
        at = [where.get(entry, -1) for where in all_places]
        start = 0
        for index in range(1, len(days) + 1):
            if index < len(days) and at[index] == at[start]:
                continue
            if at[start] >= 0:
                found.append(_stretch(entry, at, start, index, days))
            start = index
    return sorted(found)


def _stretch(
    entry: Identity, at: Sequence[int], start: int, end: int, days: Sequence[date]
) -> Stretch:
    opened = "baseline" if start == 0 else "moved" if at[start - 1] >= 0 else "added"
    is_open = end == len(days)
    closed = "" if is_open else "moved" if at[end] >= 0 else "removed"
    until = OPEN if is_open else days[end]
    return Stretch(entry[0] or "", entry[1], at[start], days[start], until, opened, closed)
