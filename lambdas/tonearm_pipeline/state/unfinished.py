"""Extractions that stopped for a reason a person can remove, so that the next run goes on there.

ExtractSpotify leaves one behind when its execution is about to turn red; the first PlanRun that is
asked for the same thing claims it, and its execution continues the run: the same name, the same
cursor, no page asked for twice.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from tonearm_pipeline.clock import Clock
from tonearm_pipeline.state.table import StateTable

# A run keeps its date, so it is only continued for that date; this just clears the table.
KEEP_DAYS: Final = 2
_PREFIX: Final = "unfinished#"
_SK: Final = "run"
_NAMES: Final = ("sources", "force_full", "enrich", "snapshot_date")


class UnfinishedRuns:
    """The unfinished runs of one stack, at most one for each thing that was asked for."""

    def __init__(self, table: StateTable, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    def leave(self, plan: Mapping[str, Any]) -> None:
        """Let another execution continue this run; the caller's must be about to end."""
        self._table.put(self._item(plan, plan["run_id"]))

    def claim(self, plan: Mapping[str, Any], claimed_by: str) -> str | None:
        """Return the run to continue in place of this plan's, if there is one nobody else took.

        Args:
            plan: what the caller is about to start.
            claimed_by: names the caller; it may claim again what it has claimed.
        """
        found = self._table.get(_pk(plan), _SK)
        if found is None:
            return None
        run_id = str(found["run_id"])
        is_ours = self._table.put_if(
            self._item(plan, run_id) | {"claimed_by": claimed_by},
            "run_id = :run_id AND (attribute_not_exists(claimed_by) OR claimed_by = :by)",
            {":run_id": run_id, ":by": claimed_by},
        )
        return run_id if is_ours else None

    def _item(self, plan: Mapping[str, Any], run_id: str) -> dict[str, Any]:
        expires_at = self._clock.now() + timedelta(days=KEEP_DAYS)
        return {
            "pk": _pk(plan),
            "sk": _SK,
            "run_id": run_id,
            "expires_at": int(expires_at.timestamp()),
        }


def _pk(plan: Mapping[str, Any]) -> str:
    asked_for = json.dumps([plan.get(name) for name in _NAMES])
    return _PREFIX + hashlib.sha256(asked_for.encode()).hexdigest()[:32]
