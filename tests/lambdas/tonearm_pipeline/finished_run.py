"""The documents of a run that went well, to be spoilt in one place by a test."""

from typing import Any

from confirm_load.load_core import CoreLoad
from tonearm_pipeline.ledger import ENTITY_NAMES, RunFacts

RUN_ID = "20261122T090000Z-abc123"
DATE = "2026-11-22"
ROWS = {"albums": 4, "artists": 5, "songs": 6, "playlist_entries": 9, "playlists": 2}


def key_of(entity: str, number: int = 0) -> str:
    return f"curated/{entity}/snapshot_date={DATE}/{entity}-{RUN_ID}-{number:05d}.parquet"


def raw_manifest() -> dict[str, Any]:
    return {
        "run_id": RUN_ID,
        "parts": [{"key": "raw/part-00000.json.gz", "lines": 3, "bytes": 700, "sha256": "x"}],
        "playlists": [_read("playlist-a", 7), _read("playlist-b", 3)],
        "others": [],
        "unchanged": [{"source": "spotify:playlist:same", "why": "snapshot"}],
        "refused": [
            {"source": "spotify:playlist:locked", "status": 403, "why": "Locked.", "fix": "Ask."}
        ],
        "sources": [
            {"source": "spotify:playlist:playlist-a", "next_state": _state("s2")},
            {"source": "spotify:playlist:same", "next_state": _state("s1")},
        ],
        "calls": {"total": 5, "by_endpoint": {"playlists": 2}, "forecast": 6, "waited_seconds": 1},
        "changed": True,
    }


def _read(playlist_id: str, total: int) -> dict[str, Any]:
    return {"playlist_id": playlist_id, "api_total": total, "collected": total}


def _state(snapshot_id: str) -> dict[str, Any]:
    return {
        "snapshot_id": snapshot_id,
        "fingerprint": "f",
        "last_run_id": RUN_ID,
        "last_read_at": "2026-11-22T09:00:00.000000Z",
        "last_full_check_at": "2026-11-22T09:00:00.000000Z",
    }


def published_manifest() -> dict[str, Any]:
    return {
        "run_id": RUN_ID,
        "snapshot_date": DATE,
        "attempt": 1,
        "contract_version": 1,
        "raw_manifest_key": f"raw/{RUN_ID}/manifest.json",
        "published_at": "2026-11-22T09:05:00.000000Z",
        "entities": {name: _figures(name) for name in ENTITY_NAMES},
        "quarantine": {name: [] for name in ENTITY_NAMES}
        | {"playlist_entries": [{"key": "quarantine/x.parquet", "rows": 1}]},
        "playlists": [_counted("playlist-a", 4, 1), _counted("playlist-b", 2, 0)],
        "field_presence": {},
        "warnings": [],
    }


def _figures(name: str) -> dict[str, Any]:
    quarantined = 1 if name == "playlist_entries" else 0
    rows = ROWS[name]
    return {
        "read": rows + 3 + quarantined,
        "accepted": rows,
        "repeats": 3,
        "quarantined": quarantined,
        "staged": rows,
        "curated": rows,
        "nulls": {},
        "files": [
            {"key": key_of(name), "source_key": "s", "rows": rows, "bytes": 100, "etag": "e"}
        ],
    }


def _counted(playlist_id: str, songs: int, malformed: int) -> dict[str, Any]:
    kinds = {"songs": songs, "episodes": 1, "local_files": malformed, "unavailable": 0}
    total = sum(kinds.values()) + malformed
    return {
        "playlist_id": playlist_id,
        "api_total": total,
        **kinds,
        "malformed": malformed,
        "is_consistent": True,
    }


def load_document() -> dict[str, Any]:
    return {
        "run_id": RUN_ID,
        "attempt": 1,
        "status": "loaded",
        "tries": 2,
        "files": [
            {
                "key": key_of(name),
                "entity": name,
                "status": "loaded",
                "rows_loaded": rows,
                "rows_in_landing": rows,
                "repeated_rows": 0,
                "first_error": "",
            }
            for name, rows in ROWS.items()
        ],
        "entities": {
            name: {"loaded": rows, "landing": rows, "warehouse": rows}
            for name, rows in ROWS.items()
        },
        "core": CoreLoad().as_dict(),
        "repairs": [],
    }


def finished_facts() -> RunFacts:
    return RunFacts(
        run_id=RUN_ID,
        snapshot_date=DATE,
        attempt=1,
        raw=raw_manifest(),
        published=published_manifest(),
        load=load_document(),
    )


def unchanged_facts() -> RunFacts:
    raw = {**raw_manifest(), "changed": False, "playlists": []}
    return RunFacts(RUN_ID, DATE, 1, raw, published=None, load=None)
