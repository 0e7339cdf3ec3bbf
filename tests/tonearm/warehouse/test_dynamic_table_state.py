"""What SHOW tells of dynamic tables and tasks, and what brings a suspended one back."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tonearm.warehouse.dynamic_table_state import (
    RUNNING,
    SUSPENDED,
    Repair,
    ScheduledState,
    reasons,
    scheduled_states,
)

NOW = datetime(2026, 11, 30, 18, tzinfo=UTC)
TABLE = {"database_name": "TONEARM", "schema_name": "CORE", "name": "SONGS"}
PURGE = {"database_name": "TONEARM", "schema_name": "OPS", "name": "PURGE", "predecessors": "[]"}
CHILD = PURGE | {"name": "PURGE_SONGS", "predecessors": '["TONEARM.OPS.PURGE"]'}
GRAPH_STATE = {
    "state": "SUSPENDED",
    "reason_code": "SUSPENDED_DUE_TO_ERRORS",
    "reason_message": "suspended due to 5 consecutive refresh errors",
    "suspended_on": "2026-11-30 08:27:29.142 -0700",
}


class Shown:
    """The rows of each SHOW; remembers what was asked."""

    def __init__(
        self,
        tables: list[dict[str, Any]],
        tasks: list[dict[str, Any]] | None = None,
        retention: str = "1",
    ) -> None:
        self.asked: list[str] = []
        self._tables, self._tasks, self._retention = tables, tasks or [], retention

    def __call__(self, sql: str) -> list[dict[str, Any]]:
        self.asked.append(sql)
        if "graph_history" in sql or sql.startswith("show dynamic tables"):
            return self._tables
        if sql.startswith("show tasks"):
            return self._tasks
        return [{"retention_time": "7"}, {"retention_time": self._retention}]


def states(shown: Shown) -> list[ScheduledState]:
    return scheduled_states(shown, "TONEARM", NOW)


@pytest.mark.parametrize("word", ["RUNNING", "ACTIVE", '{"state": "ACTIVE"}', None])
def test_a_table_that_is_refreshed_needs_nothing_and_no_retention_is_asked_for(
    word: str | None,
) -> None:
    shown = Shown([TABLE | {"scheduling_state": word}])

    (state,) = states(shown)

    assert (state.name, state.scheduling_state) == ("TONEARM.CORE.SONGS", RUNNING)
    assert state.repair is Repair.NOTHING
    assert not any("show tables" in sql for sql in shown.asked)


@pytest.mark.parametrize(
    ("hours", "retention", "repair"),
    [(23, "1", Repair.RESUME), (25, "1", Repair.RECREATE), (25, "3", Repair.RESUME)],
)
def test_a_suspension_longer_than_the_base_tables_retention_needs_a_new_table(
    hours: int, retention: str, repair: Repair
) -> None:
    since = NOW - timedelta(hours=hours)
    shown = Shown(
        [TABLE | {"scheduling_state": "SUSPENDED", "last_suspended_on": since}],
        retention=retention,
    )

    (state,) = states(shown)

    assert (state.scheduling_state, state.suspended_on, state.repair) == (SUSPENDED, since, repair)
    assert state.retention_days == int(retention)


def test_base_tables_that_keep_nothing_leave_only_a_new_table() -> None:
    row = TABLE | {"scheduling_state": "SUSPENDED", "last_suspended_on": NOW - timedelta(seconds=1)}

    (state,) = states(Shown([row], retention="0"))

    assert state.repair is Repair.RECREATE


def test_the_state_as_an_object_tells_reason_and_moment() -> None:
    shown = Shown([TABLE | {"scheduling_state": json.dumps(GRAPH_STATE)}])

    (state,) = states(shown)

    assert (state.reason, state.repair) == ("SUSPENDED_DUE_TO_ERRORS", Repair.RESUME)
    assert state.suspended_on == datetime(2026, 11, 30, 15, 27, 29, 142000, UTC)


def test_a_suspension_of_unknown_age_is_resumed() -> None:
    (state,) = states(Shown([TABLE | {"scheduling_state": "SUSPENDED"}]))

    assert (state.suspended_on, state.repair) == (None, Repair.RESUME)


def test_a_suspended_task_names_its_reason_and_the_root_of_its_graph() -> None:
    told = {"state": "suspended", "last_suspended_reason": "SUSPENDED_DUE_TO_ERRORS"}
    shown = Shown([], [PURGE | told, CHILD | {"state": "started"}])

    root, child = states(shown)

    assert (root.name, root.is_suspended, root.repair) == ("TONEARM.OPS.PURGE", True, Repair.RESUME)
    assert root.reason == "SUSPENDED_DUE_TO_ERRORS"
    assert (child.is_suspended, child.root) == (False, "TONEARM.OPS.PURGE")


def test_the_reason_of_a_suspended_table_is_read_from_the_graph() -> None:
    running = TABLE | {"name": "ALBUMS", "scheduling_state": '{"state": "ACTIVE"}'}
    shown = Shown([running, TABLE | {"scheduling_state": json.dumps(GRAPH_STATE)}])

    assert reasons(shown, "TONEARM") == {
        "TONEARM.CORE.SONGS": "suspended due to 5 consecutive refresh errors"
    }
