"""Planning and applying numbered SQL files."""

from pathlib import Path
from typing import Any

import pytest
from snowflake.connector.errors import ProgrammingError

from tonearm.warehouse.deploy import ApplyError, BrokenRulesError, apply_sql, plan
from tonearm.warehouse.statements import PlaceholderError, UnsafeStatementError


class Recorder:
    """Takes statements like a connection; refuses those that hold a word."""

    def __init__(self, refuses: str = "nothing at all") -> None:
        self.ran: list[str] = []
        self.allowed: list[int] = []
        self._refuses = refuses

    def cursor(self) -> "Recorder":
        return self

    def execute(self, sql: str, timeout: int) -> None:
        self.allowed.append(timeout)
        if self._refuses in sql:
            raise ProgrammingError(msg="not authorized", errno=3001, sqlstate="42501")
        self.ran.append(sql)


@pytest.fixture
def sql_dir(tmp_path: Path) -> Path:
    (tmp_path / "10_b.sql").write_text("-- two\nselect 2; select '<% bucket %>';\n")
    (tmp_path / "02_a.sql").write_text("select 1;\n")
    (tmp_path / "notes.sql").write_text("select 'not numbered';\n")
    return tmp_path


def test_files_run_in_name_order_with_their_values(sql_dir: Path) -> None:
    connection: Any = Recorder()
    seen: list[tuple[str, int, int, int]] = []

    ran = apply_sql(
        connection,
        {"bucket": "b"},
        lambda one: seen.append((one.file, one.number, one.done, one.total)),
        sql_dir,
    )

    assert ran == 3
    assert connection.ran == ["select 1", "select 2", "select 'b'"]
    assert seen == [("02_a.sql", 1, 0, 3), ("10_b.sql", 1, 1, 3), ("10_b.sql", 2, 2, 3)]


def test_nothing_runs_when_a_value_is_missing(sql_dir: Path) -> None:
    connection: Any = Recorder()

    with pytest.raises(PlaceholderError, match="bucket: missing"):
        apply_sql(connection, {}, sql_dir=sql_dir)

    assert connection.ran == []


def test_a_refused_statement_is_named_and_stops_the_rest(sql_dir: Path) -> None:
    connection: Any = Recorder(refuses="select 2")

    with pytest.raises(ApplyError, match=r"10_b.sql, statement 1 \(select 2\): .*not authorized"):
        apply_sql(connection, {"bucket": "b"}, sql_dir=sql_dir)

    assert connection.ran == ["select 1"]


class Unrefreshed(Recorder):
    """An account in which nothing may read a dynamic table before its first refresh."""

    def execute(self, sql: str, timeout: int) -> None:
        if "view" in sql and not any(ran.endswith(" refresh") for ran in self.ran):
            raise ProgrammingError(msg="Dynamic Table 'A' is not initialized.", errno=2741)
        super().execute(sql, timeout)


def test_a_view_over_new_tables_is_made_after_their_first_refresh(tmp_path: Path) -> None:
    head = "target_lag = '1 hour' warehouse = w refresh_mode = adaptive initialize = on_schedule as"
    (tmp_path / "40_a.sql").write_text(
        f"-- one\ncreate or alter dynamic table d.core.a {head} select 1 as x;\n"
        f"create or alter dynamic table d.core.b {head} select 1 as x;\n"
    )
    (tmp_path / "60_v.sql").write_text("create or replace view d.mart.v as select 1 as x;\n")
    connection: Any = Unrefreshed()

    apply_sql(connection, {}, sql_dir=tmp_path)

    *_, refresh, view = connection.ran
    assert refresh == "alter dynamic table d.core.a, d.core.b refresh"
    assert view.startswith("create or replace view")


def test_every_broken_rule_is_told_at_once(sql_dir: Path) -> None:
    (sql_dir / "20_c.sql").write_text("create or replace table t (a int); drop table t;\n")

    with pytest.raises(BrokenRulesError) as told:
        plan({"bucket": "b"}, sql_dir)

    assert [line.split(":")[0] for line in told.value.broken] == [
        "20_c.sql, statement 1",
        "20_c.sql, statement 2",
    ]


def test_scripting_that_would_be_cut_is_refused(sql_dir: Path) -> None:
    (sql_dir / "20_c.sql").write_text("begin let x := 1; end;\n")

    with pytest.raises(UnsafeStatementError):
        plan({"bucket": "b"}, sql_dir)


def test_defaults_are_used_and_can_be_changed(tmp_path: Path) -> None:
    (tmp_path / "01_a.sql").write_text("use database <% database %>;\n")

    assert plan({}, tmp_path)[0].sql == "use database TONEARM"
    assert plan({"database": "OTHER"}, tmp_path)[0].title == "use database OTHER"
