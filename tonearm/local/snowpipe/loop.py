"""The loop: wait for messages, hand each file to its pipes, delete the message after that."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from snowflake.connector.errors import Error, InterfaceError, OperationalError

from tonearm.local.snowflake_server.protocol.errors import TRY_AGAIN
from tonearm.local.snowflake_server.statements.system_functions import INGEST
from tonearm.local.snowpipe.events import created_urls
from tonearm.local.snowpipe.routes import read_routes

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

_BATCH = 10
_SHORT_WAIT_SECONDS = 0.1


@dataclass(frozen=True)
class Handled:
    """What became of one file at one pipe; pipe is empty when none takes it."""

    url: str
    pipe: str
    status: str
    rows: int = 0
    error: str | None = None

    def __str__(self) -> str:
        where = f" by {self.pipe}" if self.pipe else ""
        why = f": {self.error}" if self.error else ""
        return f"{self.status} {self.url}{where}, {self.rows} rows{why}"


class SnowpipeLoop:
    """Reads one queue and feeds one account."""

    def __init__(
        self,
        sqs: Any,
        queue_url: str,
        connect: "Callable[[], SnowflakeConnection]",
        report: Callable[[Handled], None],
        *,
        wait_seconds: int = 10,
        retry_seconds: float = 1.0,
    ) -> None:
        self._sqs = sqs
        self._queue_url = queue_url
        self._connect = connect
        self._report = report
        self._wait_seconds = wait_seconds
        self._retry_seconds = retry_seconds
        self._connection: SnowflakeConnection | None = None

    def run(self, should_stop: Callable[[], bool] = lambda: False) -> None:
        """Handle messages until told to stop; a message is deleted only once it was handled."""
        while not should_stop():
            for message in self._messages():
                try:
                    self.handle(message["Body"])
                except (OperationalError, InterfaceError) as exc:
                    self._report(Handled("", "", "RETRY", error=str(exc)))
                    self._connection = None
                    time.sleep(self._retry_seconds)
                    break  # the queue gives the message again
                self._sqs.delete_message(
                    QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"]
                )

    def handle(self, body: str) -> list[Handled]:
        """Hand the files of one message to their pipes; failures are in COPY_HISTORY too."""
        urls = created_urls(body)
        if not urls:
            return []
        routes = read_routes(self._session())
        handled = []
        for url in urls:
            pipes = [route.pipe for route in routes if route.takes(url)]
            handled += [self._ingest(pipe, url) for pipe in pipes] or [Handled(url, "", "IGNORED")]
        for outcome in handled:
            self._report(outcome)
        return handled

    def _messages(self) -> list[dict[str, Any]]:
        started = time.monotonic()
        answer = self._sqs.receive_message(
            QueueUrl=self._queue_url,
            MaxNumberOfMessages=_BATCH,
            WaitTimeSeconds=self._wait_seconds,
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        if not messages and time.monotonic() - started < _SHORT_WAIT_SECONDS:
            time.sleep(_SHORT_WAIT_SECONDS)  # a queue that does not wait must not make us spin
        return messages

    def _ingest(self, pipe: str, url: str) -> Handled:
        try:
            cursor = self._session().cursor()
            cursor.execute(f"select {INGEST}(%s, %s)", (pipe, url))
            told = json.loads(str(cursor.fetchall()[0][0]))
        except (OperationalError, InterfaceError):
            raise
        except Error as exc:
            if exc.errno == TRY_AGAIN:
                raise OperationalError(msg=str(exc)) from exc
            return Handled(url, pipe, "FAILED", error=exc.raw_msg or str(exc))
        return Handled(url, pipe, told["status"], told["rows"], told["error"])

    def _session(self) -> "SnowflakeConnection":
        if self._connection is None:
            self._connection = self._connect()
        return self._connection
