"""Which calls a fault meets: rules over the names of calls, counted as they come."""

import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

FOREVER: Final = 1_000_000


@dataclass
class Rule:
    """One fault and the calls it meets.

    Attributes:
        calls: a regular expression; found in the name of a call, the call counts.
        kind: what becomes of the call.
        nth: the first counted call that is met, from 1.
        times: how many calls are met in a row.
        seen: calls counted so far.
        met: calls met so far.
    """

    calls: str
    kind: str
    nth: int = 1
    times: int = 1
    seen: int = 0
    met: int = 0

    def takes(self, call: str) -> bool:
        """Count a call; tell whether it is met."""
        if not re.search(self.calls, call):
            return False
        self.seen += 1
        is_met = self.nth <= self.seen < self.nth + self.times
        self.met += is_met
        return is_met

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return asdict(self)


class Rules:
    """The rules of one server, and the names of all calls since they were set."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self._calls: list[str] = []

    def set(self, rules: Iterable[Mapping[str, Any]]) -> None:
        """Replace all rules and forget the calls."""
        with self._lock:
            self._rules = [Rule(**rule) for rule in rules]
            self._calls = []

    def end_outages(self) -> None:
        """End the rules without an end: what was away is back."""
        with self._lock:
            for rule in self._rules:
                if rule.times >= FOREVER:
                    rule.times = 0

    def take(self, call: str) -> str:
        """Note a call; return the kind of the first rule that meets it, empty when none does."""
        with self._lock:
            self._calls.append(call)
            met = [rule.kind for rule in self._rules if rule.takes(call)]
            return met[0] if met else ""

    def as_dict(self) -> dict[str, Any]:
        """Return the rules with their counts, and the calls."""
        with self._lock:
            return {"rules": [rule.as_dict() for rule in self._rules], "calls": list(self._calls)}
