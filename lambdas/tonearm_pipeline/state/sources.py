"""What is known of each source from the last run whose ledger balanced.

ExtractSpotify reads it to leave unchanged sources alone; only RecordRun advances it, so a source of
a failed run is read again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final

from tonearm_pipeline.clock import utc_moment
from tonearm_pipeline.state.table import StateTable

_PREFIX: Final = "source#"
_SORT_KEY: Final = "state"


@dataclass(frozen=True)
class SourceState:
    """The last good read of a source.

    Attributes:
        snapshot_id: the version Spotify named, None when it must not be trusted.
        fingerprint: hash over the ordered entries, None when the read was not consistent.
        details: hash over the name and other details that change without the entries.
        total: the number of entries.
        calls: the requests the read took, for the forecast of the next.
        last_run_id: the run that read it.
        last_read_at: when, as ISO text.
        last_full_check_at: when all entries were last compared, as ISO text.
        rows_written_at: when its rows were last written, as ISO text; a later read that found the
            same leaves it as it is.
        playlists: of `me/playlists`, the canonical URIs it led to, for the forecast of the next.
    """

    snapshot_id: str | None = None
    fingerprint: str | None = None
    details: str | None = None
    total: int | None = None
    calls: int | None = None
    last_run_id: str | None = None
    last_read_at: str | None = None
    last_full_check_at: str | None = None
    rows_written_at: str | None = None
    playlists: list[str] | None = None

    @classmethod
    def from_fields(cls, values: Mapping[str, Any]) -> "SourceState":
        """Return the state in a mapping that may hold more than its fields."""
        return cls(**{name: values[name] for name in _FIELDS if name in values})

    def as_fields(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        return asdict(self)

    def is_full_check_due(self, now: datetime, full_check_days: int) -> bool:
        """Tell whether the entries were not compared for too long."""
        return _is_past(self.last_full_check_at, now, full_check_days)

    def is_rewrite_due(self, now: datetime, rewrite_days: int) -> bool:
        """Tell whether its rows are so old that what keeps them will soon let them expire."""
        return _is_past(self.rows_written_at, now, rewrite_days)


def _is_past(moment: str | None, now: datetime, days: int) -> bool:
    return moment is None or now - utc_moment(moment) >= timedelta(days=days)


_FIELDS: Final = tuple(one.name for one in fields(SourceState))


class SourceStates:
    """The states in the stack's table."""

    def __init__(self, table: StateTable) -> None:
        self._table = table

    def read(self, uris: Iterable[str]) -> dict[str, SourceState]:
        """Return the states there are, by canonical URI."""
        items = self._table.get_many((f"{_PREFIX}{uri}" for uri in uris), _SORT_KEY)
        return {
            pk.removeprefix(_PREFIX): SourceState.from_fields(item) for pk, item in items.items()
        }

    def advance(self, uri: str, next_state: Mapping[str, Any]) -> bool:
        """Store the state a run leads to; an older run never overwrites a newer one.

        Args:
            uri: the source's canonical URI.
            next_state: from the raw manifest's `sources`.

        Returns:
            Whether it was stored; False when a newer read is already there.
        """
        state = SourceState.from_fields(next_state).as_fields()
        item = {"pk": f"{_PREFIX}{uri}", "sk": _SORT_KEY, **state}
        return self._table.put_if(
            item,
            "attribute_not_exists(last_read_at) OR last_read_at <= :read_at",
            {":read_at": state["last_read_at"]},
        )
