"""What the server remembers beside tables and views: account objects, pipes, queues, stages."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import Any

import duckdb

_TABLES = """
create schema if not exists _fs_global.tonearm;
create table if not exists _fs_global.tonearm.account_objects (
    kind varchar, name varchar, properties varchar, created_on timestamptz,
    primary key (kind, name));
create table if not exists _fs_global.tonearm.account_statements (
    recorded_at timestamptz, sql varchar);
create table if not exists _fs_global.tonearm.pipes (
    id varchar, database varchar, schema varchar, name varchar, created_on timestamptz,
    definition varchar, auto_ingest boolean, error_integration varchar, comment varchar,
    paused_since timestamptz, primary key (database, schema, name));
create table if not exists _fs_global.tonearm.pipe_queue (
    pipe_id varchar, url varchar, received_at timestamptz);
create table if not exists _fs_global.tonearm.stage_properties (
    database varchar, schema varchar, name varchar, storage_integration varchar,
    file_format varchar, primary key (database, schema, name));
create table if not exists _fs_global.tonearm.dynamic_table_states (
    database varchar, schema varchar, name varchar, created_on timestamptz, properties varchar,
    text varchar, owner varchar, is_transient boolean, data_timestamp timestamptz,
    attempted_on timestamptz, suspended_on timestamptz, reason varchar, failures integer,
    is_changed boolean, primary key (database, schema, name));
create table if not exists _fs_global.tonearm.dynamic_table_refreshes (
    database varchar, schema varchar, name varchar, state varchar, state_code varchar,
    state_message varchar, data_timestamp timestamptz, started_at timestamptz,
    ended_at timestamptz, refresh_action varchar, refresh_trigger varchar, target_lag_sec bigint);
create table if not exists _fs_global.tonearm.tasks (
    database varchar, schema varchar, name varchar, created_on timestamptz, properties varchar,
    predecessors varchar, text varchar, state varchar, primary key (database, schema, name));
alter table _fs_global.tonearm.tasks add column if not exists suspended_on timestamptz;
alter table _fs_global.tonearm.tasks add column if not exists reason varchar;
alter table _fs_global.tonearm.tasks add column if not exists failures integer;
create table if not exists _fs_global.tonearm.task_runs (
    database varchar, schema varchar, name varchar, query_text varchar, state varchar,
    error_code varchar, error_message varchar, started_at timestamptz, ended_at timestamptz);
alter table _fs_global.tonearm.stage_properties add column if not exists altered_on timestamptz;
create table if not exists _fs_global.tonearm.clock (offset_seconds double);
"""


class Store:
    """The server's own tables, one statement at a time."""

    def __init__(self, engine: duckdb.DuckDBPyConnection) -> None:
        self._engine = engine
        self._lock = RLock()
        self._engine.cursor().execute(_TABLES)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the lock over several statements that belong together."""
        with self._lock:
            yield

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self._lock:
            cursor = self._engine.cursor()
            try:
                return list(cursor.execute(sql, list(values)).fetchall())
            finally:
                cursor.close()

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Run a statement that changes something."""
        self.rows(sql, values)

    def account_object(self, kind: str, name: str) -> dict[str, Any] | None:
        """The properties of a role, user, warehouse or integration, if it is there."""
        found = self.rows(
            "select properties from _fs_global.tonearm.account_objects where kind = ? and name = ?",
            [kind, name],
        )
        return dict(json.loads(found[0][0])) if found else None

    def put_account_object(self, kind: str, name: str, properties: dict[str, Any], at: Any) -> None:
        """Create or replace the properties of an account object."""
        with self._lock:
            created = self.rows(
                "select created_on from _fs_global.tonearm.account_objects"
                " where kind = ? and name = ?",
                [kind, name],
            )
            self.drop_account_object(kind, name)
            self.run(
                "insert into _fs_global.tonearm.account_objects values (?, ?, ?, ?)",
                [kind, name, json.dumps(properties), created[0][0] if created else at],
            )

    def drop_account_object(self, kind: str, name: str) -> None:
        """Forget an account object."""
        self.run(
            "delete from _fs_global.tonearm.account_objects where kind = ? and name = ?",
            [kind, name],
        )

    def record_statement(self, sql: str, at: Any) -> None:
        """Keep an account-level statement that has no effect here beyond being kept."""
        self.run("insert into _fs_global.tonearm.account_statements values (?, ?)", [at, sql])

    def clock_offset(self) -> float:
        """How far the clock was moved before a restart."""
        found = self.rows("select offset_seconds from _fs_global.tonearm.clock")
        return float(found[0][0]) if found else 0.0

    def save_clock_offset(self, seconds: float) -> None:
        """Keep the clock's offset over a restart."""
        with self._lock:
            self.run("delete from _fs_global.tonearm.clock")
            self.run("insert into _fs_global.tonearm.clock values (?)", [seconds])
