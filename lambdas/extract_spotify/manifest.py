"""The raw manifest: what an extraction brought, for all who come after it."""

from typing import Any

from tonearm_pipeline.cursor import Cursor


def raw_manifest(cursor: Cursor, plan: dict[str, Any]) -> dict[str, Any]:
    """Return the manifest of a finished extraction."""
    return {
        "run_id": cursor.run_id,
        "snapshot_date": plan["snapshot_date"],
        "parts": cursor.parts,
        "superseded": cursor.superseded,
        "playlists": cursor.playlists,
        "others": cursor.others,
        "unchanged": cursor.unchanged,
        "refused": cursor.refused,
        "sources": cursor.next_states,
        "calls": {
            "total": sum(cursor.calls.values()),
            "by_endpoint": dict(sorted(cursor.calls.items())),
            "forecast": plan["forecast"]["calls_needed"],
            "waited_seconds": round(cursor.waited_seconds + cursor.parked_seconds, 3),
        },
        "changed": bool(cursor.playlists or cursor.others),
    }


def counts_of(manifest: dict[str, Any]) -> dict[str, int]:
    """Return the few numbers the state machine shows."""
    return {
        "playlists": len(manifest["playlists"]),
        "unchanged": len(manifest["unchanged"]),
        "refused": len(manifest["refused"]),
        "entries": sum(playlist["collected"] for playlist in manifest["playlists"]),
        "calls": manifest["calls"]["total"],
    }
