"""Applies the numbered SQL files to an account; a second run changes nothing that is right."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snowflake.connector.errors import Error

from tonearm.warehouse.connect import seconds_for
from tonearm.warehouse.sql_checks import check_statement
from tonearm.warehouse.statements import check_values, fill, statements_in, title

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

SQL_DIR = Path(__file__).resolve().parents[2] / "snowflake"
DEFAULTS: Mapping[str, str] = {
    "database": "TONEARM",
    "warehouse": "TONEARM_WH",
    "target_lag": "12 hours",
    "retention_days": "400",
    "error_integration": "error_integration = <% database %>_load_errors",
    "credit_quota": "",
}
# Files that are left out where the placeholder they depend on is empty.
OPTIONAL_FILES: Mapping[str, str] = {
    "06_notification_integration.sql": "error_integration",
    "07_resource_monitor.sql": "credit_quota",
}
# What Snowflake says of a dynamic table that still waits for its first refresh:
# https://docs.snowflake.com/en/sql-reference/sql/create-dynamic-table
_NOT_INITIALIZED: Final = "is not initialized"
_DYNAMIC_TABLE: Final = re.compile(
    r"create\s+(?:or\s+\w+\s+)?dynamic\s+table\s+(\S+)", re.IGNORECASE
)


@dataclass(frozen=True)
class PlannedStatement:
    """One statement, where it stands, and how far along it is."""

    file: str
    number: int  # in its file, from 1
    sql: str
    done: int  # statements before this one, over all files
    total: int

    @property
    def title(self) -> str:
        """The statement in one short line."""
        return title(self.sql)


class BrokenRulesError(Exception):
    """Statements break the rules the SQL must keep; the message lists every one."""

    def __init__(self, broken: Sequence[str]) -> None:
        self.broken = tuple(broken)
        super().__init__("\n".join(broken))


class ApplyError(Exception):
    """Snowflake refused a statement; names file, statement and reason."""

    def __init__(self, statement: PlannedStatement, reason: str) -> None:
        self.statement = statement
        self.reason = reason
        where = f"{statement.file}, statement {statement.number}"
        super().__init__(f"{where} ({statement.title}): {reason}")


def plan(values: Mapping[str, str], sql_dir: Path = SQL_DIR) -> list[PlannedStatement]:
    """Every statement that would run, in order.

    Raises:
        PlaceholderError: values are missing or unsafe; nothing was planned.
        UnsafeStatementError: a file holds scripting outside `$$`.
        BrokenRulesError: statements break the rules of `sql_checks`; lists them all.
    """
    known = with_defaults(values)
    texts = {file.name: file.read_text(encoding="utf-8") for file in sql_files(known, sql_dir)}
    check_values("\n".join(texts.values()), known)
    found = [
        (name, number, sql)
        for name, text in texts.items()
        for number, sql in enumerate(statements_in(fill(text, known)), 1)
    ]
    statements = [
        PlannedStatement(name, number, sql, done, len(found))
        for done, (name, number, sql) in enumerate(found)
    ]
    _check(statements, is_silent=not known["error_integration"])
    return statements


def with_defaults(values: Mapping[str, str]) -> dict[str, str]:
    """The values with a default for each placeholder that has one."""
    known = {**DEFAULTS, **values}
    # A default may hold a placeholder itself; a value that does is refused later.
    return {name: fill(DEFAULTS[name], known) for name in DEFAULTS} | dict(values)


def sql_files(known: Mapping[str, str], sql_dir: Path = SQL_DIR) -> list[Path]:
    """The files to apply, in order; without those whose placeholder is empty."""
    return [
        file
        for file in sorted(sql_dir.glob("[0-9]*.sql"))
        if file.name not in OPTIONAL_FILES or known.get(OPTIONAL_FILES[file.name])
    ]


def _check(statements: Sequence[PlannedStatement], *, is_silent: bool) -> None:
    broken = [
        f"{statement.file}, statement {statement.number}: {finding}"
        for statement in statements
        for finding in check_statement(statement.sql, is_silent=is_silent)
    ]
    if broken:
        raise BrokenRulesError(broken)


def apply_sql(
    connection: "SnowflakeConnection",
    values: Mapping[str, str],
    on_statement: Callable[[PlannedStatement], None] = lambda _: None,
    sql_dir: Path = SQL_DIR,
    sql_of: Callable[[PlannedStatement], str] = lambda statement: statement.sql,
) -> int:
    """Run every statement of every file; how many ran. A second run changes nothing.

    Args:
        connection: signed in as somebody who may.
        values: of the placeholders.
        on_statement: called before each statement.
        sql_dir: where the files are.
        sql_of: what is run for a statement, where the account asks for another wording of it.

    Raises:
        PlaceholderError: values are missing or unsafe; nothing ran.
        ApplyError: a statement was refused; those before it stay, and a next run starts over.
    """
    statements = plan(values, sql_dir)
    for statement in statements:
        on_statement(statement)
        try:
            _run_refreshed(connection, sql_of(statement), statements[: statement.done])
        except Error as exc:
            raise ApplyError(statement, exc.raw_msg or str(exc)) from exc
    return len(statements)


def _run_refreshed(
    connection: "SnowflakeConnection", sql: str, before: Sequence[PlannedStatement]
) -> None:
    """Run a statement; where it may not read tables that have no rows yet, give them theirs first.

    New dynamic tables wait for their schedule. No page says whether a view over one can be made
    until then; of an account that is just being set up this refresh takes seconds.
    """
    cursor = connection.cursor()
    try:
        cursor.execute(sql, timeout=seconds_for(sql))
    except Error as exc:
        tables = [found[1] for one in before if (found := _DYNAMIC_TABLE.match(one.sql.lstrip()))]
        if _NOT_INITIALIZED not in (exc.raw_msg or "") or not tables:
            raise
        refresh = f"alter dynamic table {', '.join(tables)} refresh"
        cursor.execute(refresh, timeout=seconds_for(refresh))
        cursor.execute(sql, timeout=seconds_for(sql))
