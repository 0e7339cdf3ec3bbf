"""Publishes figures to CloudWatch, in embedded metric format on standard output."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

COUNT: Final = MetricUnit.Count
SECONDS: Final = MetricUnit.Seconds
NO_UNIT: Final = MetricUnit.NoUnit
PERCENT: Final = MetricUnit.Percent


@dataclass(frozen=True)
class Figure:
    """One metric."""

    name: str
    unit: MetricUnit
    value: float


def publish_figures(
    namespace: str, service: str, figures: Sequence[Figure], about: Mapping[str, str]
) -> None:
    """Write the figures as one log event CloudWatch reads as metrics.

    Args:
        namespace: CloudWatch namespace of the stack.
        service: the one dimension.
        figures: the metrics.
        about: run_id and the like: searchable in the logs, no dimension (each value of one costs).
    """
    metrics = EphemeralMetrics(namespace=namespace, service=service)
    for figure in figures:
        metrics.add_metric(name=figure.name, unit=figure.unit, value=float(figure.value))
    for name, value in about.items():
        metrics.add_metadata(key=name, value=value)
    metrics.flush_metrics()
