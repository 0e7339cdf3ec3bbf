"""COPY INTO as a statement, and the same for one file of a pipe, each with its own load history.

- A statement loads all files or none (ON_ERROR default ABORT_STATEMENT); a pipe takes each file whole or
  not at all (default SKIP_FILE): https://docs.snowflake.com/en/sql-reference/sql/copy-into-table (ON_ERROR).
- PATTERN is matched against the whole URL by a statement, against the rest after stage and path by a pipe:
  https://docs.snowflake.com/en/user-guide/data-load-considerations-load#pattern-matching.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb
from snowflake.connector.errors import ProgrammingError

from tonearm.local.snowflake_server import load_history, stages
from tonearm.local.snowflake_server.answers import Answer, done
from tonearm.local.snowflake_server.copy_job import CopyJob
from tonearm.local.snowflake_server.engine import Engine
from tonearm.local.snowflake_server.errors import refused
from tonearm.local.snowflake_server.file_load import check_target, first_line, insert_file
from tonearm.local.snowflake_server.load_history import LoadedFile, Pipe
from tonearm.local.snowflake_server.s3_files import FileMissingError, StagedFile

COLUMNS = {
    "file": "VARCHAR",
    "status": "VARCHAR",
    "rows_parsed": "BIGINT",
    "rows_loaded": "BIGINT",
    "error_limit": "BIGINT",
    "errors_seen": "BIGINT",
    "first_error": "VARCHAR",
    "first_error_line": "BIGINT",
    "first_error_character": "BIGINT",
    "first_error_column_name": "VARCHAR",
}


@dataclass(frozen=True)
class Outcome:
    """What became of one file."""

    url: str
    status: str  # LOADED, LOAD_SKIPPED or LOAD_FAILED
    rows: int = 0
    first_error: str | None = None

    @property
    def row(self) -> tuple[str | int | None, ...]:
        """The line COPY INTO prints for it."""
        errors = int(self.first_error is not None)
        return (
            self.url,
            self.status,
            self.rows,
            self.rows,
            1,
            errors,
            self.first_error,
            None,
            None,
            None,
        )


class Loader:
    """Loads files into tables."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._files = engine.files

    def copy(
        self, connection: duckdb.DuckDBPyConnection, job: CopyJob, in_transaction: bool
    ) -> Answer:
        """Run a COPY statement on the session's connection."""
        stages.check_parquet(self._engine, job)
        check_target(connection, job)
        skips_bad_files = job.on_error == "SKIP_FILE"
        if skips_bad_files and in_transaction:
            raise refused("COPY INTO with on_error = skip_file inside an open transaction")
        with self._engine.loading:
            files = list(self._statement_files(job))
            if not files:
                return done("Copy executed with 0 files processed.")
            if skips_bad_files:
                outcomes = [self._one_whole_file(connection, job, file, None) for file in files]
            else:
                outcomes = self._all_or_none(connection, job, files, in_transaction)
        return Answer(COLUMNS, [outcome.row for outcome in outcomes])

    def pipe_file(self, pipe: Pipe, job: CopyJob, url: str, received_at: datetime) -> Outcome:
        """Load one file through a pipe: at most once in 14 days, whole or not at all."""
        connection = self._engine.duck_conn.cursor()
        try:
            with self._engine.loading:
                now = self._engine.clock.now()
                if url in load_history.loaded_by_pipe(connection, job.table, pipe.id, now):
                    return Outcome(url, "LOAD_SKIPPED", first_error="File was loaded before.")
                return self._pipe_load(connection, pipe, job, url, received_at)
        finally:
            connection.close()

    def refreshable(self, pipe: Pipe, job: CopyJob, prefix: str, after: datetime) -> list[str]:
        """What ALTER PIPE … REFRESH takes: recent files neither the pipe nor a COPY loaded."""
        connection = self._engine.duck_conn.cursor()
        now = self._engine.clock.now()
        by_pipe = load_history.loaded_by_pipe(connection, job.table, pipe.id, now)
        by_table = load_history.loaded_into_table(connection, job.table, now)
        base = stages.stage_url(self._engine, job.stage) + job.path
        return [
            file.url
            for file in self._files.listed(base + prefix)
            if file.last_modified >= after
            and file.url not in by_pipe
            and (file.url, file.content_key) not in by_table
            and pattern_takes(job.pattern, file.url.removeprefix(base))
        ]

    def _statement_files(self, job: CopyJob) -> Iterator[StagedFile]:
        base = stages.stage_url(self._engine, job.stage) + job.path
        if job.files:
            separator = "" if base.endswith("/") else "/"
            for name in job.files:
                yield self._existing(base + separator + name)
            return
        for file in self._files.listed(base):
            if pattern_takes(job.pattern, file.url):
                yield file

    def _existing(self, url: str) -> StagedFile:
        try:
            return self._files.one(url)
        except FileMissingError as exc:
            raise ProgrammingError(msg=str(exc), errno=91016, sqlstate="22000") from exc

    def _all_or_none(
        self,
        connection: duckdb.DuckDBPyConnection,
        job: CopyJob,
        files: Sequence[StagedFile],
        in_transaction: bool,
    ) -> list[Outcome]:
        if not in_transaction:
            connection.execute("BEGIN")
        try:
            outcomes = [self._load(connection, job, file, None, None) for file in files]
            if not in_transaction:
                connection.execute("COMMIT")
        except (duckdb.Error, ProgrammingError) as exc:
            if not in_transaction:
                connection.execute("ROLLBACK")
            raise ProgrammingError(msg=first_line(exc), errno=100038, sqlstate="22018") from exc
        return outcomes

    def _one_whole_file(
        self,
        connection: duckdb.DuckDBPyConnection,
        job: CopyJob,
        file: StagedFile,
        pipe: Pipe | None,
        received_at: datetime | None = None,
    ) -> Outcome:
        connection.execute("BEGIN")
        try:
            outcome = self._load(connection, job, file, pipe, received_at)
            connection.execute("COMMIT")
        except duckdb.Error as exc:
            connection.execute("ROLLBACK")
            outcome = Outcome(file.url, "LOAD_FAILED", 0, first_line(exc))
            self._note(connection, job, file, pipe, received_at, outcome)
        return outcome

    def _pipe_load(
        self,
        connection: duckdb.DuckDBPyConnection,
        pipe: Pipe,
        job: CopyJob,
        url: str,
        received_at: datetime,
    ) -> Outcome:
        try:
            file = self._files.one(url)
        except FileMissingError as exc:
            outcome = Outcome(url, "LOAD_FAILED", 0, str(exc))
            nothing = StagedFile(url, 0, "", received_at)
            self._note(connection, job, nothing, pipe, received_at, outcome)
            return outcome
        return self._one_whole_file(connection, job, file, pipe, received_at)

    def _load(
        self,
        connection: duckdb.DuckDBPyConnection,
        job: CopyJob,
        file: StagedFile,
        pipe: Pipe | None,
        received_at: datetime | None,
    ) -> Outcome:
        if pipe is None and not job.force and (why := self._skip_reason(connection, job, file)):
            return Outcome(file.url, "LOAD_SKIPPED", first_error=why)
        rows = insert_file(connection, job, file, self._engine.clock.now())
        outcome = Outcome(file.url, "LOADED", rows)
        self._note(connection, job, file, pipe, received_at, outcome)
        return outcome

    def _skip_reason(
        self, connection: duckdb.DuckDBPyConnection, job: CopyJob, file: StagedFile
    ) -> str:
        """https://docs.snowflake.com/en/user-guide/data-load-considerations-load#load-metadata."""
        now = self._engine.clock.now()
        history = load_history.loaded_into_table(connection, job.table, now)
        if (file.url, file.content_key) in history:
            return "File was loaded before."
        horizon = now - timedelta(days=load_history.TABLE_DAYS)
        first = load_history.first_load(connection, job.table)
        is_unknown = file.last_modified < horizon and first is not None and first < horizon
        if is_unknown and not job.load_uncertain_files:
            return "The load status of this file is not known: its metadata expired after 64 days."
        return ""

    def _note(
        self,
        connection: duckdb.DuckDBPyConnection,
        job: CopyJob,
        file: StagedFile,
        pipe: Pipe | None,
        received_at: datetime | None,
        outcome: Outcome,
    ) -> None:
        location = stages.stage_url(self._engine, job.stage)
        load = LoadedFile(
            table=job.table,
            pipe=pipe,
            stage_location=location,
            file_name=file.url.removeprefix(location),
            content_key=file.content_key,
            file_size=file.size,
            received_at=received_at,
            loaded_at=self._engine.clock.now(),
            status="Loaded" if outcome.status == "LOADED" else "Load failed",
            row_count=outcome.rows,
            row_parsed=outcome.rows,
            first_error=outcome.first_error,
        )
        load_history.record(connection, load)


def pattern_takes(pattern: str, text: str) -> bool:
    """Whether a PATTERN takes a path; no pattern takes all."""
    return not pattern or re.fullmatch(pattern, text) is not None
