"""Time: the clock the pipeline reads and the deadline of one Lambda invocation."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Protocol

# What is kept back of a Lambda's time: one more request, one more raw part and the cursor.
RESERVE_SECONDS: Final = 20.0
_MS_PER_SECOND: Final = 1000


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> datetime:
        """Return the time in UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the time in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class HasRemainingTime(Protocol):
    """The part of a Lambda context that a deadline needs."""

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left of the invocation, in milliseconds."""


class Deadline:
    """How much of an invocation may still be spent on work.

    Args:
        remaining_seconds: tells what is left of the invocation.
        reserve_seconds: what must be left at the end to save everything.
    """

    def __init__(
        self, remaining_seconds: Callable[[], float], reserve_seconds: float = RESERVE_SECONDS
    ) -> None:
        self._remaining_seconds = remaining_seconds
        self._reserve_seconds = reserve_seconds

    @classmethod
    def from_context(
        cls, context: HasRemainingTime, reserve_seconds: float = RESERVE_SECONDS
    ) -> "Deadline":
        """Return the deadline of a Lambda invocation."""
        return cls(lambda: context.get_remaining_time_in_millis() / _MS_PER_SECOND, reserve_seconds)

    def left_seconds(self) -> float:
        """Return the seconds that may still be spent on work (negative once it is over)."""
        return self._remaining_seconds() - self._reserve_seconds

    def has_room_for(self, seconds: float) -> bool:
        """Tell whether something of this length still fits."""
        return self.left_seconds() > seconds


def utc_text(moment: datetime) -> str:
    """Return ISO text in UTC with microseconds and a Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def utc_moment(text: str) -> datetime:
    """Return the moment an ISO text names; a text without an offset means UTC.

    Raises:
        ValueError: the text is not an ISO date and time.
    """
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
