"""Core is brought back in the right order and the right way: what is asked of the account."""

from types import SimpleNamespace
from typing import Any

from rich.console import Console

from tests.snowflake.local_account import VALUES
from tests.tonearm.warehouse.wiring.test_account_checks import NAMES, an_account
from tonearm.findings import Finding, Kind
from tonearm.screen import Screen
from tonearm.warehouse.deploy import plan
from tonearm.warehouse.wiring.core_repair import CoreRepair
from tonearm.warehouse.wiring.core_tables import TableState
from tonearm.warehouse.wiring.expected import created, expected
from tonearm.warehouse.wiring.session import Account, RefusedError

FILES = expected(VALUES)
TABLE, BEFORE_IT = "TONEARM.CORE.SONGS", "TONEARM.CORE.SONG_VERSIONS"
ROOT = "TONEARM.OPS.PURGE"
RUNNING_TEXT = "create dynamic table t as select 1 as a"


class Suspending(Account):
    """An account in which a table that is resumed takes those after it along."""

    def __init__(self, *suspended: str, refuses: str = "nothing at all") -> None:
        super().__init__(None)
        self.suspended = list(suspended)
        self.asked: list[str] = []
        self.refuses = refuses
        self.described: dict[str, list[Any]] = {}

    def rows(self, sql: str) -> list[dict[str, Any]]:
        if sql.startswith("show dynamic tables"):
            return [_row(name) | {"scheduling_state": "SUSPENDED"} for name in self.suspended]
        if sql.startswith("show tasks"):
            return [_row(ROOT) | {"state": "suspended", "predecessors": "[]"}]
        if sql.startswith("show tables"):
            return []
        self.asked.append(sql)
        if self.refuses in sql:
            raise RefusedError("not now", 1, sql)
        self.suspended.clear()
        return []

    def start(self, sql: str) -> None:
        self.rows(f"started: {sql}")

    def types(self, query: str) -> list[Any]:
        return self.described.get(query, [])


def _row(name: str) -> dict[str, Any]:
    return dict(zip(("database_name", "schema_name", "name"), name.split("."), strict=True))


def a_repair(account: Account, *findings: Finding, **observed: Any) -> tuple[CoreRepair, Console]:
    def of_kind(*kinds: Kind) -> list[Finding]:
        return [finding for finding in findings if finding.check in kinds]

    inspect: Any = SimpleNamespace(
        names=NAMES, expected=FILES, observed=an_account(**observed), of_kind=of_kind
    )
    console = Console(width=400, record=True, quiet=False, file=None)
    return CoreRepair(account, Screen(console), inspect), console


def statement(name: str) -> Any:
    return next(each for each in plan(VALUES) if created(each.sql) == ("DYNAMIC TABLE", name))


def test_the_table_that_is_read_is_resumed_and_takes_the_other_along() -> None:
    account = Suspending(TABLE, BEFORE_IT)
    named = [
        Finding(Kind.REFRESH, "", subject=name, action="resume it") for name in (TABLE, BEFORE_IT)
    ]

    a_repair(account, *named)[0].resume()

    assert account.asked == [f"alter dynamic table {BEFORE_IT} resume"]


def test_a_graph_of_tasks_is_resumed_while_its_root_is_suspended() -> None:
    account = Suspending()

    a_repair(account, Finding(Kind.TASK, "", subject=ROOT, action="resume"))[0].resume()

    assert account.asked == [
        f"alter task {ROOT} suspend",
        f"select system$task_dependents_enable('{ROOT}')",
    ]


def test_only_a_table_that_cannot_be_altered_is_made_again() -> None:
    there = {name: TableState(RUNNING_TEXT) for name in FILES.dynamic_tables}
    applier, _ = a_repair(
        Suspending(),
        Finding(Kind.CORE, "", subject=TABLE, action="make it again"),
        dynamic_tables=there,
    )

    assert applier.sql_of(statement(TABLE)).startswith("create or replace dynamic table")
    assert applier.sql_of(statement(BEFORE_IT)).startswith("create or alter dynamic table")


def test_a_column_of_another_type_makes_the_table_again_and_says_so() -> None:
    account = Suspending()
    before, after = (SimpleNamespace(name="NAME", type_code=code, scale=0) for code in (2, 7))
    account.described = {
        f"select * from {TABLE}": [before],
        FILES.dynamic_tables[TABLE].query: [after],
    }
    file = FILES.dynamic_tables[TABLE].file
    applied = {name: each.checksum for name, each in FILES.files.items()} | {file: "older"}
    applier, console = a_repair(
        account, dynamic_tables={TABLE: TableState(RUNNING_TEXT)}, applied=applied
    )

    assert applier.sql_of(statement(TABLE)).startswith("create or replace dynamic table")
    assert f"dynamic table {TABLE}: column NAME gets another type" in console.export_text()


def test_new_tables_are_refreshed_once_all_together_and_nobody_waits() -> None:
    account = Suspending()
    applier, console = a_repair(account)

    for name in FILES.dynamic_tables:
        assert applier.sql_of(statement(name)) == statement(name).sql
    applier.start_refresh()

    names = ", ".join(FILES.dynamic_tables)
    assert account.asked == [f"started: alter dynamic table {names} refresh"]
    assert "one refresh is under way, which nobody waits for here" in console.export_text()


def test_tables_as_they_were_are_not_refreshed() -> None:
    account = Suspending()
    there = {name: TableState(RUNNING_TEXT) for name in FILES.dynamic_tables}
    applier, _ = a_repair(account, dynamic_tables=there)

    applier.sql_of(statement(TABLE))
    applier.start_refresh()

    assert account.asked == []


def test_a_refresh_that_is_refused_is_left_to_the_next_run() -> None:
    applier, console = a_repair(Suspending(refuses="refresh"))

    applier.sql_of(statement(TABLE))
    applier.start_refresh()

    assert "they are refreshed by the next run (not now)" in console.export_text()
