"""Files that must agree: the template's alarms and the figures the functions publish."""

import pytest

from extract_spotify import telling
from extract_spotify.run import SERVICE
from tests.contract.template_reader import resources, template

FIGURES = {telling.LOGIN_DAYS_LEFT, telling.QUOTA_EXHAUSTED}
ALARMS = resources("AWS::CloudWatch::Alarm")
OWN = {name: alarm for name, alarm in ALARMS.items() if alarm["Namespace"] != "AWS/States"}


def test_each_figure_that_needs_a_person_has_an_alarm() -> None:
    assert {alarm["MetricName"] for alarm in OWN.values()} >= FIGURES
    thresholds = {a["Threshold"] for a in OWN.values() if a["MetricName"] == "LoginDaysLeft"}
    assert thresholds == {30, 7}


@pytest.mark.parametrize("name", [n for n, a in OWN.items() if a["MetricName"] in FIGURES])
def test_an_alarm_looks_where_the_figure_goes(name: str) -> None:
    globals_ = template()["Globals"]["Function"]["Environment"]["Variables"]

    assert OWN[name]["Namespace"] == globals_["POWERTOOLS_METRICS_NAMESPACE"]
    assert OWN[name]["Dimensions"] == [{"Name": "service", "Value": SERVICE}]


@pytest.mark.parametrize("name", ALARMS)
def test_every_alarm_tells_the_topic(name: str) -> None:
    assert ALARMS[name]["AlarmActions"] == [{"!Ref": "Topic"}]
    assert ALARMS[name]["AlarmDescription"]
