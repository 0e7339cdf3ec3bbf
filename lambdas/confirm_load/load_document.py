"""load.json: what ConfirmLoad knows of one attempt's load, from call to call. Pure functions.

"loaded" of an entity is what the load history says, "landing" what is in its landing table, and
"warehouse" what core has of it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from confirm_load.load_core import CoreLoad
from confirm_load.load_status import FileLoad, FileStatus, Repair, published_files
from tonearm_pipeline.ledger import ENTITY_NAMES


def loads_before(manifest: Mapping[str, Any], before: Mapping[str, Any] | None) -> list[FileLoad]:
    """Return what the load.json before said of each file; nobody was asked yet without one."""
    files = published_files(manifest)
    said = {line["key"]: line for line in (before or {"files": []})["files"]}
    return [
        FileLoad.from_dict(said[file.key], file.rows)
        if file.key in said
        else FileLoad(file, FileStatus.PENDING, 0, 0)
        for file in files
    ]


def compose_load(
    manifest: Mapping[str, Any],
    *,
    status: str,
    loads: Sequence[FileLoad],
    core_rows: Mapping[str, int],
    core: CoreLoad,
    repairs: Sequence[Repair],
    tries: int,
    asked_at: datetime,
    warehouse_asked_at: datetime | None,
) -> dict[str, Any]:
    """Return load.json.

    Args:
        manifest: the published manifest.
        status: how far the run is: loaded, pending, refreshing or failed.
        loads: what became of each file.
        core_rows: per entity the rows of this run and attempt that core has.
        core: how far core is.
        repairs: all repairs tried so far.
        tries: how often the run had asked before.
        asked_at: when it asked.
        warehouse_asked_at: when it last asked the warehouse about files, None for never.
    """
    loaded, landed = dict.fromkeys(ENTITY_NAMES, 0), dict.fromkeys(ENTITY_NAMES, 0)
    for load in loads:
        loaded[load.file.entity] += load.rows_loaded
        landed[load.file.entity] += load.rows_in_landing
    return {
        "run_id": manifest["run_id"],
        "attempt": manifest["attempt"],
        "status": status,
        "tries": tries,
        "asked_at": asked_at.isoformat(),
        "warehouse_asked_at": warehouse_asked_at.isoformat() if warehouse_asked_at else None,
        "files": [load.as_dict() for load in loads],
        "entities": {
            entity: {
                "loaded": loaded[entity],
                "landing": landed[entity],
                "warehouse": core_rows.get(entity, 0),
            }
            for entity in ENTITY_NAMES
        },
        "core": core.as_dict(),
        "repairs": [repair.as_dict() for repair in repairs],
    }
