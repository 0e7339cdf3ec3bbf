"""Scripted faults: which requests go wrong, and how.

A fault is a small JSON object:

    {"kind": "rate_limited", "path": "playlists/.*/items", "nth": 3, "retry_after": 46800}

- `kind`: one of `KINDS`; the keys after it are that kind's own settings with their defaults.
- `path`: a regular expression searched in the path with its query (`/v1/me/tracks?offset=50`).
  Without one, any call of the Web API matches (`/api/token` for `invalid_grant`).
- `method`: `GET` or `POST`; any when absent.
- `nth`: the fault begins with the nth matching request since it was set (1 is the first), and
- `times`: happens that often (null: to every matching request from there on).

A request has at most one fault: the first in the list that is due. One that was due and did not get
its turn has it at the next matching request.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tonearm.local.fake_spotify.edits import EDITS
from tonearm.local.fake_spotify.errors import ControlError
from tonearm.local.fake_spotify.objects import Json

THIRTEEN_HOURS = 46_800
WEB_API = r"^/v1/"
# A login by authorization code has no refresh token that could have expired.
REFRESHING = r"^/api/token\?grant_type=refresh_token$"

KINDS: dict[str, Json] = {
    "rate_limited": {"retry_after": 3},
    "quota_exceeded": {"retry_after": THIRTEEN_HOURS},
    "unauthorized": {"message": "The access token expired"},
    "tokens_expired": {},
    "invalid_grant": {"description": "Refresh token expired"},
    "forbidden": {"message": "Forbidden"},
    "not_found": {"message": "Resource not found"},
    "server_error": {"status": 503, "message": "Service unavailable"},
    "connection_reset": {},
    "timeout": {"seconds": 3600.0},
    "slow_drip": {"seconds": 5.0, "chunks": 10},
    "truncated_json": {"keep": 0.5},
    "cut_off": {"keep": 0.5},
    "html_body": {"status": 200},
    "empty_body": {"status": 200},
    "wrong_total": {"delta": 7},
    "repeated_next": {},
    "foreign_next": {"host": "api.example.com"},
    "playlist_edited": {"edit": "remove", "position": 0, "to": 0},
}
"""Every kind of fault with its settings and their defaults. `playlist_edited` edits the playlist
the request is about, just before it is answered, if it has that position."""
COMMON_KEYS = frozenset({"kind", "path", "method", "nth", "times"})


@dataclass
class Fault:
    """One scripted fault and how often its requests and itself were seen."""

    kind: str
    path: re.Pattern[str]
    method: str | None
    nth: int
    times: int | None
    settings: Json = field(default_factory=dict)
    matched: int = 0
    happened: int = 0

    def counts(self, method: str, target: str) -> bool:
        """True when the request is one of the fault's, which is then counted."""
        matches = self.method in {None, method} and self.path.search(target) is not None
        self.matched += matches
        return matches

    @property
    def is_due(self) -> bool:
        """True when the fault should happen to the request just counted."""
        is_spent = self.times is not None and self.happened >= self.times
        return self.matched >= self.nth and not is_spent

    def as_json(self) -> Json:
        """The fault as it was set, and what became of it."""
        return {
            "kind": self.kind,
            "path": self.path.pattern,
            "method": self.method,
            "nth": self.nth,
            "times": self.times,
            **self.settings,
            "matched": self.matched,
            "happened": self.happened,
        }


class FaultScript:
    """The faults that are set, in order."""

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self.faults = list(faults)

    def next_for(self, method: str, target: str) -> Fault | None:
        """The fault that happens to this request, if any; every request must be shown."""
        concerned = [fault for fault in self.faults if fault.counts(method, target)]
        due = next((fault for fault in concerned if fault.is_due), None)
        if due:
            due.happened += 1
        return due


def parse_fault(given: Any) -> Fault:
    """A fault from its JSON.

    Raises:
        ControlError: names what is wrong with it.
    """
    if not isinstance(given, Mapping):
        raise ControlError("a fault is an object with a kind")
    kind = given.get("kind")
    if kind not in KINDS:
        raise ControlError(f"unknown fault kind {kind!r}; known are {', '.join(sorted(KINDS))}")
    unknown = set(given) - COMMON_KEYS - set(KINDS[kind])
    if unknown:
        raise ControlError(f"fault {kind}: unknown key {', '.join(sorted(unknown))}")
    return Fault(
        kind=kind,
        path=_pattern(kind, given),
        method=given.get("method"),
        nth=_count(given, "nth") or 1,
        times=_count(given, "times"),
        settings={key: _setting(given, key, usual) for key, usual in KINDS[kind].items()},
    )


def _setting(given: Mapping[str, Any], key: str, usual: Any) -> Any:
    """The setting as given, if it is of the same sort as the usual one."""
    value = given.get(key, usual)
    if not _is_like(value, usual) or (key != "delta" and not isinstance(usual, str) and value < 0):
        raise ControlError(f"{key} must be like {usual}, not {value!r}")
    if key == "edit" and value not in EDITS:
        raise ControlError(f"unknown edit {value!r}; known are {', '.join(EDITS)}")
    return value


def _is_like(value: Any, usual: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int | float if isinstance(usual, float) else type(usual))


def _pattern(kind: str, given: Mapping[str, Any]) -> re.Pattern[str]:
    text = given.get("path", REFRESHING if kind == "invalid_grant" else WEB_API)
    try:
        return re.compile(text)
    except (re.error, TypeError) as exc:
        raise ControlError(f"fault {kind}: path is not a regular expression: {text!r}") from exc


def _count(given: Mapping[str, Any], name: str) -> int | None:
    count = given.get(name, 1)
    if count is None and name == "times":
        return None
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise ControlError(f"{name} must be a whole number from 1, not {count!r}")
    return count
