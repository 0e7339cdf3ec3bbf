"""Files that must agree: the template's alarms and dashboard and the figures functions publish."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import pytest

from extract_spotify import telling
from extract_spotify.run import SERVICE
from record_run.figures import failure_figures, run_figures
from record_run.losses import finding_figures
from record_run.settings import SERVICE as RECORD_RUN
from tests.contract.alarm_evaluation import ALARM, NO_DATA, OK, Alarm, metric_of, state_of
from tests.contract.rendering import Rendering
from tests.contract.template_reader import resources, template
from tests.lambdas.tonearm_pipeline.finished_run import finished_facts
from tonearm_pipeline.ledger import compose_ledger

RECEIPT = {
    "sources": {"playlists": 1, "refused": 0},
    "calls": {"total": 1, "waited_seconds": 0},
    "seconds": 1.0,
    "cost": {"total": 0.07},
    "state_seconds": {"ConfirmLoad": 6.0},
}
OF_A_RUN = [
    *run_figures(compose_ledger(finished_facts()), RECEIPT, 0),
    *failure_figures(),
    *finding_figures([]),
]
TOLD = {
    "LOGIN_DAYS_LEFT",
    "QUOTA_CALLS_USED",
    "QUOTA_CALLS_LEFT",
    "QUOTA_EXHAUSTED",
    "PARKED_HOURS",
}
PUBLISHED = {
    RECORD_RUN: {figure.name for figure in OF_A_RUN},
    SERVICE: {getattr(telling, name) for name in TOLD},
}
NEED_A_PERSON = {
    telling.LOGIN_DAYS_LEFT,
    telling.QUOTA_EXHAUSTED,
    "RunsSucceeded",
    "LedgersUnbalanced",
    "QuarantineShare",
    telling.PARKED_HOURS,
    "LoadMinutes",
    "CostInDollars",
    "FieldsVanished",
    "AccessLost",
}
ALARMS = resources("AWS::CloudWatch::Alarm")
OWN = {
    name: metric
    for name, alarm in ALARMS.items()
    if (metric := metric_of(alarm))["Namespace"] == {"!Ref": "AWS::StackName"}
}


def dashboard() -> dict[str, Any]:
    (properties,) = resources("AWS::CloudWatch::Dashboard").values()
    body: dict[str, Any] = json.loads(properties["DashboardBody"]["!Sub"])
    return body


def test_each_figure_that_needs_a_person_has_an_alarm() -> None:
    assert {alarm["MetricName"] for alarm in OWN.values()} == NEED_A_PERSON
    login = [ALARMS[name] for name, one in OWN.items() if one["MetricName"] == "LoginDaysLeft"]
    thresholds = {alarm["Threshold"] for alarm in login}
    assert thresholds == {30, 7}


@pytest.mark.parametrize("name", OWN)
def test_an_alarm_looks_where_the_figure_goes(name: str) -> None:
    globals_ = template()["Globals"]["Function"]["Environment"]["Variables"]

    assert OWN[name]["Namespace"] == globals_["POWERTOOLS_METRICS_NAMESPACE"]
    (dimension,) = OWN[name]["Dimensions"]
    assert dimension["Name"] == "service"
    assert OWN[name]["MetricName"] in PUBLISHED[dimension["Value"]]


def test_the_dashboard_shows_figures_that_are_published_and_every_alarm() -> None:
    shown: set[tuple[str, str]] = set()
    for widget in dashboard()["widgets"]:
        namespace = service = ""
        for line in widget["properties"].get("metrics", []):
            # CloudWatch takes a dot for the same as in the line above.
            namespace = line[0] if line[0] != "." else namespace
            service = line[3] if line[3] != "." else service
            assert namespace == "${AWS::StackName}"
            shown.add((service, line[1]))
    assert len(shown) > 10
    assert all(name in PUBLISHED[service] for service, name in shown)
    (alarms,) = (w["properties"]["alarms"] for w in dashboard()["widgets"] if w["type"] == "alarm")
    assert {re.sub(r"\W|Arn", "", arn) for arn in alarms} == set(ALARMS)


def test_an_alarm_over_many_periods_spans_at_most_a_week() -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""
    hours = template()["Parameters"]["MaxHoursWithoutRun"]
    assert OWN["NoSuccessfulRunAlarm"]["Period"] == HOUR
    assert hours["MaxValue"] * HOUR <= 7 * 86400


@pytest.mark.parametrize("name", ALARMS)
def test_every_alarm_tells_the_topic(name: str) -> None:
    assert ALARMS[name]["AlarmActions"] == [{"!Ref": "Topic"}]
    assert ALARMS[name]["AlarmDescription"]


class Row(NamedTuple):
    """One row of the tables on the page about missing data: 3 of 3 datapoints, range of 5."""

    points: str
    missing: str
    ignore: str
    breaching: str
    not_breaching: str


KEPT: Final = "kept"
TABLE: Final = (
    Row("0-X-X", OK, OK, OK, OK),
    Row("0----", OK, OK, OK, OK),
    Row("-----", NO_DATA, KEPT, ALARM, OK),
    Row("0XX-X", ALARM, ALARM, ALARM, ALARM),
    Row("--X--", ALARM, KEPT, ALARM, OK),
    Row("----X", KEPT, KEPT, ALARM, OK),
)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.points)
def test_the_evaluator_does_what_cloudwatchs_page_says(row: Row) -> None:
    points = [{"0": False, "X": True, "-": None}[one] for one in row.points]
    treatments = ("missing", "ignore", "breaching", "notBreaching")

    assert [state_of(points, 3, how, KEPT) for how in treatments] == list(row[1:])


@pytest.mark.parametrize("name", ALARMS)
def test_no_alarm_rings_before_anything_has_happened(name: str) -> None:
    alarm = Alarm(rendered(name, deployed_at=DEPLOYED), [])

    assert alarm.state(DEPLOYED + 60, NO_DATA) != ALARM
    # Nor would it if CloudWatch had no datapoint for an expression where its page says it has one.
    assert alarm.properties["TreatMissingData"] != "breaching"


HOUR: Final = 3600
MINUTE: Final = 60
DEPLOYED: Final = 1_764_547_200
NO_RUN: Final = "NoSuccessfulRunAlarm"
PLAIN: Final = {
    "EvaluationPeriods": 26,
    "Threshold": 1,
    "ComparisonOperator": "LessThanThreshold",
    "TreatMissingData": "breaching",
    "Period": HOUR,
    "Statistic": "Sum",
}


def rendered(name: str, deployed_at: int) -> dict[str, Any]:
    stack = Rendering(RunsPromised=str(deployed_at))
    return stack.resources("AWS::CloudWatch::Alarm")[name]


def rings(alarm: Alarm, hours: int) -> Iterator[int]:
    """The seconds after the deploy at which the alarm goes from another state to ALARM."""
    state = NO_DATA
    for second in range(MINUTE, hours * HOUR, 5 * MINUTE):
        before, state = state, alarm.state(DEPLOYED + second, state)
        if state == ALARM != before:
            yield second


def successes(*hours: float) -> Sequence[tuple[int, float]]:
    return [(DEPLOYED + int(hour * HOUR), 1.0) for hour in hours]


@pytest.mark.parametrize("hours", [26, 30])
def test_a_stack_that_never_succeeds_rings_once_its_hours_are_over(hours: int) -> None:
    properties = rendered(NO_RUN, DEPLOYED) | {"EvaluationPeriods": hours}

    (second,) = rings(Alarm(properties, []), 48)

    assert 0 <= second - hours * HOUR <= HOUR


def test_runs_every_day_never_ring() -> None:
    days = [5 + 24 * day for day in range(5)]

    assert list(rings(Alarm(rendered(NO_RUN, DEPLOYED), successes(*days)), 120)) == []


def test_a_run_that_takes_two_hours_more_than_the_day_before_does_not_ring() -> None:
    properties = rendered(NO_RUN, DEPLOYED)

    assert list(rings(Alarm(properties, successes(5, 5 + 24 + 1.9)), 32)) == []


def test_it_rings_26_hours_after_the_last_success_and_no_later() -> None:
    (second,) = rings(Alarm(rendered(NO_RUN, DEPLOYED), successes(5, 29)), 60)

    assert 0 <= second - (29 + 26) * HOUR <= 10 * MINUTE


def test_it_rings_no_more_once_a_run_succeeds_again() -> None:
    alarm = Alarm(rendered(NO_RUN, DEPLOYED), successes(40))

    assert alarm.state(DEPLOYED + 39 * HOUR, OK) == ALARM
    assert alarm.state(DEPLOYED + 41 * HOUR, ALARM) == OK


def test_an_alarm_on_the_metric_alone_would_ring_at_once_and_then_too_late() -> None:
    """Why the alarm is about an expression."""
    new, old = Alarm(PLAIN, []), Alarm(PLAIN, successes(5))

    assert new.state(DEPLOYED + MINUTE, NO_DATA) == ALARM
    assert [second for second in rings(old, 60) if second > 6 * HOUR] == [
        pytest.approx((5 + 28) * HOUR, abs=HOUR)
    ]
