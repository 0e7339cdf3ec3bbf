"""The figures RecordRun publishes of a run that ended."""

from collections.abc import Mapping
from typing import Any, Final

from tonearm_pipeline.ledger import ENTITY_NAMES, SUCCEEDED, UNBALANCED, UNCHANGED
from tonearm_pipeline.metrics import COUNT, NO_UNIT, PERCENT, SECONDS, Figure

_LOAD_STATES: Final = ("ConfirmLoad", "WaitForSnowpipe")


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


def _share(entity: Mapping[str, int]) -> float:
    return entity["quarantined"] / entity["read"] if entity["read"] else 0.0
