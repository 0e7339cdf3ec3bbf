"""The figures a run publishes to CloudWatch, in embedded metric format on standard output."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from record_run.losses import FIELD, SOURCE
from tonearm_pipeline.ledger import ENTITY_NAMES, SUCCEEDED, UNBALANCED, UNCHANGED

COUNT: Final = MetricUnit.Count
SECONDS: Final = MetricUnit.Seconds
NO_UNIT: Final = MetricUnit.NoUnit
PERCENT: Final = MetricUnit.Percent
_LOAD_STATES: Final = ("ConfirmLoad", "WaitForSnowpipe")


@dataclass(frozen=True)
class Figure:
    """One metric."""

    name: str
    unit: MetricUnit
    value: float


def run_figures(
    ledger: Mapping[str, Any], receipt: Mapping[str, Any], warnings: int
) -> list[Figure]:
    """Return the figures of a run that reached its ledger.

    Args:
        ledger: the composed ledger.
        receipt: the composed receipt.
        warnings: what the audit let pass but told.
    """
    status = ledger["status"]
    entities = [ledger["entities"][name] for name in ENTITY_NAMES]
    return [
        Figure("RunsSucceeded", COUNT, status in {SUCCEEDED, UNCHANGED}),
        Figure("RunsUnchanged", COUNT, status == UNCHANGED),
        Figure("LedgersUnbalanced", COUNT, status == UNBALANCED),
        Figure("QuarantinedRows", COUNT, sum(entity["quarantined"] for entity in entities)),
        Figure("QuarantineShare", PERCENT, 100 * max(_share(entity) for entity in entities)),
        Figure("RowsPublished", COUNT, sum(entity["curated"] for entity in entities)),
        Figure("AuditWarnings", COUNT, warnings),
        Figure("PlaylistsRead", COUNT, receipt["sources"]["playlists"]),
        Figure("SourcesRefused", COUNT, receipt["sources"]["refused"]),
        Figure("ApiCalls", COUNT, receipt["calls"]["total"]),
        Figure("WaitedSeconds", SECONDS, receipt["calls"]["waited_seconds"]),
        Figure("RunSeconds", SECONDS, receipt["seconds"]),
        *_load_figures(receipt),
        # One that does not balance goes on to the failure path, which tells the cost.
        *([] if status == UNBALANCED else cost_figures(receipt["cost"])),
    ]


def _load_figures(receipt: Mapping[str, Any]) -> list[Figure]:
    """How long the published files took to be in the warehouse; a run without any has none."""
    took = [receipt["state_seconds"].get(state) for state in _LOAD_STATES]
    seconds = [one for one in took if one is not None]
    return [Figure("LoadMinutes", NO_UNIT, sum(seconds) / 60)] if seconds else []


def cost_figures(cost: Mapping[str, Any] | None) -> list[Figure]:
    """Return what a run cost in dollars; nothing when it was not measured."""
    return [] if cost is None else [Figure("CostInDollars", NO_UNIT, cost["total"])]


def failure_figures() -> list[Figure]:
    """Return the figures of a run that failed."""
    return [Figure("RunsFailed", COUNT, 1)]


def finding_figures(lost: Sequence[Mapping[str, str]]) -> list[Figure]:
    """Return how much of what the stack used to see is lost."""
    kinds = [one["kind"] for one in lost]
    return [
        Figure("FieldsVanished", COUNT, kinds.count(FIELD)),
        Figure("AccessLost", COUNT, kinds.count(SOURCE)),
    ]


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


def _share(entity: Mapping[str, int]) -> float:
    return entity["quarantined"] / entity["read"] if entity["read"] else 0.0
