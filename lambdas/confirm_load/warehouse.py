"""Asks Snowflake about loads and core: a thin adapter, one SQL statement per question."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final, Protocol

from snowflake.connector.errors import Error, ProgrammingError

from confirm_load import statements
from confirm_load.load_core import (
    DYNAMIC_TABLE,
    FAILED,
    RUNNING,
    SUCCEEDED,
    TASK,
    Scheduled,
)
from confirm_load.load_status import HistoryLine, LandingCount, Repair
from confirm_load.load_way import RepairKind
from confirm_load.pipe_news import PipeNews
from confirm_load.private_key import PrivateKey
from confirm_load.session import connect, first_line, query_errors
from confirm_load.settings import WarehouseSettings
from tonearm_pipeline.errors import WarehouseNotWiredError, WarehouseUnavailableError

# What is answered without a warehouse; what is asked of one, its wake included; a COPY of files.
METADATA_SECONDS: Final = 30
QUERY_SECONDS: Final = 60
COPY_SECONDS: Final = 180
# COPY_HISTORY answers for the last 14 days.
# https://docs.snowflake.com/en/sql-reference/functions/copy_history
_MOST_HISTORY_HOURS: Final = 14 * 24 - 1
_PATTERN_OPTION: Final = re.compile(r"\bpattern\s*=\s*'[^']*'", re.IGNORECASE)
_DEFAULT_RETENTION_DAYS: Final = 1


class Warehouse(Protocol):
    """What ConfirmLoad asks of a warehouse."""

    def pipes(self, entities: Sequence[str]) -> list[PipeNews]:
        """Return what the pipes say of themselves; wakes no warehouse."""

    def histories(
        self, entities: Sequence[str], run_id: str, age: timedelta
    ) -> dict[str, list[HistoryLine]]:
        """Return the load history of this run's files, by entity."""

    def landing_counts(
        self, entities: Sequence[str], run_id: str, attempt: int
    ) -> dict[str, list[LandingCount]]:
        """Return this run's rows in the landing tables, per file, by entity."""

    def repair(self, repair: Repair) -> None:
        """Bring in files that no event announced."""

    def pipe_status(self, entity: str) -> str:
        """Return what the pipe says of itself, as JSON text."""

    def start_purge(self) -> None:
        """Start the tasks that delete what is older than the retention."""

    def core_tables(self) -> list[Scheduled]:
        """Return the dynamic tables of core; wakes no warehouse."""

    def tasks(self) -> list[Scheduled]:
        """Return the tasks; wakes no warehouse."""

    def retention_days(self) -> int:
        """Return how long the landing tables keep what has changed; wakes no warehouse."""

    def start_refresh(self, tables: Sequence[str]) -> tuple[str, str]:
        """Start one refresh of all these dynamic tables; its id, and why it failed at once."""

    def refresh_state(self, query_id: str) -> tuple[str, str]:
        """Return how a refresh stands, and why it failed; wakes no warehouse."""

    def failed_refreshes(self) -> list[str]:
        """Return the tables whose refresh failed in the last hour, the newest failure of each."""

    def core_rows(self, run_id: str, attempt: int) -> dict[str, int]:
        """Return how many of a run's rows core has, by entity."""


class SnowflakeWarehouse:
    """One open session. Names: database from the settings, one pipe per entity."""

    def __init__(self, connection: Any, database: str) -> None:
        self._connection = connection
        self._database = database

    def pipes(self, entities: Sequence[str]) -> list[PipeNews]:
        """Return what the pipes say of themselves; wakes no warehouse."""
        sql = statements.pipe_statuses(self._database, entities)
        (row,) = self._query(sql, seconds=METADATA_SECONDS)
        return [
            PipeNews.from_json(entity, str(text))
            for entity, text in zip(entities, row, strict=True)
        ]

    def histories(
        self, entities: Sequence[str], run_id: str, age: timedelta
    ) -> dict[str, list[HistoryLine]]:
        """Return the load history of this run's files, by entity."""
        hours = min(int(age.total_seconds() // 3600) + 2, _MOST_HISTORY_HOURS)
        sql = statements.histories(self._database, entities, hours)
        found: dict[str, list[HistoryLine]] = {entity: [] for entity in entities}
        for entity, name, status, count, error, line in self._query(
            sql, (f"%{run_id}%",) * len(entities)
        ):
            found[entity].append(
                HistoryLine(str(name), str(status), int(count or 0), str(error or ""), line)
            )
        return found

    def landing_counts(
        self, entities: Sequence[str], run_id: str, attempt: int
    ) -> dict[str, list[LandingCount]]:
        """Return this run's rows in the landing tables, per file, by entity."""
        sql = statements.landing_rows(self._database, entities)
        found: dict[str, list[LandingCount]] = {entity: [] for entity in entities}
        for entity, name, rows, all_rows in self._query(sql, (run_id, attempt) * len(entities)):
            found[entity].append(LandingCount(str(name), int(rows), int(all_rows)))
        return found

    def repair(self, repair: Repair) -> None:
        """Bring in files that no event announced: by the pipe, or by name when they are old."""
        if repair.kind is RepairKind.REFRESH:
            prefix = _stage_path(repair.entity, repair.keys[0]).rsplit("-", 1)[0]
            self._query(f"alter pipe {self._pipe(repair.entity)} refresh prefix = '{prefix}'")
        else:
            self._query(self._copy_by_name(repair), seconds=COPY_SECONDS)

    def pipe_status(self, entity: str) -> str:
        """Return what the pipe says of itself, as JSON text."""
        sql = statements.pipe_statuses(self._database, [entity])
        return str(self._query(sql, seconds=METADATA_SECONDS)[0][0])

    def start_purge(self) -> None:
        """Start the tasks that delete what is older than the retention."""
        self._query(f"execute task {self._database}.OPS.PURGE", seconds=METADATA_SECONDS)

    def core_tables(self) -> list[Scheduled]:
        """Return the dynamic tables of core; wakes no warehouse."""
        return [
            Scheduled(
                DYNAMIC_TABLE,
                _full_name(row),
                str(row["scheduling_state"]),
                row.get("last_suspended_on"),
                row.get("data_timestamp"),
            )
            for row in self._shown(f"show dynamic tables in schema {self._database}.CORE")
        ]

    def tasks(self) -> list[Scheduled]:
        """Return the tasks; wakes no warehouse."""
        return [
            Scheduled(
                TASK,
                _full_name(row),
                str(row["state"]),
                row.get("last_suspended_on"),
                reason=str(row.get("last_suspended_reason") or ""),
            )
            for row in self._shown(f"show tasks in schema {self._database}.OPS")
        ]

    def retention_days(self) -> int:
        """Return how long the landing tables keep what has changed; wakes no warehouse."""
        rows = self._shown(f"show tables in schema {self._database}.LANDING")
        days = [int(row.get("retention_time") or 0) for row in rows]
        return min(days, default=_DEFAULT_RETENTION_DAYS)

    def start_refresh(self, tables: Sequence[str]) -> tuple[str, str]:
        """Start one refresh of all these dynamic tables; its id, and why it failed at once.

        It is not waited for: what runs is told by `refresh_state`.
        """
        sql = f"alter dynamic table {', '.join(tables)} refresh"
        with self._connection.cursor() as cursor:
            try:
                cursor.execute_async(sql, timeout=METADATA_SECONDS)
            except ProgrammingError as exc:
                return str(exc.sfqid or ""), first_line(exc)
            except Error as exc:
                raise WarehouseUnavailableError(f"query: {type(exc).__name__} {exc.errno}") from exc
            return str(cursor.sfqid), ""

    def refresh_state(self, query_id: str) -> tuple[str, str]:
        """Return how a refresh stands, and why it failed; wakes no warehouse."""
        try:
            status = self._connection.get_query_status_throw_if_error(query_id)
        except ProgrammingError as exc:
            return FAILED, first_line(exc)
        except Error as exc:
            raise WarehouseUnavailableError(f"query: {type(exc).__name__} {exc.errno}") from exc
        return (RUNNING if self._connection.is_still_running(status) else SUCCEEDED), ""

    def failed_refreshes(self) -> list[str]:
        """Return the tables whose refresh failed in the last hour, the newest failure of each."""
        rows = self._query(statements.failed_refreshes(self._database))
        newest = {name: f"{name}: {state} {message or ''}".strip() for name, state, message in rows}
        return list(newest.values())

    def core_rows(self, run_id: str, attempt: int) -> dict[str, int]:
        """Return how many of a run's rows core has, by entity."""
        rows = self._query(statements.core_rows(self._database), (run_id, attempt))
        return {str(entity): int(count) for entity, count in rows}

    def close(self) -> None:
        """End the session."""
        self._connection.close()

    def _pipe(self, entity: str) -> str:
        return statements.pipe(self._database, entity)

    def _copy_by_name(self, repair: Repair) -> str:
        """The pipe's own COPY statement, over the named files instead of its pattern.

        `load_uncertain_files` matters for files older than 64 days alone, which COPY would skip.
        https://docs.snowflake.com/en/user-guide/data-load-considerations-load
        """
        pipes = self._shown(
            f"show pipes like '{repair.entity.upper()}_PIPE' in {self._database}.LANDING"
        )
        if not pipes:
            raise WarehouseNotWiredError(f"there is no pipe {self._pipe(repair.entity)}")
        definition = str(pipes[0]["definition"]).rstrip().rstrip(";")
        files = ", ".join(f"'{_stage_path(repair.entity, key)}'" for key in repair.keys)
        copy = _PATTERN_OPTION.sub("", definition)
        return f"{copy} files = ({files}) load_uncertain_files = true"

    def _query(
        self, sql: str, values: Sequence[object] = (), seconds: int = QUERY_SECONDS
    ) -> list[Any]:
        with query_errors(), self._connection.cursor() as cursor:
            cursor.execute(sql, tuple(values) or None, timeout=seconds)
            return list(cursor.fetchall())

    def _shown(self, sql: str) -> list[dict[str, Any]]:
        with query_errors(), self._connection.cursor() as cursor:
            cursor.execute(sql, timeout=METADATA_SECONDS)
            names = [column.name.lower() for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@contextmanager
def open_warehouse(settings: WarehouseSettings, key: PrivateKey) -> Iterator[SnowflakeWarehouse]:
    """Open a session with the service user's key pair and close it again.

    Raises:
        WarehouseNotWiredError: no account or key is set, or Snowflake refuses the login.
        WarehouseUnavailableError: Snowflake did not answer.
    """
    warehouse = SnowflakeWarehouse(connect(settings, key), settings.database)
    try:
        yield warehouse
    finally:
        warehouse.close()


def _full_name(row: Mapping[str, Any]) -> str:
    return f"{row['database_name']}.{row['schema_name']}.{row['name']}".upper()


def _stage_path(entity: str, key: str) -> str:
    """The file's path below the place the entity's pipe reads."""
    return key.removeprefix(f"curated/{entity}/")
