from datetime import UTC, datetime

import pytest

from tonearm_pipeline.spotify.tokens import LOGIN_DAYS, login_days_left

LOGIN = "2026-05-31T09:00:00Z"


@pytest.mark.parametrize(
    ("now", "days"),
    [
        (datetime(2026, 5, 31, 9, 0, tzinfo=UTC), LOGIN_DAYS),
        (datetime(2026, 10, 28, 9, 0, tzinfo=UTC), 31),
        (datetime(2026, 10, 29, 9, 0, tzinfo=UTC), 30),
        (datetime(2026, 10, 29, 9, 0, 1, tzinfo=UTC), 29),
        (datetime(2026, 11, 28, 8, 0, tzinfo=UTC), 0),
        (datetime(2027, 11, 28, 8, 0, tzinfo=UTC), 0),
    ],
)
def test_whole_days_are_counted_down_to_none(now: datetime, days: int) -> None:
    assert login_days_left(LOGIN, now) == days


def test_it_is_never_longer_than_six_months_of_the_calendar() -> None:
    for month in range(1, 13):
        began = datetime(2026, month, 1, tzinfo=UTC)
        later = datetime(2026 + (month > 6), (month + 5) % 12 + 1, 1, tzinfo=UTC)

        assert 0 <= (later - began).days - LOGIN_DAYS <= 3


@pytest.mark.parametrize("text", [None, "", "yesterday"])
def test_nobody_knows_without_a_date(text: str | None) -> None:
    assert login_days_left(text, datetime(2026, 11, 22, tzinfo=UTC)) is None
