"""Pipes: created, altered, shown; never changed in place.

https://docs.snowflake.com/en/sql-reference/sql/create-pipe and .../alter-pipe, .../show-pipes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlglot import exp, parse_one

from tonearm.local.snowflake_server.engine.engine import Engine
from tonearm.local.snowflake_server.engine.names import ObjectName, folded
from tonearm.local.snowflake_server.engine.options import flag_option, parse_options, text_option
from tonearm.local.snowflake_server.loading import load_history, stages
from tonearm.local.snowflake_server.loading.copy_job import CopyJob, parse_copy
from tonearm.local.snowflake_server.loading.file_load import check_target
from tonearm.local.snowflake_server.loading.load_history import Pipe
from tonearm.local.snowflake_server.protocol.answers import Answer, done
from tonearm.local.snowflake_server.protocol.errors import (
    already_there,
    compile_error,
    missing,
    refused,
)

_PIPES = "_fs_global.tonearm.pipes"
_NOT_IN_A_PIPE = {
    "FILES",
    "FORCE",
    "PURGE",
    "RETURN_FAILED_ONLY",
    "SIZE_LIMIT",
    "VALIDATION_MODE",
}
_QUEUE = "_fs_global.tonearm.pipe_queue"


@dataclass(frozen=True)
class PipeRow:
    """A pipe as it is stored."""

    id: str
    name: ObjectName
    created_on: datetime
    definition: str
    is_auto_ingest: bool
    error_integration: str
    comment: str
    paused_since: datetime | None

    @property
    def pipe(self) -> Pipe:
        """The pipe as load history knows it."""
        return Pipe(self.id, self.name)

    @property
    def job(self) -> CopyJob:
        """The pipe's COPY statement."""
        return parse_copy(self.definition, self.name.database, self.name.schema)


@dataclass(frozen=True)
class CreatePipe:
    """A CREATE PIPE statement."""

    name: ObjectName
    is_replace: bool
    is_if_missing: bool
    options: str
    copy: str


def create_pipe(engine: Engine, request: CreatePipe) -> Answer:
    """Create a pipe; a replaced one loses its load history.

    Raises:
        ProgrammingError: it is there, its COPY is not for a pipe, or what it names is missing.
    """
    found = find_pipe(engine, request.name)
    if found and request.is_if_missing:
        return done(f"{request.name.name} already exists, statement succeeded.")
    if found and not request.is_replace:
        raise already_there(str(request.name))
    options = parse_options(request.options)
    if unknown := options.keys() - {"AUTO_INGEST", "ERROR_INTEGRATION", "COMMENT"}:
        raise refused(f"CREATE PIPE with {', '.join(sorted(unknown))}")
    error_integration = folded(text_option(options, "ERROR_INTEGRATION") or '""')
    if error_integration and engine.store.account_object("INTEGRATION", error_integration) is None:
        raise missing("Integration", error_integration)
    _check_copy(engine, request)
    with engine.store.changing():
        if found:
            drop_pipe(engine, found)
        engine.store.run(
            f"insert into {_PIPES} values (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",  # noqa: S608
            [
                uuid4().hex,
                *request.name,
                engine.clock.now(),
                request.copy,
                flag_option(options, "AUTO_INGEST"),
                error_integration,
                text_option(options, "COMMENT"),
            ],
        )
    return done(f"Pipe {request.name.name} successfully created.")


def _check_options(copy: str) -> None:
    """https://docs.snowflake.com/en/sql-reference/sql/create-pipe#usage-notes."""
    tree = parse_one(copy, read="snowflake")
    options = {str(item.this.name).upper(): item for item in tree.args.get("params") or []}
    forbidden = [name.lower() for name in sorted(options.keys() & _NOT_IN_A_PIPE)]
    on_error = options.get("ON_ERROR")
    if on_error is not None and on_error.expression.name.upper() == "ABORT_STATEMENT":
        forbidden.append("on_error = abort_statement")
    if tree.find(exp.CurrentTimestamp, exp.CurrentDate, exp.CurrentTime):
        forbidden.append("the present time: METADATA$START_SCAN_TIME tells it")
    if forbidden:
        raise compile_error(f"Invalid option in a pipe's COPY: {', '.join(forbidden)}.", 1003)


def _check_copy(engine: Engine, request: CreatePipe) -> None:
    _check_options(request.copy)
    job = parse_copy(request.copy, request.name.database, request.name.schema)
    stages.stage_url(engine, job.stage)
    stages.check_parquet(engine, job)
    check_target(engine.duck_conn.cursor(), job)


def drop_pipe(engine: Engine, row: PipeRow) -> None:
    """Forget a pipe, its queue and its load history."""
    load_history.forget_pipe(engine.duck_conn.cursor(), row.job.table.database, row.id)
    engine.store.run(f"delete from {_QUEUE} where pipe_id = ?", [row.id])  # noqa: S608
    engine.store.run(f"delete from {_PIPES} where id = ?", [row.id])  # noqa: S608


def find_pipe(engine: Engine, name: ObjectName) -> PipeRow | None:
    """A pipe by name."""
    rows = _rows(engine, "where database = ? and schema = ? and name = ?", list(name))
    return rows[0] if rows else None


def pipe_named(engine: Engine, name: ObjectName) -> PipeRow:
    """A pipe that must be there."""
    found = find_pipe(engine, name)
    if found is None:
        raise missing("Pipe", str(name))
    return found


def set_paused(engine: Engine, row: PipeRow, paused_since: datetime | None) -> None:
    """Pause or resume a pipe."""
    engine.store.run(
        f"update {_PIPES} set paused_since = ? where id = ?",  # noqa: S608
        [paused_since, row.id],
    )


def set_comment(engine: Engine, row: PipeRow, comment: str) -> None:
    """Change what a pipe says of itself."""
    engine.store.run(
        f"update {_PIPES} set comment = ? where id = ?",  # noqa: S608
        [comment, row.id],
    )


def enqueue(engine: Engine, row: PipeRow, url: str, received_at: datetime) -> None:
    """Keep an event of a paused pipe."""
    engine.store.run(
        f"insert into {_QUEUE} values (?, ?, ?)",  # noqa: S608
        [row.id, url, received_at],
    )


def queued(engine: Engine, row: PipeRow) -> list[tuple[str, datetime]]:
    """The files a pipe has still to load, oldest first."""
    return [
        (str(found[0]), found[1])
        for found in engine.store.rows(
            f"select url, received_at from {_QUEUE}"  # noqa: S608
            " where pipe_id = ? order by received_at, url",
            [row.id],
        )
    ]


def clear_queue(engine: Engine, row: PipeRow) -> None:
    """Forget the files a pipe had to load."""
    engine.store.run(f"delete from {_QUEUE} where pipe_id = ?", [row.id])  # noqa: S608


def all_pipes(engine: Engine) -> list[PipeRow]:
    """Every pipe of the account."""
    return _rows(engine, "order by database, schema, name", [])


def _rows(engine: Engine, condition: str, values: Sequence[Any]) -> list[PipeRow]:
    found = engine.store.rows(
        "select id, database, schema, name, created_on, definition, auto_ingest,"  # noqa: S608
        f" error_integration, comment, paused_since from {_PIPES} {condition}",
        values,
    )
    return [PipeRow(row[0], ObjectName(*row[1:4]), *row[4:]) for row in found]
