"""The rate limit of a rolling window and the daily quota; both are off unless switched on."""

from collections import deque
from dataclasses import dataclass
from math import ceil

from tonearm.local.fake_spotify.errors import ApiError

RATE_WINDOW_SECONDS = 30.0
QUOTA_WINDOW_SECONDS = 86_400.0


@dataclass(frozen=True)
class Allowance:
    """So many requests in any window of so many seconds."""

    requests: int
    window_seconds: float


class RollingWindow:
    """Counts answered requests; refused ones are not counted."""

    def __init__(self, allowance: Allowance) -> None:
        self.allowance = allowance
        self._times: deque[float] = deque()

    def seconds_to_wait(self, now: float) -> int:
        """0 when a request may go now, else the whole seconds until one may."""
        while self._times and self._times[0] <= now - self.allowance.window_seconds:
            self._times.popleft()
        if len(self._times) < self.allowance.requests:
            return 0
        return max(ceil(self._times[0] + self.allowance.window_seconds - now), 1)

    def count(self, now: float) -> None:
        """One more request was let through."""
        self._times.append(now)


@dataclass
class Limiter:
    """Both limits of the app, as far as they are switched on."""

    rate: RollingWindow | None = None
    quota: RollingWindow | None = None

    def admit(self, now: float) -> None:
        """Counts the request, or answers 429 the way the limit that stops it does."""
        if self.quota and (wait := self.quota.seconds_to_wait(now)):
            raise quota_exceeded(wait)
        if self.rate and (wait := self.rate.seconds_to_wait(now)):
            raise rate_limited(wait)
        for window in (self.rate, self.quota):
            if window:
                window.count(now)


def rate_limited(retry_after_seconds: int) -> ApiError:
    """429 of the rolling window."""
    return ApiError(429, "API rate limit exceeded", retry_after_seconds=retry_after_seconds)


def quota_exceeded(retry_after_seconds: int) -> ApiError:
    """429 of the daily quota, told apart by its reason."""
    return ApiError(
        429,
        "Too many requests",
        reason="QUOTA_EXCEEDED",
        retry_after_seconds=retry_after_seconds,
    )
