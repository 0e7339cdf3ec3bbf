"""All SQL is read by a parser that is not ours: sqlglot, as a tree and not as opaque text."""

import logging
import re
from collections.abc import Iterator

import pytest
from sqlglot import exp, parse_one

from tests.snowflake.local_account import VALUES
from tonearm.warehouse.deploy import PlannedStatement, plan

# What sqlglot 30.22 keeps as text. A kind goes from here when sqlglot has learned it.
OPAQUE = {
    "ALTER NOTIFICATION INTEGRATION",
    "ALTER STORAGE INTEGRATION",
    "ALTER TASK",
    "ALTER USER",
    "ALTER WAREHOUSE",
    "CREATE NOTIFICATION INTEGRATION",
    "CREATE PIPE",
    "CREATE ROLE",
    "CREATE TASK",
    "CREATE USER",
    "GRANT",
}
_HEAD = re.compile(
    r"(?P<verb>CREATE|ALTER|GRANT|\w+)(?:\s+OR\s+(?:ALTER|REPLACE))?"
    r"\s+(?P<kind>(?:NOTIFICATION|STORAGE)\s+INTEGRATION|RESOURCE\s+MONITOR|\w+)",
    re.I,
)


def kind_of(sql: str) -> str:
    found = _HEAD.match(sql)
    assert found is not None, sql
    verb = found["verb"].upper()
    return verb if verb in ("GRANT", "SELECT", "USE") else f"{verb} {found['kind'].upper()}"


def opaque(statements: list[PlannedStatement]) -> Iterator[str]:
    for statement in statements:
        tree = parse_one(statement.sql, read="snowflake")
        if tree.find(exp.Command) is not None:
            yield kind_of(statement.sql)


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "sqlglot")


def test_only_the_kinds_the_parser_does_not_know_are_opaque() -> None:
    found = set(opaque(plan(VALUES)))

    assert found <= OPAQUE, found - OPAQUE
    assert found >= OPAQUE, f"known by now: {sorted(OPAQUE - found)}"


def test_every_table_view_and_query_is_a_tree() -> None:
    kinds = {kind_of(statement.sql) for statement in plan(VALUES)}

    assert {"CREATE TABLE", "CREATE DYNAMIC", "CREATE STAGE", "CREATE WAREHOUSE"} <= kinds - OPAQUE
    assert {kind for kind in kinds if "VIEW" in kind or "DYNAMIC" in kind} & OPAQUE == set()
