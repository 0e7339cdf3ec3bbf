"""COPY INTO as a statement, and the same for one file of a pipe, each with its own load history.

- A statement loads all files or none (ON_ERROR default ABORT_STATEMENT); a pipe takes each file
  whole or not at all (default SKIP_FILE):
  https://docs.snowflake.com/en/sql-reference/sql/copy-into-table (ON_ERROR).
- PATTERN is matched against the whole URL by a statement, against what follows stage and path by a
  pipe: https://docs.snowflake.com/en/user-guide/data-load-considerations-load#pattern-matching.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb

from tonearm.local.snowflake_server.engine.engine import Engine
from tonearm.local.snowflake_server.engine.names import literal
from tonearm.local.snowflake_server.loading import load_history, stages
from tonearm.local.snowflake_server.loading.copy_job import CopyJob, pattern_takes
from tonearm.local.snowflake_server.loading.file_load import check_target, first_line, insert_file
from tonearm.local.snowflake_server.loading.load_history import LoadedFile, Pipe
from tonearm.local.snowflake_server.loading.s3_files import FileMissingError, StagedFile
from tonearm.local.snowflake_server.protocol.answers import Answer, Value, columns, done
from tonearm.local.snowflake_server.protocol.errors import OwnError, refused
from tonearm.local.snowflake_server.statements.parameters import account_zone

_COLUMNS = columns(
    "file, status, rows_parsed bigint, rows_loaded bigint, error_limit bigint, "
    "errors_seen bigint, first_error, first_error_line bigint, first_error_character bigint, "
    "first_error_column_name"
)
_LOADED_BEFORE = "File was loaded before."
_UNCERTAIN = "The load status of this file is not known: its metadata expired after 64 days."


@dataclass(frozen=True)
class Outcome:
    """What became of one file."""

    url: str
    status: str  # LOADED, LOAD_SKIPPED, LOAD_FAILED or QUEUED
    rows: int = 0
    first_error: str | None = None

    @property
    def cells(self) -> tuple[Value, ...]:
        """The line COPY INTO prints for it."""
        errors = int(self.first_error is not None)
        counts = (self.rows, self.rows, 1, errors)
        return (self.url, self.status, *counts, self.first_error, None, None, None)


@dataclass(frozen=True)
class Load:
    """Who loads: a COPY statement on a session's connection, or a pipe that was told of a file."""

    connection: duckdb.DuckDBPyConnection
    job: CopyJob
    pipe: Pipe | None = None
    received_at: datetime | None = None


class Loader:
    """Loads files into tables."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._files = engine.files

    def copy(
        self, connection: duckdb.DuckDBPyConnection, job: CopyJob, in_transaction: bool
    ) -> Answer:
        """Run a COPY statement.

        Raises:
            OwnError: a file is missing or does not fit, and nothing was loaded.
        """
        stages.check_parquet(self._engine, job)
        check_target(connection, job)
        skips_bad_files = job.on_error == "SKIP_FILE"
        if skips_bad_files and in_transaction:
            raise refused("COPY INTO with on_error = skip_file inside an open transaction")
        load = Load(connection, job)
        with self._engine.loading:
            files = list(self._files_of(job))
            if not files:
                return done("Copy executed with 0 files processed.")
            if skips_bad_files:
                outcomes = [self._whole_or_nothing(load, file) for file in files]
            else:
                outcomes = self._all_or_none(load, files, in_transaction)
        return Answer(_COLUMNS, [outcome.cells for outcome in outcomes])

    def pipe_file(self, pipe: Pipe, job: CopyJob, url: str, received_at: datetime) -> Outcome:
        """Load one file through a pipe: at most once in 14 days, whole or not at all."""
        connection = self._engine.duck_conn.cursor()
        try:
            connection.execute(f"SET TimeZone = {literal(account_zone(self._engine))}")
            with self._engine.loading:
                now = self._engine.clock.now()
                if url in load_history.loaded_by_pipe(connection, job.table, pipe.id, now):
                    return Outcome(url, "LOAD_SKIPPED", first_error=_LOADED_BEFORE)
                return self._through_pipe(Load(connection, job, pipe, received_at), url)
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

    def _files_of(self, job: CopyJob) -> Iterator[StagedFile]:
        base = stages.stage_url(self._engine, job.stage) + job.path
        if job.files:
            separator = "" if base.endswith("/") else "/"
            for name in job.files:
                yield self._named(base + separator + name)
            return
        for file in self._files.listed(base):
            if pattern_takes(job.pattern, file.url):
                yield file

    def _named(self, url: str) -> StagedFile:
        try:
            return self._files.one(url)
        except FileMissingError as exc:
            raise OwnError(msg=str(exc), errno=91016, sqlstate="22000") from exc

    def _all_or_none(
        self, load: Load, files: Sequence[StagedFile], in_transaction: bool
    ) -> list[Outcome]:
        if in_transaction:
            return [self._load(load, file) for file in files]
        load.connection.execute("BEGIN")
        try:
            outcomes = [self._load(load, file) for file in files]
            load.connection.execute("COMMIT")
        except duckdb.Error as exc:
            load.connection.execute("ROLLBACK")
            raise OwnError(msg=first_line(exc), errno=100038, sqlstate="22018") from exc
        except BaseException:
            load.connection.execute("ROLLBACK")
            raise
        return outcomes

    def _through_pipe(self, load: Load, url: str) -> Outcome:
        try:
            file = self._files.one(url)
        except FileMissingError as exc:
            outcome = Outcome(url, "LOAD_FAILED", 0, str(exc))
            self._note(load, StagedFile(url, 0, "", self._engine.clock.now()), outcome)
            return outcome
        return self._whole_or_nothing(load, file)

    def _whole_or_nothing(self, load: Load, file: StagedFile) -> Outcome:
        load.connection.execute("BEGIN")
        try:
            outcome = self._load(load, file)
            load.connection.execute("COMMIT")
        except duckdb.Error as exc:
            load.connection.execute("ROLLBACK")
            outcome = Outcome(file.url, "LOAD_FAILED", 0, first_line(exc))
            self._note(load, file, outcome)
        except BaseException:
            load.connection.execute("ROLLBACK")
            raise  # S3 did not answer: that says nothing of the file
        return outcome

    def _load(self, load: Load, file: StagedFile) -> Outcome:
        is_statement = load.pipe is None and not load.job.force
        if is_statement and (why := self._why_skipped(load, file)):
            return Outcome(file.url, "LOAD_SKIPPED", first_error=why)
        with self._files.local_copy(file) as path:
            rows = insert_file(load.connection, load.job, file, path, self._engine.clock.now())
        self._engine.changes += 1
        outcome = Outcome(file.url, "LOADED", rows)
        self._note(load, file, outcome)
        return outcome

    def _why_skipped(self, load: Load, file: StagedFile) -> str:
        """https://docs.snowflake.com/en/user-guide/data-load-considerations-load#load-metadata."""
        now = self._engine.clock.now()
        history = load_history.loaded_into_table(load.connection, load.job.table, now)
        if (file.url, file.content_key) in history:
            return _LOADED_BEFORE
        horizon = now - timedelta(days=load_history.TABLE_DAYS)
        first = load_history.first_load(load.connection, load.job.table)
        is_unknown = file.last_modified < horizon and first is not None and first < horizon
        return _UNCERTAIN if is_unknown and not load.job.load_uncertain_files else ""

    def _note(self, load: Load, file: StagedFile, outcome: Outcome) -> None:
        location = stages.stage_url(self._engine, load.job.stage)
        line = LoadedFile(
            table=load.job.table,
            pipe=load.pipe,
            stage_location=location,
            file_name=file.url.removeprefix(location),
            content_key=file.content_key,
            file_size=file.size,
            received_at=load.received_at,
            loaded_at=self._engine.clock.now(),
            status="Loaded" if outcome.status == "LOADED" else "Load failed",
            row_count=outcome.rows,
            row_parsed=outcome.rows,
            first_error=outcome.first_error,
        )
        load_history.record(load.connection, line)
