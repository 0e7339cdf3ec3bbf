"""Asks Snowflake about loads: a thin adapter, one SQL statement per question."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final, Protocol

import snowflake.connector
from snowflake.connector.errors import (
    DatabaseError,
    Error,
    ForbiddenError,
    HttpError,
    OperationalError,
    ProgrammingError,
)

from confirm_load.private_key import PrivateKey
from confirm_load.settings import WarehouseSettings
from tonearm_pipeline.errors import WarehouseNotWiredError, WarehouseUnavailableError
from tonearm_pipeline.load_status import HistoryLine, LandingCount, Repair
from tonearm_pipeline.load_way import RepairKind

LOGIN_TIMEOUT_SECONDS: Final = 30
NETWORK_TIMEOUT_SECONDS: Final = 60
# COPY_HISTORY answers for the last 14 days.
# https://docs.snowflake.com/en/sql-reference/functions/copy_history
_MOST_HISTORY_HOURS: Final = 14 * 24 - 1
_HTTP_NOT_FOUND: Final = 290404
# SQL execution cancelled; statement reached its timeout.
_STATEMENT_CANCELLED: Final = frozenset({604, 630})
_PATTERN_OPTION: Final = re.compile(r"\bpattern\s*=\s*'[^']*'", re.IGNORECASE)
_DEFINITION: Final = "definition"

_HISTORY: Final = """
select
    file_name,
    status,
    row_count,
    first_error_message,
    first_error_line_number
from table({information_schema}.copy_history(
    table_name => '{table}',
    start_time => dateadd('hour', -{hours}, current_timestamp())
))
where file_name like %s
"""
_LANDING_ROWS: Final = """
select
    source_file,
    count(distinct source_row) as distinct_rows,
    count(*) as all_rows
from {table}
where run_id = %s and attempt = %s
group by source_file
"""


class Warehouse(Protocol):
    """What ConfirmLoad asks of a warehouse."""

    def history(self, entity: str, run_id: str, age: timedelta) -> list[HistoryLine]:
        """Return the load history of this run's files in an entity's landing table."""

    def landing_counts(self, entity: str, run_id: str, attempt: int) -> list[LandingCount]:
        """Return this run's rows in an entity's landing table, per file."""

    def repair(self, repair: Repair) -> None:
        """Bring in files that no event announced."""

    def pipe_status(self, entity: str) -> str:
        """Return what the pipe says of itself, as JSON text."""


class SnowflakeWarehouse:
    """One open session. Names: database from the settings, schema LANDING, one pipe per entity."""

    def __init__(self, connection: Any, database: str) -> None:
        self._connection = connection
        self._landing = f"{database}.LANDING"
        self._information_schema = f"{database}.INFORMATION_SCHEMA"

    def history(self, entity: str, run_id: str, age: timedelta) -> list[HistoryLine]:
        """Return the load history of this run's files in an entity's landing table."""
        rows = self._query(
            _HISTORY.format(
                information_schema=self._information_schema,
                table=self._table(entity),
                hours=min(int(age.total_seconds() // 3600) + 2, _MOST_HISTORY_HOURS),
            ),
            (f"%{run_id}%",),
        )
        return [
            HistoryLine(str(name), str(status), int(count or 0), str(error or ""), line)
            for name, status, count, error, line in rows
        ]

    def landing_counts(self, entity: str, run_id: str, attempt: int) -> list[LandingCount]:
        """Return this run's rows in an entity's landing table, per file."""
        rows = self._query(
            _LANDING_ROWS.format(table=self._table(entity)),
            (run_id, attempt),
        )
        return [LandingCount(str(name), int(rows), int(all_rows)) for name, rows, all_rows in rows]

    def repair(self, repair: Repair) -> None:
        """Bring in files that no event announced: by the pipe, or by name when they are old."""
        if repair.kind is RepairKind.REFRESH:
            prefix = _stage_path(repair.entity, repair.keys[0]).rsplit("-", 1)[0]
            self._query(f"alter pipe {self._pipe(repair.entity)} refresh prefix = '{prefix}'")
        else:
            self._query(self._copy_by_name(repair))

    def pipe_status(self, entity: str) -> str:
        """Return what the pipe says of itself, as JSON text."""
        rows = self._query(f"select system$pipe_status('{self._pipe(entity)}')")
        return str(rows[0][0])

    def close(self) -> None:
        """End the session."""
        self._connection.close()

    def _table(self, entity: str) -> str:
        return f"{self._landing}.{entity.upper()}"

    def _pipe(self, entity: str) -> str:
        return f"{self._table(entity)}_PIPE"

    def _copy_by_name(self, repair: Repair) -> str:
        """The pipe's own COPY statement, over the named files instead of its pattern.

        `load_uncertain_files` matters for files older than 64 days alone, which COPY would skip.
        https://docs.snowflake.com/en/user-guide/data-load-considerations-load
        """
        with _query_errors(), self._connection.cursor() as cursor:
            cursor.execute(f"show pipes like '{repair.entity.upper()}_PIPE' in {self._landing}")
            names = [column.name.lower() for column in cursor.description]
            pipes = cursor.fetchall()
        if not pipes:
            raise WarehouseNotWiredError(f"there is no pipe {self._pipe(repair.entity)}")
        definition = str(pipes[0][names.index(_DEFINITION)]).rstrip().rstrip(";")
        files = ", ".join(f"'{_stage_path(repair.entity, key)}'" for key in repair.keys)
        copy = _PATTERN_OPTION.sub("", definition)
        return f"{copy} files = ({files}) load_uncertain_files = true"

    def _query(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        with _query_errors(), self._connection.cursor() as cursor:
            cursor.execute(sql, tuple(values) or None)
            return list(cursor.fetchall())


@contextmanager
def open_warehouse(settings: WarehouseSettings, key: PrivateKey) -> Iterator[SnowflakeWarehouse]:
    """Open a session with the service user's key pair and close it again.

    Raises:
        WarehouseNotWiredError: no account or key is set, or Snowflake refuses the login.
        WarehouseUnavailableError: Snowflake did not answer.
    """
    if not settings.account or not settings.key_secret_arn:
        raise WarehouseNotWiredError(
            "SNOWFLAKE_ACCOUNT or SNOWFLAKE_KEY_SECRET_ARN is empty: run `tonearm snowflake deploy`"
        )
    warehouse = SnowflakeWarehouse(_connect(settings, key), settings.database)
    try:
        yield warehouse
    finally:
        warehouse.close()


def _connect(settings: WarehouseSettings, key: PrivateKey) -> Any:
    address: dict[str, Any] = {"host": settings.host} if settings.host else {}
    if settings.port:
        address["port"] = settings.port
    try:
        return snowflake.connector.connect(
            account=settings.account,
            user=settings.user,
            role=settings.role,
            warehouse=settings.warehouse,
            database=settings.database,
            schema="LANDING",
            authenticator="SNOWFLAKE_JWT",
            private_key=key.der(),
            protocol=settings.protocol,
            login_timeout=LOGIN_TIMEOUT_SECONDS,
            network_timeout=NETWORK_TIMEOUT_SECONDS,
            **address,
        )
    except Error as exc:
        key.forget()
        raise _login_error(exc, settings) from exc


def _login_error(exc: Error, settings: WarehouseSettings) -> Exception:
    """Tell a refusal, which a person must heal, from silence, which time may heal."""
    who = f"{settings.user}@{settings.account}"
    is_unknown_account = isinstance(exc, HttpError) and exc.errno == _HTTP_NOT_FOUND
    is_refusal = isinstance(exc, DatabaseError) and not isinstance(exc, OperationalError)
    if is_unknown_account or is_refusal or isinstance(exc, ForbiddenError):
        return WarehouseNotWiredError(
            f"Snowflake refuses {who} ({exc.errno}): run `tonearm snowflake deploy`"
        )
    return WarehouseUnavailableError(f"login as {who}: {type(exc).__name__} {exc.errno}")


@contextmanager
def _query_errors() -> Iterator[None]:
    """A statement Snowflake refuses means objects or grants are missing; the rest is silence."""
    try:
        yield
    except ProgrammingError as exc:
        if exc.errno in _STATEMENT_CANCELLED:
            raise WarehouseUnavailableError(f"query cancelled ({exc.errno})") from exc
        raise WarehouseNotWiredError(
            f"Snowflake refuses a statement ({exc.errno}): {_first_line(exc)}: "
            "run `tonearm snowflake deploy`"
        ) from exc
    except Error as exc:
        raise WarehouseUnavailableError(f"query: {type(exc).__name__} {exc.errno}") from exc


def _first_line(exc: Error) -> str:
    lines = str(exc.msg or exc).strip().splitlines()
    return " ".join(line.strip() for line in lines)[:300]


def _stage_path(entity: str, key: str) -> str:
    """The file's path below the place the entity's pipe reads."""
    return key.removeprefix(f"curated/{entity}/")
