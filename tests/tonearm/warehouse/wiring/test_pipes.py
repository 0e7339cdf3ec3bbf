"""A pipe is dropped only after it has drained, and never when it does not."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tonearm.errors import OperatorError
from tonearm.stack import Pace
from tonearm.warehouse.wiring import pipes
from tonearm.warehouse.wiring.session import Account, RefusedError

PACE = Pace(poll_seconds=0.001, drain_seconds=0.05)
PAUSE = "alter pipe p set pipe_execution_paused = true"
RESUME = "alter pipe p set pipe_execution_paused = false"
DROP = "drop pipe p"


class OnePipe(Account):
    """An account with one pipe that has files to load; remembers what was asked of it."""

    def __init__(self, pending: int, *, drains: bool, is_paused: bool = False) -> None:
        super().__init__(None)
        self.pending = pending
        self.drains = drains
        self.is_paused = is_paused
        self.is_stale = False
        self.is_stopped = False
        self.asked: list[str] = []

    def rows(self, sql: str) -> list[dict[str, Any]]:
        if sql.startswith("select system$pipe_status"):
            state = "PAUSED" if self.is_paused else "RUNNING"
            state = "STOPPED_MISSING_TABLE" if self.is_stopped else state
            status = {"executionState": state, "pendingFileCount": self.pending}
            self.pending -= self.drains and self.pending > 0
            return [{"status": json.dumps(status)}]
        self.asked.append(sql)
        if sql == RESUME and self.is_stale:
            raise RefusedError("stale", 3104, sql)
        self.is_paused = sql == PAUSE
        return [{"file": "a", "status": "SENT"}]


def test_a_pipe_is_dropped_after_its_files_are_loaded() -> None:
    account = OnePipe(3, drains=True)

    pipes.retire(account, "p", PACE, lambda _: None)

    assert account.asked == [PAUSE, DROP]
    assert account.pending == 0


def test_a_pipe_that_does_not_drain_is_not_dropped_and_runs_on() -> None:
    account = OnePipe(3, drains=False)

    with pytest.raises(OperatorError, match="p still has 3 files to load"):
        pipes.retire(account, "p", PACE, lambda _: None)

    assert account.asked == [PAUSE, RESUME]
    assert not account.is_paused


def test_a_paused_pipe_drains_before_it_is_dropped() -> None:
    account = OnePipe(2, drains=True, is_paused=True)

    pipes.retire(account, "p", PACE, lambda _: None)

    assert account.asked == [RESUME, PAUSE, DROP]


def test_a_stopped_pipe_is_dropped_with_the_files_it_cannot_load() -> None:
    account = OnePipe(2, drains=False)
    account.is_stopped = True

    pipes.retire(account, "p", PACE, lambda _: None)

    assert account.asked == [DROP]


def test_a_stale_pipe_is_forced_and_has_forgotten_events() -> None:
    account = OnePipe(0, drains=True, is_paused=True)
    account.is_stale = True

    assert pipes.resume(account, "p") is True
    assert account.asked[-1] == "select system$pipe_force_resume('p', 'staleness_check_override')"


def test_a_refresh_goes_back_before_the_pause_by_the_time_an_event_may_be_late() -> None:
    account = OnePipe(0, drains=True)

    assert pipes.refresh(account, "p", datetime(2026, 11, 20, 9, 0, tzinfo=UTC)) == 1
    assert pipes.refresh(account, "p") == 1

    assert account.asked == [
        "alter pipe p refresh modified_after = '2026-11-20T08:00:00+00:00'",
        "alter pipe p refresh",
    ]


def test_the_pipes_of_a_stage_wait_for_their_files_but_not_for_ever() -> None:
    drained, stuck = OnePipe(2, drains=True), OnePipe(2, drains=False)
    told: list[str] = []

    pipes.pause_all(drained, ["p"], PACE, told.append)
    pipes.pause_all(stuck, ["p"], PACE, told.append)

    assert drained.pending == 0
    assert (drained.asked, stuck.asked) == ([PAUSE], [PAUSE])
    assert told == ["pipe p: pausing", "pipe p: pausing", "pipes: 2 files wait for the new pipes"]
