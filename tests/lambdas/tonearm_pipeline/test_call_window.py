"""The pace of calls: never more in any rolling window, and none held back without need."""

from datetime import datetime, timedelta
from random import Random

from tests.lambdas.local_aws import FakeClock
from tonearm_pipeline.spotify.quota import CALLS_PER_WINDOW, WINDOW_SECONDS, CallWindow


def taken(calls: int, most_between: float) -> list[datetime]:
    clock, random, moments = FakeClock(), Random(calls), []
    window = CallWindow(clock)
    for _ in range(calls):
        clock.move(seconds=random.uniform(0, most_between))
        clock.sleep(window.wait_seconds())
        window.take()
        moments.append(clock.now())
    return moments


def test_no_window_ever_holds_more() -> None:
    for most_between in (0.0, 0.1, 0.5):
        moments = taken(5 * CALLS_PER_WINDOW, most_between)

        pairs = zip(moments, moments[CALLS_PER_WINDOW:], strict=False)
        assert min(last - first for first, last in pairs) >= timedelta(seconds=WINDOW_SECONDS)


def test_a_run_of_a_normal_day_never_waits() -> None:
    clock = FakeClock()
    window = CallWindow(clock)
    for _ in range(CALLS_PER_WINDOW):
        assert window.wait_seconds() == 0
        window.take()

    assert window.wait_seconds() == WINDOW_SECONDS


def test_a_long_run_takes_what_the_window_alone_asks() -> None:
    windows = 10

    moments = taken(windows * CALLS_PER_WINDOW + 1, 0.0)

    assert (moments[-1] - moments[0]).total_seconds() == windows * WINDOW_SECONDS
