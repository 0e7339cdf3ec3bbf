"""The lease by itself: when it is written, until when it holds, and who may take it."""

from datetime import timedelta
from typing import Any

import pytest

from extract_spotify.lease import LEASE_SECONDS, RENEW_AFTER_SECONDS, Lease
from tests.lambdas.local_aws import START, FakeClock
from tonearm_pipeline.errors import RunInProgressError
from tonearm_pipeline.state.table import StateTable

NOW = int(START.timestamp())


@pytest.fixture
def lease(table: StateTable, clock: FakeClock) -> Lease:
    return Lease(table, clock, "run", "token")


def stored(table: StateTable) -> dict[str, Any]:
    return table.get("lease#extract", "lease") or {}


def test_it_is_not_written_again_before_it_is_due(
    lease: Lease, table: StateTable, clock: FakeClock
) -> None:
    lease.acquire()
    clock.move(seconds=RENEW_AFTER_SECONDS - 1)

    lease.renew_if_due()

    assert stored(table)["expires_at"] == NOW + LEASE_SECONDS


def test_it_is_renewed_as_soon_as_it_is_due_and_then_not_for_a_while(
    lease: Lease, table: StateTable, clock: FakeClock
) -> None:
    lease.acquire()
    ends = []

    for _ in range(4):
        clock.move(seconds=RENEW_AFTER_SECONDS / 2)
        lease.renew_if_due()
        ends.append(stored(table)["expires_at"] - NOW - LEASE_SECONDS)

    assert ends == [0, RENEW_AFTER_SECONDS, RENEW_AFTER_SECONDS, 2 * RENEW_AFTER_SECONDS]


def test_a_long_run_keeps_its_lease(lease: Lease, table: StateTable, clock: FakeClock) -> None:
    lease.acquire()
    for _ in range(10):
        clock.move(seconds=LEASE_SECONDS / 2)
        lease.renew_if_due()

    with pytest.raises(RunInProgressError):
        Lease(table, clock, "other", "another").acquire()


def test_another_run_is_told_who_holds_it_and_until_when(
    lease: Lease, table: StateTable, clock: FakeClock
) -> None:
    lease.acquire()
    clock.move(seconds=LEASE_SECONDS)

    with pytest.raises(RunInProgressError) as caught:
        Lease(table, clock, "other", "another").acquire()

    assert caught.value.holder == "run"
    assert caught.value.expires_at == START + timedelta(seconds=LEASE_SECONDS)


def test_another_run_takes_it_once_it_has_ended(
    lease: Lease, table: StateTable, clock: FakeClock
) -> None:
    lease.acquire()
    clock.move(seconds=LEASE_SECONDS + 1)

    Lease(table, clock, "other", "another").acquire()

    assert stored(table)["run_id"] == "other"
    with pytest.raises(RunInProgressError):
        lease.renew_if_due()


def test_the_same_run_takes_it_over_at_once(
    lease: Lease, table: StateTable, clock: FakeClock
) -> None:
    lease.acquire()

    Lease(table, clock, "run", "newer").acquire()

    with pytest.raises(RunInProgressError):
        lease.hold_until(START + timedelta(days=1))
    lease.release()
    assert stored(table)["lease_token"] == "newer"


def test_a_parked_run_holds_it_beyond_its_wait_and_gives_it_back(
    lease: Lease, table: StateTable, clock: FakeClock
) -> None:
    lease.acquire()
    lease.hold_until(START + timedelta(hours=13))
    assert stored(table)["expires_at"] == NOW + 13 * 3600

    lease.release()

    assert stored(table) == {}


def test_it_holds_as_long_as_it_was_told_to(table: StateTable, clock: FakeClock) -> None:
    Lease(table, clock, "run", "token", lease_seconds=7).acquire()

    assert stored(table)["expires_at"] == NOW + 7
