"""A session and its cursor: fakesnow's, with this server's statements and rules in front."""

import logging
from collections.abc import Sequence
from threading import Event
from typing import Any

import duckdb
from fakesnow import transforms
from fakesnow.conn import FakeSnowflakeConnection
from fakesnow.cursor import FakeSnowflakeCursor
from snowflake.connector.cursor import SnowflakeCursor
from sqlglot import Expr, exp, parse_one

from tonearm.local.snowflake_server.dynamic import schedule
from tonearm.local.snowflake_server.dynamic.refresh_notes import is_refresh_function, refresh_query
from tonearm.local.snowflake_server.engine import rewrites
from tonearm.local.snowflake_server.engine.engine import Engine
from tonearm.local.snowflake_server.engine.names import ObjectName, literal, object_name
from tonearm.local.snowflake_server.loading import load_history
from tonearm.local.snowflake_server.loading.copy_history import copy_history_query, is_copy_history
from tonearm.local.snowflake_server.loading.copy_job import copy_job
from tonearm.local.snowflake_server.protocol.answers import Answer
from tonearm.local.snowflake_server.protocol.errors import as_snowflake_error
from tonearm.local.snowflake_server.statements import parameters
from tonearm.local.snowflake_server.statements.router import Statements
from tonearm.local.snowflake_server.statements.system_functions import is_system_call, system_call
from tonearm.local.snowflake_server.statements.task_runs import history_query, is_task_history

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of DDL this server answers itself


class Session(FakeSnowflakeConnection):
    """One connection of a client."""

    def __init__(self, engine: Engine, statements: Statements, **options: Any) -> None:
        super().__init__(
            engine.duck_conn.cursor(),
            engine.results_cache,
            create_database=False,
            create_schema=False,
            db_path=engine.options.data,
            **options,
        )
        self.engine = engine
        self.statements = statements
        self.user = ""
        self.role: str | None = None
        self.warehouse: str | None = None
        self.is_internal = False
        self.parameters: dict[str, Any] = {}
        self.stopped = Event()  # set while the running statement is being stopped
        self._helpers: list[Session] = []
        self.use_zone()

    def cursor(self, cursor_class: type[SnowflakeCursor] = SnowflakeCursor) -> "Cursor":
        """A cursor on this session."""
        return Cursor(self, self._duck_conn, cursor_class is not SnowflakeCursor)

    def apart(self) -> "Session":
        """A session beside this one for the server's own work, in no transaction of the client."""
        other = Session(self.engine, self.statements, database=self.database, schema=self.schema)
        other.is_internal = True
        other.stopped = self.stopped
        self._helpers = [helper for helper in self._helpers if not helper._is_closed]
        self._helpers.append(other)
        return other

    def use_zone(self) -> None:
        """Let the engine reckon in the session's time zone."""
        self._duck_conn.execute(f"SET TimeZone = {literal(parameters.zone(self))}")

    def stop_here(self) -> None:
        """Go no further with a statement that is being stopped.

        Raises:
            InterruptException: it is.
        """
        if self.stopped.is_set():
            raise duckdb.InterruptException("interrupted")

    def interrupt(self) -> None:
        """Stop the statement that runs now, and the server's own work for it."""
        self.stopped.set()
        for each in (self, *self._helpers):
            if not each._is_closed:
                each._duck_conn.interrupt()

    def engine_execute(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a statement in the engine's own SQL."""
        return list(self._duck_conn.execute(sql, list(values)).fetchall())

    def translated(self, query: str) -> str:
        """A query in the engine's SQL."""
        key = (query, self.database, self.schema, self.engine.clock.offset_seconds)
        known = self.engine.translations
        if key not in known:
            known[key] = self.cursor().translated(query)
        return known[key]

    def named(self, text: str) -> ObjectName:
        """A name completed from this session."""
        return object_name(text, self.database, self.schema)

    @property
    def in_transaction(self) -> bool:
        """Whether the client opened a transaction."""
        return bool(self._in_transaction)

    def change_transaction(self, word: str) -> None:
        """BEGIN, COMMIT or ROLLBACK; a second BEGIN goes on with the first."""
        begins = word == "BEGIN"
        if begins != self.in_transaction:
            self._duck_conn.execute(word)
            self._in_transaction = begins


class Cursor(FakeSnowflakeCursor):
    """Runs statements: ours are answered, all others are translated by fakesnow."""

    _conn: Session

    def execute(self, command: str, *args: Any, **kwargs: Any) -> "Cursor":
        """Run one statement.

        Raises:
            Error: always one of the connector's own, so that clients do not retry.
        """
        try:
            answer = self._conn.statements.answer(command, self._conn)
            if isinstance(answer, Answer):
                self._execute(parse_one(answer.sql, read="duckdb"))
            else:
                super().execute(answer or command, *args, **kwargs)
        except Exception as exc:
            raise as_snowflake_error(exc) from exc
        self._conn.stop_here()
        return self

    @property
    def table(self) -> Any:
        """The result as an Arrow table; None before anything ran."""
        return self._arrow_table

    def translated(self, query: str) -> str:
        """A query in the engine's SQL, not run."""
        tree: Expr = self._transform(parse_one(query, read="snowflake"), None)
        return str(tree.sql(dialect="duckdb"))

    def described(self) -> list[Any]:
        """The engine's description of the result's columns."""
        return self._describe_last_sql()

    def description_of(self, sql: str) -> list[Any] | None:
        """The same for a statement that is not run; None when only running it would tell."""
        return self._describe_only(sql)

    def _transform(self, expression: Expr, params: Any) -> Expr:
        rewrites.refuse_traps(expression)
        if not self._conn.is_internal:
            schedule.before_reading(self._conn, expression)
        offset = self._conn.engine.clock.offset_seconds
        changed = (
            expression.transform(self._answered)
            .transform(rewrites.checked_divisors, copy=False)
            .transform(rewrites.instants_in_utc, copy=False)
            .transform(rewrites.moved_clock, offset, copy=False)
        )
        listed = rewrites.empty_lists_as_text(changed)
        return super()._transform(listed, params)

    def _answered(self, node: Expr) -> Expr:
        """System functions and histories, answered by the server."""
        if is_copy_history(node):
            return copy_history_query(
                node, self._conn.database, self._conn.schema, self._conn.engine.clock
            )
        if is_task_history(node):
            return history_query(node)
        if is_refresh_function(node):
            return refresh_query(node, self._conn)
        if is_system_call(node):
            return system_call(node, self._conn, self._conn.statements.services.pipe_work)
        return node

    def _execute(self, transformed: Expr, params: Any = None) -> None:
        if isinstance(transformed, exp.Copy):
            job = copy_job(transformed, self._conn.database, self._conn.schema)
            loader = self._conn.statements.services.loader
            answer = loader.copy(self._duck_conn, job, self._conn.in_transaction)
            transformed = parse_one(answer.sql, read="duckdb")
        super()._execute(transformed, params)
        if not isinstance(transformed, exp.Query):
            self._conn.engine.changes += 1
        self._follow(transformed)

    def _follow(self, done: Expr) -> None:
        """What a statement that went through means for the server's own notes."""
        if created := done.args.get("create_db_name"):
            self._conn.engine.prepare_database(created)
        is_new = isinstance(done, exp.Create) and done.args.get("replace")
        table = done.find(exp.Table) if is_new or done.key in ("drop", "truncatetable") else None
        if table is not None and str(done.args.get("kind") or "TABLE").upper() == "TABLE":
            name = self._conn.named(table.sql(dialect="snowflake"))
            load_history.forget_table(self._duck_conn, name)


def keep_numbers_whole() -> None:
    """Undo fakesnow's cast of every aggregated number to a float: SUM of integers is an integer.

    https://docs.snowflake.com/en/sql-reference/functions/sum
    """
    setattr(transforms, "numeric_agg_implicit_cast", lambda expression: expression)  # noqa: B010
