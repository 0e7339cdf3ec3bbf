"""What may still be asked of Spotify: the calls of the last day, the cool-down, the pace.

The daily quota is counted per developer account over a rolling day and its size is not published,
so the ledger counts calls by the hour and learns the size when Spotify says it is used up.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Final

from tonearm_pipeline.clock import Clock, Deadline
from tonearm_pipeline.errors import RateLimitedError
from tonearm_pipeline.spotify.responses import QUOTA_EXCEEDED
from tonearm_pipeline.state.table import StateTable

WINDOW_HOURS: Final = 24
DEVELOPMENT: Final = "development"
EXTENDED: Final = "extended"
AUTO: Final = "auto"
QUOTA_MODES: Final = (DEVELOPMENT, EXTENDED, AUTO)
# Development: what users report lies between 1,000 and 1,200 calls. Extended: no report at all.
ASSUMED_CALLS_PER_DAY: Final = {DEVELOPMENT: 1_000, AUTO: 1_000, EXTENDED: 10_000}
# Spotify counts its rate limit over a rolling 30 s and does not say how many calls it holds. Half a
# second more, since calls do not all take equally long to get there.
CALLS_PER_WINDOW: Final = 150
WINDOW_SECONDS: Final = 30.5
# The most entries one call gives, but for an artist's albums.
PAGE_SIZE: Final = 50
# Another app of the same developer may have used up most of it, so it is not believed for long.
LEARNED_DAYS: Final = 7
_KEEP_HOURS: Final = 48
_PK: Final = "quota"
_COOL_DOWN: Final = "cooldown"
_LIMIT: Final = "limit"
_SECONDS_PER_HOUR: Final = 3600


@dataclass(frozen=True)
class CoolDown:
    """Until when nobody of this stack may call, and why."""

    until: datetime
    reason: str | None
    endpoint: str


class QuotaLedger:
    """The calls of all runs of the stack by rolling hour, and the cool-down they share."""

    def __init__(self, table: StateTable, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    def spend(self, calls: int = 1) -> None:
        """Count calls before they are made, so that a crash never hides one."""
        now = self._clock.now()
        expires_at = int((now + timedelta(hours=_KEEP_HOURS)).timestamp())
        self._table.add(_PK, _hour_key(now), "calls", calls, expires_at)

    def used(self) -> int:
        """Return the calls of the rolling window, the current hour included."""
        now = self._clock.now()
        first = now - timedelta(hours=WINDOW_HOURS - 1)
        items = self._table.query(_PK, _hour_key(first), _hour_key(now))
        return sum(item["calls"] for item in items)

    def left(self, quota_mode: str) -> int:
        """Return an estimate of what the window still allows, from the learned size if any."""
        learned = self._learned_size()
        size = ASSUMED_CALLS_PER_DAY[quota_mode] if learned is None else learned
        return max(0, size - self.used())

    def cool_down(self) -> CoolDown | None:
        """Return the cool-down that is on, if one is."""
        item = self._table.get(_PK, _COOL_DOWN)
        if item is None or item["until_epoch"] <= self._clock.now().timestamp():
            return None
        until = datetime.fromtimestamp(item["until_epoch"], UTC)
        return CoolDown(until, item["reason"], item["endpoint"])

    def start_cool_down(self, limit: RateLimitedError) -> datetime:
        """Tell all runs to wait as long as Spotify asks; return until when.

        A longer cool-down that is already on stays.
        """
        until = self._clock.now() + timedelta(seconds=limit.retry_after_seconds)
        until_epoch = ceil(until.timestamp())
        self._table.put_if(
            {
                "pk": _PK,
                "sk": _COOL_DOWN,
                "until_epoch": until_epoch,
                "reason": limit.reason,
                "endpoint": limit.endpoint,
                "expires_at": until_epoch + _SECONDS_PER_HOUR,
            },
            "attribute_not_exists(pk) OR until_epoch < :until",
            {":until": until_epoch},
        )
        if limit.reason == QUOTA_EXCEEDED:
            self._learn_size()
        return datetime.fromtimestamp(until_epoch, UTC)

    def _learned_size(self) -> int | None:
        """Return what was used when Spotify last said it was all, while that is news."""
        item = self._table.get(_PK, _LIMIT)
        oldest = (self._clock.now() - timedelta(days=LEARNED_DAYS)).timestamp()
        return None if item is None or item["seen_at"] < oldest else int(item["calls"])

    def _learn_size(self) -> None:
        used = self.used()
        if used:
            now = self._clock.now()
            self._table.put(
                {"pk": _PK, "sk": _LIMIT, "calls": used, "seen_at": int(now.timestamp())}
            )


class CallWindow:
    """Lets so many calls through in any rolling window, at once if they come at once.

    A run of a normal day never waits; a long one waits only for what the window holds. A slower,
    even pace would keep to the same limit and use less of it.

    Args:
        clock: tells the time.
        calls: the most in any window.
        seconds: the window's length.
    """

    def __init__(
        self, clock: Clock, calls: int = CALLS_PER_WINDOW, seconds: float = WINDOW_SECONDS
    ) -> None:
        self._clock = clock
        self._window = timedelta(seconds=seconds)
        self._taken: deque[datetime] = deque(maxlen=calls)

    def wait_seconds(self) -> float:
        """Return how long the next call has to wait; 0 when it may go at once."""
        if len(self._taken) < (self._taken.maxlen or 0):
            return 0.0
        return max(0.0, (self._taken[0] + self._window - self._clock.now()).total_seconds())

    def take(self) -> None:
        """Use up one call."""
        self._taken.append(self._clock.now())


class OutOfTimeError(Exception):
    """The invocation has no time for another call: save everything and return `more`."""


class CallGate:
    """What every request passes before it is sent, in this order: time, lease, pace, ledger.

    Args:
        deadline: the invocation's.
        clock: waits for the window.
        ledger: counts the call.
        window: spreads the calls.
        keep_lease: renews the lease, raises when it is lost.
        calls: counted here by endpoint.
    """

    def __init__(
        self,
        *,
        deadline: Deadline,
        clock: Clock,
        ledger: QuotaLedger,
        window: CallWindow,
        keep_lease: Callable[[], None],
        calls: dict[str, int],
    ) -> None:
        self._deadline = deadline
        self._clock = clock
        self._ledger = ledger
        self._window = window
        self._keep_lease = keep_lease
        self._calls = calls
        self._has_passed_one = False
        self.waited_seconds = 0.0

    def pass_call(self, endpoint: str) -> None:
        """Let one call through.

        Raises:
            OutOfTimeError: the invocation is near its end. The first call always passes, so that
                every invocation gets on.
            RunInProgressError: the lease was lost.
        """
        pause_seconds = self._window.wait_seconds()
        if self._has_passed_one and not self._deadline.has_room_for(pause_seconds):
            raise OutOfTimeError
        self._keep_lease()
        if pause_seconds:
            self.wait(pause_seconds)
        self._window.take()
        self._ledger.spend()
        self._has_passed_one = True
        self._calls[endpoint] = self._calls.get(endpoint, 0) + 1

    def has_room_for(self, seconds: float) -> bool:
        """Tell whether a wait of this length fits into the invocation."""
        return self._deadline.has_room_for(seconds)

    def wait(self, seconds: float) -> None:
        """Wait inside the invocation, and count it."""
        self._clock.sleep(seconds)
        self.waited_seconds += seconds


def _hour_key(moment: datetime) -> str:
    return f"hour#{moment.astimezone(UTC):%Y-%m-%dT%H}"
