"""The raw manifest: what an extraction brought, for all who come after it."""

from typing import Any, Final

from extract_spotify.cursor import Cursor

# The numbers of a run that has not begun.
NO_COUNTS: Final = {"playlists": 0, "unchanged": 0, "refused": 0, "entries": 0, "calls": 0}


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
        "enrichment": _enrichment(cursor),
        "changed": bool(cursor.playlists or cursor.others),
    }


def _enrichment(cursor: Cursor) -> dict[str, Any]:
    step = cursor.enrichment
    if step is None:
        return {}
    taken = sum(step.taken.values())
    return {
        "taken": step.taken,
        "unknown": step.unknown,
        "waiting": step.due - taken - step.unknown,
        "stopped_by": step.stopped_by,
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
