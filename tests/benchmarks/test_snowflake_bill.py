"""A month's bill from its statements, by Snowflake's rules."""

import pytest

from benchmarks.snowflake_bill import (
    ALL,
    CLOUD,
    CLOUD_CREDITS,
    METADATA,
    SECONDS_OF,
    WAREHOUSE,
    Event,
    as_json,
    bill,
    dashboard_credits,
    from_json,
)

HOUR = 3600
IDLE = 30


def question(at: int, statements: int = 1) -> Event:
    return Event(at, "poll", WAREHOUSE, statements)


def test_a_short_wake_is_billed_a_minute() -> None:
    found = bill([question(0)], IDLE)

    assert (found.wakes, found.credits["poll"] * HOUR) == (1, 60)


def test_a_wake_lasts_until_the_warehouse_was_idle_for_its_time() -> None:
    found = bill([question(0), question(20), question(45, statements=40)], IDLE)

    assert found.wakes == 1
    assert found.credits["poll"] * HOUR == pytest.approx(45 + 40 * SECONDS_OF["poll"] + IDLE)


def test_a_statement_after_the_sleep_is_another_wake() -> None:
    assert bill([question(0), question(1 + IDLE)], IDLE).wakes == 1
    assert bill([question(0), question(2 + IDLE)], IDLE).wakes == 2


def test_a_wake_is_shared_by_what_kept_it_busy() -> None:
    refresh = Event(5, "refresh", WAREHOUSE, 10)

    found = bill([question(0, statements=10), refresh], IDLE)

    share = found.credits["refresh"] / found.credits["poll"]
    assert share == pytest.approx(SECONDS_OF["refresh"] / SECONDS_OF["poll"])


def test_what_needs_no_warehouse_wakes_none() -> None:
    found = bill([Event(0, "check", METADATA, 17), Event(1, "poll", METADATA, 1)], IDLE)

    assert (found.wakes, found.metadata_statements) == (0, 18)


def test_cloud_services_are_billed_beyond_a_tenth_of_the_days_compute() -> None:
    checks = [Event(0, "check", METADATA, 10_000)]

    alone = bill(checks, IDLE)
    beside = bill([*checks, question(5)], IDLE)

    assert alone.credits[CLOUD] == pytest.approx(10_000 * CLOUD_CREDITS)
    free = 0.1 * 60 / HOUR
    assert beside.credits[CLOUD] == pytest.approx(10_001 * CLOUD_CREDITS - free)
    assert beside.credits[ALL] == pytest.approx(60 / HOUR + beside.credits[CLOUD])


def test_compute_of_one_day_frees_no_services_of_another() -> None:
    day = 24 * HOUR
    checks = Event(day + 5, "check", METADATA, 1_000)

    assert bill([question(0), checks], IDLE).credits[CLOUD] == pytest.approx(1_000 * CLOUD_CREDITS)


def test_a_visit_of_the_dashboard_lasts_until_app_and_warehouse_sleep() -> None:
    assert dashboard_credits(5, 30) * HOUR == (1 + 5) * 60 + 30


def test_a_stored_bill_is_the_same() -> None:
    found = bill([question(0)], IDLE)

    assert from_json(as_json(found)) == found
