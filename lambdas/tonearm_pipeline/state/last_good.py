"""Which run was the last good one: the newest that published and whose ledger balanced."""

from typing import Final

from tonearm_pipeline.state.table import StateTable

_PK: Final = "run#last_good"
_SK: Final = "state"
_IS_NEWER: Final = "attribute_not_exists(run_id) OR run_id <= :run_id"


class LastGoodRun:
    """The pointer to the last good run in the stack's table."""

    def __init__(self, table: StateTable) -> None:
        self._table = table

    def published_key(self) -> str | None:
        """Return the key of its published manifest, or None before the first good run."""
        item = self._table.get(_PK, _SK)
        return str(item["published_key"]) if item else None

    def run_id(self) -> str | None:
        """Return its name, or None before the first good run."""
        item = self._table.get(_PK, _SK)
        return str(item["run_id"]) if item else None

    def remember(self, run_id: str, published_key: str) -> bool:
        """Point to a run; return False when a newer one is already pointed to."""
        item = {"pk": _PK, "sk": _SK, "run_id": run_id, "published_key": published_key}
        return self._table.put_if(item, _IS_NEWER, {":run_id": run_id})
