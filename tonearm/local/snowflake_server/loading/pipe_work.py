"""What pipes do: take files from events, pause, resume, refresh, report their status.

https://docs.snowflake.com/en/sql-reference/sql/alter-pipe,
https://docs.snowflake.com/en/user-guide/data-load-snowpipe-manage,
https://docs.snowflake.com/en/sql-reference/functions/system_pipe_status.
"""

import json
from datetime import datetime, timedelta

import duckdb

from tonearm.local.snowflake_server.engine.engine import Engine
from tonearm.local.snowflake_server.engine.options import (
    first_word,
    flag_option,
    parse_options,
    text_option,
)
from tonearm.local.snowflake_server.loading import load_history, pipes, stages
from tonearm.local.snowflake_server.loading.loading import Loader, Outcome
from tonearm.local.snowflake_server.loading.pipes import PipeRow
from tonearm.local.snowflake_server.protocol.answers import Answer, done, texts
from tonearm.local.snowflake_server.protocol.errors import compile_error, refused

REFRESH_DAYS = 7
STOPPED = ("STOPPED_STAGE_DROPPED", "STOPPED_STAGE_ALTERED")  # until it is created anew
STALE_DAYS = load_history.PIPE_DAYS


class PipeWork:
    """Runs pipes."""

    def __init__(self, engine: Engine, loader: Loader) -> None:
        self._engine = engine
        self._loader = loader

    def ingest(self, row: PipeRow, url: str) -> Outcome:
        """Take a file an event told of: now, or when the paused pipe is resumed."""
        now = self._engine.clock.now()
        if row.paused_since is not None:
            pipes.enqueue(self._engine, row, url, now)
            return Outcome(url, "QUEUED")
        if (state := self._state(row)) in STOPPED:
            return Outcome(url, state)
        return self._loader.pipe_file(row.pipe, row.job, url, now)

    def alter(self, row: PipeRow, change: str) -> Answer:
        """ALTER PIPE … SET or REFRESH."""
        word, rest = first_word(change)
        match word.upper():
            case "SET":
                return self._set(row, rest)
            case "REFRESH":
                return self._refresh(row, rest)
            case _:
                raise refused(f"ALTER PIPE … {word}")

    def force_resume(self, row: PipeRow, override: str) -> str:
        """SYSTEM$PIPE_FORCE_RESUME: resume a pipe paused for more than 14 days."""
        if self._is_stale(row) and "staleness_check_override" not in override.lower():
            raise compile_error("The pipe is stale: staleness_check_override is needed.", 3104)
        self._resume(row)
        return f"Resumed pipe {row.name}."

    def status(self, row: PipeRow) -> str:
        """The JSON of SYSTEM$PIPE_STATUS."""
        waiting = pipes.queued(self._engine, row)
        status: dict[str, object] = {
            "executionState": self._state(row),
            "pendingFileCount": len(waiting),
        }
        if self._engine.options.notification_channel:
            status["notificationChannelName"] = self._engine.options.notification_channel
            status["numOutstandingMessagesOnChannel"] = 0
        if waiting:
            status["oldestPendingFilePath"] = waiting[0][0]
            status["oldestFileTimestamp"] = _told(waiting[0][1])
        last = self._last_load(row)
        if last:
            status["lastIngestedFilePath"] = last[0]
            status["lastIngestedTimestamp"] = _told(last[1])
        return json.dumps(status)

    def _set(self, row: PipeRow, rest: str) -> Answer:
        options = parse_options(rest)
        if unknown := options.keys() - {"PIPE_EXECUTION_PAUSED", "COMMENT"}:
            raise refused(f"ALTER PIPE … SET {', '.join(sorted(unknown))}")
        if "COMMENT" in options:
            pipes.set_comment(self._engine, row, text_option(options, "COMMENT"))
        if "PIPE_EXECUTION_PAUSED" in options:
            self._pause_or_resume(row, flag_option(options, "PIPE_EXECUTION_PAUSED"))
        return done()

    def _pause_or_resume(self, row: PipeRow, pause: bool) -> None:
        if pause and row.paused_since is None:
            pipes.set_paused(self._engine, row, self._engine.clock.now())
        elif not pause and row.paused_since is not None:
            if self._is_stale(row):
                raise compile_error(
                    f"Pipe {row.name} cannot be resumed: it was paused for more than {STALE_DAYS}"
                    " days. Use SYSTEM$PIPE_FORCE_RESUME.",
                    3104,
                )
            self._resume(row)

    def _resume(self, row: PipeRow) -> None:
        """Load what waited; events older than 14 days are gone."""
        waiting = pipes.queued(self._engine, row)
        pipes.set_paused(self._engine, row, None)
        pipes.clear_queue(self._engine, row)
        horizon = self._engine.clock.now() - timedelta(days=STALE_DAYS)
        for url, received_at in waiting:
            if received_at >= horizon and self._state(row) not in STOPPED:
                self._loader.pipe_file(row.pipe, row.job, url, received_at)

    def _is_stale(self, row: PipeRow) -> bool:
        days = timedelta(days=STALE_DAYS)
        return row.paused_since is not None and self._engine.clock.now() - row.paused_since > days

    def _refresh(self, row: PipeRow, rest: str) -> Answer:
        options = parse_options(rest)
        if unknown := options.keys() - {"PREFIX", "MODIFIED_AFTER"}:
            raise refused(f"ALTER PIPE … REFRESH {', '.join(sorted(unknown))}")
        now = self._engine.clock.now()
        after = now - timedelta(days=REFRESH_DAYS)
        if given := text_option(options, "MODIFIED_AFTER"):
            after = max(after, _timestamp(given))
        urls = self._loader.refreshable(row.pipe, row.job, text_option(options, "PREFIX"), after)
        for url in urls:
            self.ingest(row, url)
        return texts(["File", "Status"], [(url, "SENT") for url in urls])

    def _state(self, row: PipeRow) -> str:
        if row.paused_since is not None:
            return "PAUSED"
        moved_on = stages.altered_on(self._engine, row.job.stage)
        if stages.find_stage_url(self._engine, row.job.stage) is None:
            return "STOPPED_STAGE_DROPPED"
        if moved_on is not None and moved_on > row.created_on:
            return "STOPPED_STAGE_ALTERED"
        try:
            self._engine.duck_conn.cursor().execute(f"DESCRIBE {row.job.table.sql}")
        except duckdb.CatalogException:
            return "STOPPED_MISSING_TABLE"
        return "RUNNING"

    def _last_load(self, row: PipeRow) -> tuple[str, datetime] | None:
        cursor = self._engine.duck_conn.cursor()
        return load_history.last_by_pipe(cursor, row.job.table.database, row.id)


def _told(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _timestamp(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as exc:
        raise compile_error(f"Timestamp '{text}' is not recognized", 100035, "22007") from exc
    if at.tzinfo is None:
        raise refused("MODIFIED_AFTER without a time zone")
    return at
