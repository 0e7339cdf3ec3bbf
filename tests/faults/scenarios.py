"""The fault matrix: every kind of fault at the first, middle and last call, alone and in pairs."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any, Final, NamedTuple

from tests.faults.catalogues import Wanted

Fault = dict[str, Any]

THIRTEEN_HOURS: Final = 46_800
SHORT_SECONDS: Final = 3
FIRST, MIDDLE, LAST = "first", "middle", "last"
POSITIONS: Final = (FIRST, MIDDLE, LAST)

FEW, LONG, SHARED = (
    Wanted("few", 3),
    Wanted("long", 210),
    Wanted("shared", 20, owner="friend", is_collaborative=True),
)
PLAYLISTS: Final = [FEW, LONG, SHARED]
LIKED: Final = 70
FOREIGN: Final = 1
# me, me/playlists, me/tracks twice and its head, few, long 1 + 3 and its bracket, shared.
CALLS: Final = 12
ACCOUNT = r"^/v1/me/playlists"
LIKED_PAGE = r"^/v1/me/tracks\?limit=50"
LONG_CALL = rf"/v1/playlists/{LONG.playlist_id}"
LONG_CALLS: Final = 5
# A total that is just what has been collected when the page comes: nothing but `next` betrays it.
LOW_TOTALS: Final = {FIRST: -1, MIDDLE: 150 - 210, LAST: 50 - LIKED}

_ANY_CALL: Final = {FIRST: 1, MIDDLE: 7, LAST: CALLS}
_OF_PLAYLIST: Final = {FIRST: 1, MIDDLE: 3, LAST: LONG_CALLS}
# Pages that can lie: the list of playlists, one in the long playlist, the last of the liked songs.
_PAGES: Final = {FIRST: (ACCOUNT, 1), MIDDLE: (LONG_CALL, 2), LAST: (LIKED_PAGE, 2)}
_STATUSES: Final = {FIRST: 500, MIDDLE: 502, LAST: 503}

_EVERYWHERE: Final[dict[str, Fault]] = {
    "429 short": {"kind": "rate_limited", "retry_after": SHORT_SECONDS},
    "429 13 h": {"kind": "rate_limited", "retry_after": THIRTEEN_HOURS},
    "quota exceeded": {"kind": "quota_exceeded", "retry_after": THIRTEEN_HOURS},
    "401": {"kind": "unauthorized"},
    "token expired": {"kind": "tokens_expired"},
    "5xx": {"kind": "server_error"},
    "reset": {"kind": "connection_reset"},
    "timeout": {"kind": "timeout", "seconds": 30.0},
    "slow drip": {"kind": "slow_drip", "seconds": 2.0, "chunks": 20},
    "truncated": {"kind": "truncated_json"},
    "cut off": {"kind": "cut_off"},
    "html": {"kind": "html_body"},
    "empty": {"kind": "empty_body"},
}
_PER_PLAYLIST: Final[dict[str, Fault]] = {
    "403 playlist": {"kind": "forbidden"},
    "404 playlist": {"kind": "not_found"},
    "edited": {"kind": "playlist_edited", "edit": "add", "position": 0},
}
_LYING: Final[dict[str, Fault]] = {
    "total too big": {"kind": "wrong_total", "delta": 7},
    "total too small": {"kind": "wrong_total"},
    "next repeated": {"kind": "repeated_next"},
    "next elsewhere": {"kind": "foreign_next"},
}
INVALID_GRANT: Final = "invalid grant"
# In the first read and in the one that repeats it: the list is stored as torn.
EDITED_TWICE: Final = "edited twice"
KINDS: Final = (*_EVERYWHERE, INVALID_GRANT, *_PER_PLAYLIST, EDITED_TWICE, *_LYING)
_EDITS: Final = frozenset({"edited", EDITED_TWICE})
_WHILE_READING: Final = {FIRST: 2, MIDDLE: 3, LAST: LONG_CALLS}
SLOW_KINDS: Final = frozenset({"timeout", "slow drip"})


class Single(NamedTuple):
    """One kind of fault at one place."""

    kind: str
    position: str

    def __str__(self) -> str:
        return f"{self.kind} @ {self.position}"

    def faults(self) -> list[Fault]:
        """As the fake's control endpoint takes it."""
        at = self.position
        if self.kind == INVALID_GRANT:
            return _invalid_grant(at)
        if self.kind == EDITED_TWICE:
            edit = _PER_PLAYLIST["edited"] | {"path": LONG_CALL}
            nth = _WHILE_READING[at]
            return [edit | {"nth": nth}, edit | {"nth": nth + LONG_CALLS}]
        if self.kind in _EVERYWHERE:
            fault = _EVERYWHERE[self.kind] | {"nth": _ANY_CALL[at]}
            return [fault | ({"status": _STATUSES[at]} if self.kind == "5xx" else {})]
        if self.kind in _PER_PLAYLIST:
            place = {"path": LONG_CALL, "nth": _OF_PLAYLIST[at]}
            return [_PER_PLAYLIST[self.kind] | place]
        path, nth = _PAGES[at]
        low = {"delta": LOW_TOTALS[at]} if self.kind == "total too small" else {}
        nth = 1 if low and at == LAST else nth
        return [_LYING[self.kind] | low | {"path": path, "nth": nth}]


class Scenario(NamedTuple):
    """One or two faults in one run."""

    singles: tuple[Single, ...]

    def __str__(self) -> str:
        return " + ".join(map(str, self.singles))

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(single.kind for single in self.singles)

    @property
    def is_slow(self) -> bool:
        """Whether real seconds pass until the client gives up."""
        return bool(self.kinds & SLOW_KINDS)

    @property
    def is_honest(self) -> bool:
        """Whether every answer that comes through is what the fault-free run gets."""
        return not self.kinds & _LYING.keys() and not self.is_edited

    @property
    def is_edited(self) -> bool:
        """Whether the playlist is another one afterwards."""
        return bool(self.kinds & _EDITS)

    def faults(self) -> list[Fault]:
        return [fault for single in self.singles for fault in single.faults()]


def singles() -> list[Scenario]:
    """Every fault alone."""
    return [Scenario((one,)) for one in _all_singles()]


def pairs() -> list[Scenario]:
    """Every two faults together, and every fault twice in a row."""
    two = [Scenario(pair) for pair in combinations(_all_singles(), 2)]
    return two + [Scenario((one, one)) for one in _all_singles()]


def _all_singles() -> Iterator[Single]:
    return (Single(kind, position) for kind in KINDS for position in POSITIONS)


def _invalid_grant(at: str) -> list[Fault]:
    """The refresh token is refused: at the start, or when the access token ends in the middle."""
    refusal: Fault = {"kind": "invalid_grant", "nth": 1 if at == FIRST else 2}
    if at == FIRST:
        return [refusal]
    return [{"kind": "tokens_expired", "nth": _ANY_CALL[at]}, refusal]
