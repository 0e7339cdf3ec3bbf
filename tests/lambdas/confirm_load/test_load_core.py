"""What brings a suspended dynamic table or task back, and when a run may purge."""

from datetime import UTC, datetime, timedelta

import pytest

from confirm_load.load_core import (
    DYNAMIC_TABLE,
    TASK,
    Refresh,
    Scheduled,
    is_of_the_present,
    suspended_ones,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def table(since: datetime | None, fresh_at: datetime | None) -> Scheduled:
    return Scheduled(DYNAMIC_TABLE, "T.CORE.SONGS", "SUSPENDED", since, fresh_at)


@pytest.mark.parametrize("state", ["ACTIVE", "RUNNING", "started"])
def test_what_runs_is_not_told_of(state: str) -> None:
    assert suspended_ones([Scheduled(TASK, "T.OPS.PURGE", state)], 1, NOW) == ()


def test_a_table_whose_landing_tables_still_keep_the_changes_is_resumed() -> None:
    (found,) = suspended_ones([table(NOW - 20 * HOUR, None)], 1, NOW)

    assert "`alter dynamic table T.CORE.SONGS resume`" in found.fix
    assert found.since == "2026-11-21"


def test_a_table_left_alone_for_longer_than_changes_are_kept_is_made_anew() -> None:
    (found,) = suspended_ones([table(NOW - 30 * HOUR, None)], 1, NOW)

    assert "drop dynamic table T.CORE.SONGS" in found.fix
    assert "tonearm snowflake deploy" in found.fix


def test_a_refresh_by_hand_keeps_a_suspended_table_resumable() -> None:
    (found,) = suspended_ones([table(NOW - 300 * HOUR, NOW - HOUR)], 1, NOW)

    assert "resume" in found.fix


def test_a_longer_retention_gives_longer_time() -> None:
    (found,) = suspended_ones([table(NOW - 100 * HOUR, None)], 7, NOW)

    assert "resume" in found.fix


def test_a_task_is_resumed_with_all_that_follow_it() -> None:
    shown = [Scheduled(TASK, "T.OPS.PURGE_SONGS", "suspended", NOW, reason="USER_SUSPENDED")]

    (found,) = suspended_ones(shown, 1, NOW)

    assert "system$task_dependents_enable('T.OPS.PURGE')" in found.fix
    assert "T.OPS.PURGE_SONGS is suspended since 2026-11-22 (USER_SUSPENDED)" in found.line


@pytest.mark.parametrize(
    ("day", "is_present"),
    [("2026-11-23", True), ("2026-11-22", True), ("2026-11-21", True), ("2026-11-20", False)],
)
def test_only_a_run_about_today_or_yesterday_is_of_the_present(day: str, is_present: bool) -> None:
    assert is_of_the_present(day, NOW) is is_present


def test_a_refresh_is_overdue_after_its_time_and_not_before() -> None:
    refresh = Refresh("q", (NOW - timedelta(minutes=45)).isoformat())

    assert not refresh.is_overdue(NOW)
    assert refresh.is_overdue(NOW + timedelta(seconds=1))
