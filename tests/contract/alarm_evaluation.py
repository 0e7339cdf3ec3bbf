"""CloudWatch's rules of when an alarm is in which state, for alarms that ask for all datapoints.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

ALARM, OK, NO_DATA = "ALARM", "OK", "INSUFFICIENT_DATA"
Point = float | None
_COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
# The page gives one size: 5 datapoints are looked at for an alarm over 3.
MORE_POINTS: Final = 2


def state_of(breaching: Sequence[bool | None], periods: int, missing: str, before: str) -> str:
    """The state after one evaluation.

    Args:
        breaching: the evaluation range, newest last; None where a datapoint is missing.
        periods: how many datapoints are evaluated.
        missing: how missing datapoints are treated.
        before: the state until now.
    """
    real = [one for one in breaching if one is not None]
    if None not in breaching or len(real) >= periods:
        return ALARM if all(real[-periods:]) else OK
    if False in real:
        return OK
    if missing == "missing":
        return _state_without_filling(breaching, periods, before)
    return {"breaching": ALARM, "notBreaching": OK, "ignore": before}[missing]


def _state_without_filling(breaching: Sequence[bool | None], periods: int, before: str) -> str:
    """All that is there breaches: more is waited for, until the oldest is as old as the alarm."""
    if True not in breaching:
        return NO_DATA
    oldest = len(breaching) - list(breaching).index(True)
    return ALARM if oldest >= periods else before


@dataclass(frozen=True)
class Alarm:
    """One alarm of a rendered template on datapoints that are sums or largest values.

    Attributes:
        properties: as CloudFormation gets them.
        events: what was published: second and value.
    """

    properties: dict[str, Any]
    events: Sequence[tuple[int, float]]

    def state(self, now: int, before: str) -> str:
        """The state at a second, evaluated over a sliding window."""
        periods = int(self.properties["EvaluationPeriods"])
        breaches = _COMPARISONS[self.properties["ComparisonOperator"]]
        threshold = float(self.properties["Threshold"])
        points = [self._point(now, back) for back in reversed(range(periods + MORE_POINTS))]
        breaching = [None if point is None else breaches(point, threshold) for point in points]
        return state_of(breaching, periods, self.properties["TreatMissingData"], before)

    def _point(self, now: int, back: int) -> Point:
        """The datapoint of the period that ended so many periods ago."""
        stat, expression = metric_of(self.properties), expression_of(self.properties)
        end = now - back * stat["Period"]
        start = end - stat["Period"]
        values = [value for second, value in self.events if start <= second < end]
        value = (sum(values) if stat["Stat"] == "Sum" else max(values)) if values else None
        if not expression:
            return value
        found = re.fullmatch(r"IF\(EPOCH\((\w+)\) < (\d+), 1, \1\)", expression)
        assert found, f"the evaluator knows no {expression}"
        # EPOCH has a value for every period; IF gives 0 where the metric it chose has none.
        return 1.0 if start < int(found[2]) else (value or 0.0)


def metric_of(properties: dict[str, Any]) -> dict[str, Any]:
    """Namespace, name, dimensions, period and statistic of the one metric an alarm looks at."""
    stats = [one["MetricStat"] for one in properties.get("Metrics", []) if "MetricStat" in one]
    if not stats:
        return {**properties, "Stat": properties["Statistic"]}
    (inside,) = stats
    return {**inside["Metric"], "Period": inside["Period"], "Stat": inside["Stat"]}


def expression_of(properties: dict[str, Any]) -> str:
    """The expression an alarm is about; empty for an alarm on a metric."""
    found = [one["Expression"] for one in properties.get("Metrics", []) if "Expression" in one]
    return str(found[0]) if found else ""
