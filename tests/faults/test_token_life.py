"""The six months of a login, with a moved clock: told at 30 and 7 days, over at 0, begun anew."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from tests.contract.template_reader import resources
from tests.faults.aws import an_aws
from tests.faults.catalogues import Wanted, write_account
from tests.faults.fake import FIRST_SECRET, Fake, serving
from tests.faults.judging import Brought, Difference, difference, is_verbatim
from tests.faults.stack import Execution, Stack
from tests.lambdas.local_aws import SECRET
from tonearm import login
from tonearm_pipeline.spotify.tokens import LOGIN_DAYS

LONG = Wanted("long", 210)
SIX_MONTHS_SECONDS = 184 * 86_400
THIRTEEN_HOURS = 46_800


@pytest.fixture
def fake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fake]:
    folder = tmp_path_factory.mktemp("account")
    write_account(folder, [LONG])
    with serving(folder) as running:
        yield running


@pytest.fixture
def stack(fake: Fake) -> Iterator[Stack]:
    with an_aws() as aws:
        yield Stack(aws, fake, "life")


def logged_in_before(stack: Stack, days: float) -> None:
    """Let the login be so many days old."""
    authorized_at = (stack.clock.now() - timedelta(days=days)).isoformat()
    secret = FIRST_SECRET | {"authorized_at": authorized_at}
    login.keep_in_stack(stack.aws.secretsmanager, SECRET, secret)


def days_told(stack: Stack) -> list[float]:
    return [one["LoginDaysLeft"][0] for one in stack.figures if "LoginDaysLeft" in one]


def alarms_ringing(days: list[float]) -> set[int]:
    """The thresholds of the template's alarms that one day's figures trip."""
    alarms = resources("AWS::CloudWatch::Alarm").values()
    return {
        int(alarm["Threshold"])
        for alarm in alarms
        if alarm.get("MetricName") == "LoginDaysLeft" and is_tripped(alarm, days)
    }


def is_tripped(alarm: dict[str, Any], days: list[float]) -> bool:
    """Judge as CloudWatch does: one figure for the period, compared with the threshold."""
    assert (alarm["Period"], alarm["EvaluationPeriods"]) == (86_400, 1)
    assert alarm["ComparisonOperator"] == "LessThanOrEqualToThreshold"
    statistic = {"Maximum": max, "Minimum": min}[alarm["Statistic"]]
    return float(statistic(days)) <= float(alarm["Threshold"])


@pytest.mark.parametrize(
    ("days_left", "ringing"), [(31, set()), (30, {30}), (7, {30, 7}), (0, {30, 7})]
)
def test_the_days_that_are_left_are_told_and_ring_the_alarms(
    stack: Stack, days_left: int, ringing: set[int]
) -> None:
    logged_in_before(stack, LOGIN_DAYS - days_left)

    stack.execute()

    assert days_told(stack) == [days_left]
    assert alarms_ringing(days_told(stack)) == ringing


def test_the_figure_is_what_the_alarms_look_at(stack: Stack) -> None:
    logged_in_before(stack, 1)

    stack.execute()

    [figure] = [one for one in stack.figures if "LoginDaysLeft" in one]
    assert figure["service"] == "extract_spotify"
    for alarm in resources("AWS::CloudWatch::Alarm").values():
        if alarm.get("MetricName") == "LoginDaysLeft":
            assert alarm["Dimensions"] == [{"Name": "service", "Value": figure["service"]}]
            assert alarm["AlarmActions"] == [{"!Ref": "Topic"}]


def test_a_login_that_ends_while_the_run_is_parked_is_made_again_and_the_run_goes_on(
    stack: Stack, fake: Fake
) -> None:
    untouched = Brought()
    untouched.add(stack, stack.execute().run_id)
    again = Stack(stack.aws, fake, "life-again")
    logged_in_before(again, LOGIN_DAYS - 0.3)
    fake.control(
        reset=True,
        faults=[{"kind": "quota_exceeded", "path": "offset=150", "retry_after": THIRTEEN_HOURS}],
    )

    red = executed_with_the_login_dying_in_the_wait(again, fake)
    again.log_in()
    green = again.execute()

    assert (red.status, red.waits) == ("needs_login", [THIRTEEN_HOURS])
    # The next execution goes on with the same run, from the very page.
    assert (green.status, green.run_id) == ("done", red.run_id)
    offsets = [call["params"]["offset"] for call in fake.calls() if "items" in call["path"]]
    assert offsets == ["100", "150", "150", "200"]
    found = Brought()
    found.add(again, green.run_id)
    assert difference(untouched, found) == Difference(0, 0)
    assert is_verbatim(untouched, found)
    assert days_told(again) == [0, 0, LOGIN_DAYS]
    assert alarms_ringing([0, 0]) == {30, 7}
    # One login on the same day silences them.
    assert alarms_ringing(days_told(again)) == set()


def executed_with_the_login_dying_in_the_wait(stack: Stack, fake: Fake) -> Execution:
    move = stack.clock.move

    def move_both(**amount: float) -> None:
        move(**amount)
        fake.control(advance_seconds=SIX_MONTHS_SECONDS)

    with patch.object(stack.clock, "move", move_both):
        return stack.execute()


def test_a_dead_login_stops_every_run_before_its_first_call(stack: Stack, fake: Fake) -> None:
    fake.control(advance_seconds=SIX_MONTHS_SECONDS)
    logged_in_before(stack, 184)

    first, second = stack.execute(), stack.execute()

    assert (first.status, second.status) == ("needs_login", "needs_login")
    assert second.run_id == first.run_id
    assert fake.calls() == []
    assert days_told(stack) == [0, 0]


def test_a_login_of_another_day_is_no_longer_the_days_run(stack: Stack, fake: Fake) -> None:
    fake.control(advance_seconds=SIX_MONTHS_SECONDS)
    red = stack.execute()
    stack.clock.move(days=1)
    stack.log_in()

    green = stack.execute()

    assert green.status == "done"
    assert green.run_id != red.run_id


def test_a_secret_that_does_not_say_when_it_was_made_tells_no_days(stack: Stack) -> None:
    secret = {name: text for name, text in FIRST_SECRET.items() if name != "authorized_at"}
    login.keep_in_stack(stack.aws.secretsmanager, SECRET, secret)

    assert stack.execute().status == "done"
    assert days_told(stack) == []
