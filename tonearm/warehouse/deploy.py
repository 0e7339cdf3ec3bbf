"""Applies the numbered SQL files to an account; a second run changes nothing that is right."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from snowflake.connector.errors import Error

from tonearm.warehouse.connect import seconds_for
from tonearm.warehouse.placeholders import check_values, fill
from tonearm.warehouse.sql_checks import check_statement
from tonearm.warehouse.statements import statements_in, title

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

SQL_DIR = Path(__file__).resolve().parents[2] / "snowflake"
DEFAULTS: Mapping[str, str] = {
    "database": "TONEARM",
    "warehouse": "TONEARM_WH",
    "target_lag": "12 hours",
    "retention_days": "400",
}


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
    files = sorted(sql_dir.glob("[0-9]*.sql"))
    texts = {file.name: file.read_text(encoding="utf-8") for file in files}
    known = {**DEFAULTS, **values}
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
    _check(statements)
    return statements


def _check(statements: Sequence[PlannedStatement]) -> None:
    broken = [
        f"{statement.file}, statement {statement.number}: {finding}"
        for statement in statements
        for finding in check_statement(statement.sql)
    ]
    if broken:
        raise BrokenRulesError(broken)


def apply_sql(
    connection: "SnowflakeConnection",
    values: Mapping[str, str],
    on_statement: Callable[[PlannedStatement], None] = lambda _: None,
    sql_dir: Path = SQL_DIR,
) -> int:
    """Run every statement of every file; how many ran.

    `on_statement` is called before each one. A second run is safe and changes nothing.

    Raises:
        PlaceholderError: values are missing or unsafe; nothing ran.
        ApplyError: a statement was refused; those before it stay, and a next run starts over.
    """
    statements = plan(values, sql_dir)
    for statement in statements:
        on_statement(statement)
        try:
            connection.cursor().execute(statement.sql, timeout=seconds_for(statement.sql))
        except Error as exc:
            raise ApplyError(statement, exc.raw_msg or str(exc)) from exc
    return len(statements)
