"""The receipt of a run: what it took and what it cost. Pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tonearm_pipeline.clock import utc_moment, utc_text
from tonearm_pipeline.ledger import ENTITY_NAMES
from tonearm_pipeline.prices import cost_of


@dataclass(frozen=True)
class ReceiptFacts:
    """Everything a receipt is composed of.

    Attributes:
        ledger: the composed ledger.
        raw: the raw manifest.
        published: the published manifest, or None when nothing was published.
        load: what the warehouse said, or None.
        execution_id: the execution's ARN.
        started_at: when the execution started, ISO text.
        finished_at: when the receipt is written.
        state_seconds: how long each state took, where the caller knows it.
        usage: what the run used of AWS and Snowpipe, None when it could not be measured.
    """

    ledger: Mapping[str, Any]
    raw: Mapping[str, Any]
    published: Mapping[str, Any] | None
    load: Mapping[str, Any] | None
    execution_id: str
    started_at: str
    finished_at: datetime
    state_seconds: Mapping[str, float]
    usage: Mapping[str, Any] | None = None


def compose_receipt(facts: ReceiptFacts) -> dict[str, Any]:
    """Return the receipt as JSON."""
    seconds = (facts.finished_at - utc_moment(facts.started_at)).total_seconds()
    return {
        "run_id": facts.ledger["run_id"],
        "snapshot_date": facts.ledger["snapshot_date"],
        "attempt": facts.ledger["attempt"],
        "status": facts.ledger["status"],
        "execution_id": facts.execution_id,
        "started_at": facts.started_at,
        "finished_at": utc_text(facts.finished_at),
        "seconds": round(seconds, 3),
        "state_seconds": dict(facts.state_seconds),
        "calls": facts.raw["calls"],
        "sources": {
            "playlists": len(facts.raw["playlists"]),
            "unchanged": len(facts.raw["unchanged"]),
            "refused": len(facts.raw["refused"]),
        },
        **_volumes(facts),
        "snowpipe": _snowpipe(facts.load),
        "usage": None if facts.usage is None else dict(facts.usage),
        "cost": None if facts.usage is None else cost_of(facts.usage),
    }


def _volumes(facts: ReceiptFacts) -> dict[str, Any]:
    parts = facts.raw["parts"]
    entities = (facts.published or {}).get("entities", {})
    quarantine = (facts.published or {}).get("quarantine", {})
    curated = [file for name in ENTITY_NAMES for file in _files(entities, name)]
    return {
        "files": {
            "raw": len(parts),
            "curated": len(curated),
            "quarantine": sum(len(files) for files in quarantine.values()),
        },
        "rows": {
            name: sum(file["rows"] for file in _files(entities, name)) for name in ENTITY_NAMES
        },
        "bytes": {
            "raw": sum(part["bytes"] for part in parts),
            "curated": sum(file["bytes"] for file in curated),
        },
    }


def _files(entities: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return list(entities.get(name, {}).get("files", []))


def _snowpipe(load: Mapping[str, Any] | None) -> dict[str, Any]:
    files = (load or {}).get("files", [])
    return {
        "files": len(files),
        "tries": (load or {}).get("tries", 0),
        "repairs": (load or {}).get("repairs", []),
        "repeated_rows": sum(file["repeated_rows"] for file in files),
    }
