"""How long the connector lets each statement run: its cancel timer, as it is armed."""

from pathlib import Path
from typing import Any

import pytest
from snowflake.connector import cursor as cursors

from tests.tonearm.warehouse.wiring.local_sides import LocalSides
from tonearm.warehouse.connect import QUESTION_SECONDS, STATEMENT_SECONDS
from tonearm.warehouse.deploy import apply_sql

SLOW = "create or replace view tonearm.mart.slow as select 1 as a"


@pytest.fixture
def armed(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Seconds after which the connector would have each statement cancelled."""
    seconds: dict[str, float] = {}
    timer: Any = vars(cursors)["_TrackedQueryCancellationTimer"]

    def arming(interval: float, function: Any, args: list[str]) -> Any:
        seconds[args[0]] = interval
        return timer(interval, function, args)

    monkeypatch.setattr(cursors, "_TrackedQueryCancellationTimer", arming)
    return seconds


def test_a_long_create_is_not_cancelled_and_a_question_is_not_waited_for_an_hour(
    wired: LocalSides, armed: dict[str, float], tmp_path: Path
) -> None:
    (tmp_path / "60_slow.sql").write_text(f"{SLOW};\n")

    with wired.sides.open() as account:
        apply_sql(account.connection, {}, sql_dir=tmp_path)
        account.run("show pipes in account")
        account.connection.cursor().execute("drop view tonearm.mart.slow")

    assert armed[SLOW] == STATEMENT_SECONDS
    assert armed["show pipes in account"] == QUESTION_SECONDS
    assert armed["drop view tonearm.mart.slow"] == STATEMENT_SECONDS
