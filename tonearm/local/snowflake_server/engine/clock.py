"""The server's clock: real time plus an offset a test can move, so that 14 days pass in no time."""

from datetime import UTC, datetime, timedelta
from threading import Lock


class Clock:
    """Tells the time; can be moved forward."""

    def __init__(self, offset_seconds: float = 0) -> None:
        self._offset = timedelta(seconds=offset_seconds)
        self._lock = Lock()

    def now(self) -> datetime:
        """The server's time, UTC."""
        with self._lock:
            return datetime.now(UTC) + self._offset

    @property
    def offset_seconds(self) -> float:
        """How far ahead of real time the clock is."""
        with self._lock:
            return self._offset.total_seconds()

    def advance(self, seconds: float) -> datetime:
        """Move the clock forward.

        Raises:
            ValueError: the number is negative; load history is not made to run backwards.
        """
        if seconds < 0:
            raise ValueError(f"the clock only moves forward, not by {seconds} s")
        with self._lock:
            self._offset += timedelta(seconds=seconds)
        return self.now()
