"""Reads the account with SHOW, DESC and system functions; changes nothing."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tonearm.warehouse.dynamic_table_state import ScheduledState, scheduled_states
from tonearm.warehouse.wiring import applied_sql
from tonearm.warehouse.wiring.core_tables import TableState
from tonearm.warehouse.wiring.expected import Expected
from tonearm.warehouse.wiring.observed import (
    ACCOUNT_KINDS,
    DATABASE_KINDS,
    Observed,
    PipeState,
    StageState,
    handshake_of,
)
from tonearm.warehouse.wiring.options import Handshake, Names
from tonearm.warehouse.wiring.session import Account, RefusedError


def read_account(account: Account, expected: Expected, names: Names) -> Observed:
    """Read the account.

    Raises:
        RefusedError: the admin's role may not look.
    """
    shown = _Shown(account, names)
    objects = shown.objects(expected)
    if names.warehouse in objects.get("WAREHOUSE", ()):
        account.run(f"use warehouse {names.warehouse}")
    applied = applied_sql.applied(account, names.ledger) if shown.has_ledger() else {}
    return Observed(
        objects=objects,
        columns=shown.columns(expected),
        pipes=shown.pipes(expected),
        storage=account.properties(f"desc integration {names.storage_integration}"),
        storage_made_on=integration_made_on(account, names),
        errors=account.properties(f"desc integration {names.error_integration}"),
        stage=shown.stage(),
        key_fingerprints=_key_fingerprints(account, names.service_user),
        scheduled=shown.scheduled(),
        dynamic_tables=shown.dynamic_tables(expected, applied),
        applied=applied,
        grants=_grants(
            account, sorted(expected.of_kind("ROLE") & objects.get("ROLE", frozenset()))
        ),
    )


def read_handshake(account: Account, names: Names) -> Handshake:
    """Only what the stack needs of the account."""
    rows = account.rows_if_there(f"show pipes in database {names.database}")
    return handshake_of(
        account.properties(f"desc integration {names.storage_integration}"),
        account.properties(f"desc integration {names.error_integration}"),
        [row["notification_channel"] or "" for row in rows],
    )


def integration_made_on(account: Account, names: Names) -> datetime | None:
    """When the storage integration was made; None without it.

    A stage loses its integration when that is made anew, even under the same name:
    https://docs.snowflake.com/en/sql-reference/sql/create-storage-integration
    """
    rows = account.rows_if_there(f"show integrations like '{names.storage_integration}'")
    return _moment(rows[0]["created_on"]) if rows else None


def pipe_definitions(account: Account, names: Names) -> dict[str, str]:
    """The COPY of each pipe as Snowflake shows it."""
    rows = account.rows(f"show pipes in database {names.database}")
    return {_full_name(row, "PIPE"): row["definition"] for row in rows}


class _Shown:
    """SHOW answers, each asked once."""

    def __init__(self, account: Account, names: Names) -> None:
        self._account = account
        self._names = names
        self._answers: dict[str, list[dict[str, Any]]] = {}

    def objects(self, expected: Expected) -> dict[str, frozenset[str]]:
        found = {
            kind: frozenset(
                row["name"].upper()
                for name in expected.of_kind(kind)
                for row in self._ask(f"show {shown} like '{name}'")
            )
            for kind, shown in ACCOUNT_KINDS.items()
        }
        if self._names.database not in found["DATABASE"]:
            return found
        for kind, shown in DATABASE_KINDS.items():
            if expected.of_kind(kind):
                found |= self._listed(kind, shown)
        return found

    def columns(self, expected: Expected) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for schema in sorted({table.rsplit(".", 1)[0] for table in expected.columns}):
            for row in self._ask(f"show columns in schema {schema}"):
                table = f"{schema}.{row['table_name'].upper()}"
                found[table] = found.get(table, frozenset()) | {row["column_name"].upper()}
        return found

    def pipes(self, expected: Expected) -> dict[str, PipeState]:
        rows = {_full_name(row, "PIPE"): row for row in self._in_database("PIPES")}
        return {
            name: _pipe_state(self._account, name, rows[name])
            for name in sorted(expected.pipes)
            if name in rows
        }

    def stage(self) -> StageState | None:
        rows = {_full_name(row, "STAGE"): row for row in self._in_database("STAGES")}
        row = rows.get(self._names.stage)
        if row is None:
            return None
        return StageState(row["url"], str(row["storage_integration"] or "").upper())

    def scheduled(self) -> tuple[ScheduledState, ...]:
        if not self._in_database("SCHEMAS"):
            return ()
        return tuple(scheduled_states(self._ask, self._names.database, datetime.now(UTC)))

    def dynamic_tables(
        self, expected: Expected, applied: Mapping[str, str]
    ) -> dict[str, TableState]:
        """Those that are there; with their columns where their file has changed."""
        rows = {
            _full_name(row, "DYNAMIC TABLE"): row for row in self._in_database("DYNAMIC TABLES")
        }
        there = {name: table for name, table in expected.dynamic_tables.items() if name in rows}
        is_any_changed = any(
            applied.get(table.file) != expected.files[table.file].checksum
            for table in there.values()
        )
        columns = self._ordered_columns() if is_any_changed else {}
        return {
            name: TableState(str(rows[name]["text"] or ""), tuple(columns.get(name, ())))
            for name in there
        }

    def _ordered_columns(self) -> dict[str, list[str]]:
        database = self._names.database
        found: dict[str, list[str]] = {}
        for row in self._ask(
            "select table_schema, table_name, column_name"  # noqa: S608 - our own name
            f" from {database}.information_schema.columns where table_schema = 'CORE'"
            " order by table_name, ordinal_position"
        ):
            name = f"{database}.{row['table_schema']}.{row['table_name']}".upper()
            found.setdefault(name, []).append(str(row["column_name"]).upper())
        return found

    def has_ledger(self) -> bool:
        return any(
            _full_name(row, "TABLE") == self._names.ledger for row in self._in_database("TABLES")
        )

    def _listed(self, kind: str, shown: str) -> dict[str, frozenset[str]]:
        """The names of a kind; nothing when the account cannot list that kind."""
        try:
            rows = self._in_database(shown)
        except RefusedError as error:
            if error.is_unsupported:
                return {}
            raise
        return {kind: frozenset(_full_name(row, kind) for row in rows)}

    def _in_database(self, shown: str) -> list[dict[str, Any]]:
        return self._ask(f"show {shown} in database {self._names.database}")

    def _ask(self, sql: str) -> list[dict[str, Any]]:
        if sql not in self._answers:
            self._answers[sql] = self._account.rows_if_there(sql)
        return self._answers[sql]


def _pipe_state(account: Account, name: str, row: Mapping[str, Any]) -> PipeState:
    status = json.loads(account.value(f"select system$pipe_status('{name}')"))
    return PipeState(
        definition=row["definition"],
        channel=row["notification_channel"] or "",
        state=status["executionState"],
        pending=int(status.get("pendingFileCount", 0)),
        error=str(status.get("error") or status.get("fault") or ""),
        created_on=_moment(row["created_on"]),
    )


def _moment(shown: Any) -> datetime | None:
    return shown.astimezone(UTC) if isinstance(shown, datetime) else None


def _full_name(row: Mapping[str, Any], kind: str) -> str:
    parts = [row["database_name"], row["name"]]
    if kind != "SCHEMA":
        parts.insert(1, row["schema_name"])
    return ".".join(parts).upper()


def _key_fingerprints(account: Account, user: str) -> tuple[str, ...] | None:
    try:
        found = account.properties(f"desc user {user}")
    except RefusedError as error:
        if error.is_unsupported:
            return None
        raise
    slots = (found.get("RSA_PUBLIC_KEY_FP", ""), found.get("RSA_PUBLIC_KEY_2_FP", ""))
    return tuple(slot for slot in slots if slot.startswith("SHA256:"))


def _grants(account: Account, roles: list[str]) -> dict[str, frozenset[tuple[str, str]]]:
    found = {}
    for role in roles:
        try:
            rows = account.rows(f"show grants to role {role}")
        except RefusedError:
            continue
        found[role] = frozenset((row["privilege"], row["name"].upper()) for row in rows)
    return found
