"""Files that must agree: the template's alarms and dashboard and the figures functions publish."""

import json
import re
from typing import Any

import pytest

from extract_spotify import telling
from extract_spotify.run import SERVICE
from record_run.settings import SERVICE as RECORD_RUN
from tests.contract.template_reader import resources, template
from tests.lambdas.tonearm_pipeline.finished_run import finished_facts
from tonearm_pipeline.ledger import compose_ledger
from tonearm_pipeline.metrics import failure_figures, finding_figures, run_figures

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
OWN = {n: alarm for n, alarm in ALARMS.items() if alarm["Namespace"] == {"!Ref": "AWS::StackName"}}


def dashboard() -> dict[str, Any]:
    (properties,) = resources("AWS::CloudWatch::Dashboard").values()
    body: dict[str, Any] = json.loads(properties["DashboardBody"]["!Sub"])
    return body


def test_each_figure_that_needs_a_person_has_an_alarm() -> None:
    assert {alarm["MetricName"] for alarm in OWN.values()} == NEED_A_PERSON
    thresholds = {a["Threshold"] for a in OWN.values() if a["MetricName"] == "LoginDaysLeft"}
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
    hours = template()["Parameters"]["MaxHoursWithoutRun"]
    assert ALARMS["NoSuccessfulRunAlarm"]["Period"] == 3600
    assert hours["MaxValue"] * 3600 <= 7 * 86400


@pytest.mark.parametrize("name", ALARMS)
def test_every_alarm_tells_the_topic(name: str) -> None:
    assert ALARMS[name]["AlarmActions"] == [{"!Ref": "Topic"}]
    assert ALARMS[name]["AlarmDescription"]
