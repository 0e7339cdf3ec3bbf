"""The ledger of calls by itself: which hours count, what is learned, and when calls are barred."""

from datetime import timedelta

import pytest

from tests.lambdas.local_aws import START, FakeClock
from tonearm_pipeline.errors import RateLimitedError
from tonearm_pipeline.spotify.quota import QuotaLedger
from tonearm_pipeline.state.table import StateTable


@pytest.fixture
def ledger(table: StateTable, clock: FakeClock) -> QuotaLedger:
    return QuotaLedger(table, clock)


def a_limit(seconds: int, reason: str | None = None) -> RateLimitedError:
    return RateLimitedError(seconds, reason, "playlists/{id}")


def test_a_call_counts_for_24_hours_and_no_longer(ledger: QuotaLedger, clock: FakeClock) -> None:
    ledger.spend(5)
    used = []

    for _ in range(25):
        used.append(ledger.used())
        clock.move(hours=1)

    assert used == [5] * 24 + [0]


def test_calls_of_one_hour_and_of_several_are_added_up(
    ledger: QuotaLedger, clock: FakeClock
) -> None:
    ledger.spend()
    ledger.spend(2)
    clock.move(minutes=59)
    ledger.spend(3)
    clock.move(minutes=1)
    ledger.spend(4)

    assert ledger.used() == 10


@pytest.mark.parametrize(
    ("quota_mode", "calls"), [("development", 1_000), ("auto", 1_000), ("extended", 10_000)]
)
def test_what_is_left_goes_by_the_mode_and_never_below_nought(
    ledger: QuotaLedger, quota_mode: str, calls: int
) -> None:
    assert ledger.left(quota_mode) == calls
    ledger.spend(calls + 1)

    assert ledger.left(quota_mode) == 0


def test_calls_are_barred_until_the_cool_down_ends(ledger: QuotaLedger, clock: FakeClock) -> None:
    until = ledger.start_cool_down(a_limit(60, "SOME_REASON"))
    clock.move(seconds=59)
    barred = ledger.cool_down()
    clock.move(seconds=1)

    assert until == START + timedelta(seconds=60)
    assert barred is not None
    assert barred.until == until
    assert (barred.reason, barred.endpoint) == ("SOME_REASON", "playlists/{id}")
    assert ledger.cool_down() is None


@pytest.mark.parametrize(("second", "stands"), [(30, 60), (60, 60), (90, 90)])
def test_the_longer_cool_down_stands(ledger: QuotaLedger, second: int, stands: int) -> None:
    ledger.start_cool_down(a_limit(60))

    ledger.start_cool_down(a_limit(second))

    barred = ledger.cool_down()
    assert barred is not None
    assert barred.until == START + timedelta(seconds=stands)


def test_only_an_exhausted_quota_tells_its_size(ledger: QuotaLedger) -> None:
    ledger.spend(400)
    ledger.start_cool_down(a_limit(60))
    assert ledger.left("development") == 600

    ledger.start_cool_down(a_limit(60, "QUOTA_EXCEEDED"))

    assert ledger.left("development") == 0


def test_a_learned_size_is_believed_for_seven_days(ledger: QuotaLedger, clock: FakeClock) -> None:
    ledger.spend(400)
    ledger.start_cool_down(a_limit(60, "QUOTA_EXCEEDED"))
    clock.move(days=7)
    assert ledger.left("development") == 400

    clock.move(seconds=1)

    assert ledger.left("development") == 1_000


def test_an_exhausted_quota_without_a_call_of_ours_teaches_nothing(ledger: QuotaLedger) -> None:
    ledger.start_cool_down(a_limit(60, "QUOTA_EXCEEDED"))

    assert ledger.left("development") == 1_000
