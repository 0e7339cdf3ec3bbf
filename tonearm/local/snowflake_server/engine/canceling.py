"""Statements that are stopped while they run: by the client, or because they took too long.

Clients post the id of the request to `/queries/v1/abort-request`; the connector does so by itself
when `execute(timeout=…)` or `network_timeout` has passed. Timeouts of session and warehouse:
https://docs.snowflake.com/en/sql-reference/parameters#statement-timeout-in-seconds
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread, Timer

from tonearm.local.snowflake_server.protocol.errors import OwnError

DEFAULT_SECONDS = 172_800
_AGAIN_SECONDS = 0.05  # an interrupt between two of a statement's parts is lost


class Running:
    """One statement while it runs."""

    def __init__(self, request_id: str, interrupt: Callable[[], None]) -> None:
        self.request_id = request_id
        self.error: OwnError | None = None
        self._interrupt = interrupt
        self._done = Event()
        self._thread: Thread | None = None

    def cancel(self, error: OwnError) -> None:
        """Stop it; the first reason counts."""
        if self.error is None and not self._done.is_set():
            self.error = error
            self._thread = Thread(target=self._keep_interrupting, daemon=True)
            self._thread.start()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Run the statement in this context; an error of a stopped one is why it was stopped.

        Raises:
            OwnError: 000604 for a client that gave up, 000630 for a timeout.
        """
        timer = Timer(seconds, self.cancel, [timed_out(seconds)])
        timer.daemon = True
        timer.start()
        try:
            yield
        except Exception as exc:
            if self.error is not None:
                raise self.error from exc
            raise
        finally:
            timer.cancel()
            self._done.set()
            if self._thread is not None:
                self._thread.join()

    def _keep_interrupting(self) -> None:
        while not self._done.is_set():
            self._interrupt()
            self._done.wait(_AGAIN_SECONDS)


def canceled() -> OwnError:
    """A statement the client gave up."""
    return OwnError(msg="SQL execution canceled", errno=604, sqlstate="57014")


def timed_out(seconds: float) -> OwnError:
    """A statement that took too long."""
    return OwnError(
        msg=f"Statement reached its statement or warehouse timeout of {seconds:g} second(s) and"
        " was canceled.",
        errno=630,
        sqlstate="57014",
    )
