"""Core against the account: what is suspended, what no alteration leads to, the credit quota."""

from datetime import UTC, datetime
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest

from tests.snowflake.local_account import VALUES
from tests.tonearm.warehouse.wiring.test_account_checks import NAMES, an_account
from tonearm.findings import Finding, Kind
from tonearm.warehouse.dynamic_table_state import (
    DYNAMIC_TABLE,
    SUSPENDED,
    TASK,
    Repair,
    ScheduledState,
)
from tonearm.warehouse.wiring.core_checks import core_findings, quota_findings
from tonearm.warehouse.wiring.core_tables import (
    ExpectedTable,
    TableState,
    changed_types,
    expected_table,
    obstacles,
    statement_for,
)
from tonearm.warehouse.wiring.expected import Expected, expected
from tonearm.warehouse.wiring.place import Place

TABLE = "TONEARM.CORE.SONGS"
SINCE = datetime(2026, 11, 29, 8, tzinfo=UTC)
CREATE = """create or alter dynamic table d.core.t
    target_lag = downstream
    warehouse = w
    refresh_mode = incremental
    initialize = on_schedule
as
select a, 'initialize = on_schedule' as b from d.landing.t"""
MADE_ON_CREATE = "create dynamic table t target_lag = downstream as select 1"


@cache
def files() -> Expected:
    return expected(VALUES)


def suspended(repair: Repair) -> ScheduledState:
    reason = "SUSPENDED_DUE_TO_ERRORS"
    return ScheduledState(TABLE, DYNAMIC_TABLE, SUSPENDED, SINCE, reason, 1, repair)


def found(**observed: Any) -> list[Finding]:
    return list(core_findings(files(), an_account(**observed)))


def test_a_suspended_dynamic_table_is_resumed() -> None:
    (finding,) = found(scheduled=(suspended(Repair.RESUME),))

    assert (finding.check, finding.subject, finding.action) == (Kind.REFRESH, TABLE, "resume it")
    told = "is suspended since 2026-11-29 08:00 UTC (SUSPENDED_DUE_TO_ERRORS)"
    assert finding.what == f"dynamic table {TABLE} {told}"


def test_one_suspended_for_longer_than_its_base_tables_remember_is_made_again() -> None:
    (finding,) = found(scheduled=(suspended(Repair.RECREATE),))

    assert (finding.check, finding.subject) == (Kind.CORE, TABLE)
    assert "longer than the 1 day its base tables keep" in finding.what
    assert finding.action == "make it again from the landing tables"


def test_a_suspended_task_is_resumed_with_its_graph() -> None:
    task = ScheduledState(
        "TONEARM.OPS.PURGE_SONGS", TASK, SUSPENDED, repair=Repair.RESUME, root="TONEARM.OPS.PURGE"
    )

    (finding,) = found(scheduled=(task,))

    assert (finding.check, finding.subject) == (Kind.TASK, "TONEARM.OPS.PURGE")
    assert finding.what == "task TONEARM.OPS.PURGE_SONGS is suspended"


def test_what_others_keep_in_the_database_is_theirs() -> None:
    theirs = ScheduledState("TONEARM.MY.TABLE", DYNAMIC_TABLE, SUSPENDED, repair=Repair.RESUME)

    assert found(scheduled=(theirs,)) == []


def test_every_dynamic_table_of_the_files_spells_out_its_columns() -> None:
    assert len(files().dynamic_tables) == len(files().of_kind("DYNAMIC TABLE"))
    assert all(table.columns for table in files().dynamic_tables.values())
    assert list(files().dynamic_tables) == sorted(
        files().dynamic_tables, key=lambda name: files().dynamic_tables[name].file
    )


@pytest.mark.parametrize(
    ("there", "expected_columns", "moved"),
    [
        ("ID A B", "ID A B", ""),
        ("ID A B", "ID A B C", ""),
        ("ID A B", "ID B", ""),
        ("ID A B", "ID C D", ""),
        ("ID A B", "ID B C", ""),
        ("ID A B", "ID A C B", "C"),
        ("ID A B", "ID B A", "B"),
        ("ID A B", "X A B", "X"),
    ],
)
def test_new_columns_and_new_names_are_altered_at_the_end_only(
    there: str, expected_columns: str, moved: str
) -> None:
    """https://docs.snowflake.com/en/sql-reference/sql/create-dynamic-table#limitations."""
    table = ExpectedTable("f.sql", "", tuple(expected_columns.split()), is_transient=False)

    why = list(obstacles(table, TableState("", tuple(there.split()))))

    assert [line.split()[1] for line in why] == ([moved] if moved else [])


def test_a_permanent_table_becomes_transient_only_when_it_is_made_again() -> None:
    transient = expected_table("f.sql", CREATE.replace("dynamic", "transient dynamic", 1))

    assert list(obstacles(transient, TableState(MADE_ON_CREATE))) == ["it becomes transient"]
    assert list(obstacles(expected_table("f.sql", CREATE), TableState(MADE_ON_CREATE))) == []
    assert list(obstacles(transient, TableState("select 1"))) == []


def test_a_moved_column_is_told_before_anything_is_changed() -> None:
    columns = files().dynamic_tables[TABLE].columns
    moved = TableState("", (columns[1], columns[0], *columns[2:]))

    (finding,) = found(dynamic_tables={TABLE: moved})

    assert (finding.check, finding.subject) == (Kind.CORE, TABLE)
    assert f"column {columns[0]} does not stand after those that are there" in finding.what


def test_a_table_is_made_again_in_one_statement() -> None:
    sql = statement_for(CREATE, TableState(MADE_ON_CREATE), is_anew=True)

    assert sql.startswith("create or replace dynamic table d.core.t\n")
    assert "\n    initialize = on_schedule\n" in sql


def test_how_a_table_was_first_filled_is_not_changed_afterwards() -> None:
    """INITIALIZE "applies only at creation time and cannot be modified afterward"."""
    altered = statement_for(CREATE, TableState(MADE_ON_CREATE), is_anew=False)

    assert "initialize" not in altered.split("\nas\n")[0]
    assert "'initialize = on_schedule' as b" in altered
    assert statement_for(CREATE, TableState(CREATE), is_anew=False) == CREATE
    assert statement_for(CREATE, TableState("select 1"), is_anew=False) == CREATE
    assert statement_for(CREATE, None, is_anew=False) == CREATE


def test_another_type_is_seen_and_a_new_column_is_not_one() -> None:
    text, instant = (SimpleNamespace(name="A", type_code=code, scale=None) for code in (2, 7))
    more = SimpleNamespace(name="b", type_code=0, scale=0)

    assert changed_types([text], [instant, more]) == ["A"]
    assert changed_types([text], [text, more]) == []


@pytest.mark.parametrize(
    ("there", "quota", "action"),
    [
        ("", "", None),
        ("", "5", None),  # the file makes it
        ("5", "5", None),
        ("5", "10", "allow 10"),
        ("5", "", "drop it: the warehouse has no limit then"),
    ],
)
def test_the_quota_is_the_one_asked_for(there: str, quota: str, action: str | None) -> None:
    actions = [each.action for each in quota_findings(quota, Place("", there), NAMES)]

    assert actions == ([action] if action else [])
