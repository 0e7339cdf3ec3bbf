"""What became of core at the end of a load: its one refresh, and what Snowflake left off doing.

Pure functions and the part of load.json they make. A dynamic table that is suspended is still
refreshed by hand, so a run can be green while its schedule stands still; it goes on from its last
refresh as long as the landing tables keep what has changed since, and has to be made anew after
that. https://docs.snowflake.com/en/user-guide/dynamic-tables/manage
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from tonearm_pipeline.clock import utc_moment

DYNAMIC_TABLE: Final = "dynamic table"
TASK: Final = "task"
RUNNING, SUCCEEDED, FAILED = "running", "succeeded", "failed"
# How long a refresh may take: hours of landing rows at once, when core is computed anew.
REFRESH_PATIENCE: Final = timedelta(minutes=45)
# A run about an earlier date must not purge what it has just loaded.
_PRESENT: Final = timedelta(days=1)
_ACTIVE: Final = frozenset({"RUNNING", "ACTIVE", "STARTED"})


@dataclass(frozen=True)
class Scheduled:
    """A dynamic table or task as SHOW tells of it.

    Attributes:
        kind: dynamic table or task.
        name: DATABASE.SCHEMA.NAME.
        state: Snowflake's word: RUNNING or ACTIVE, started, SUSPENDED.
        since: when it was last suspended, None when that is not told.
        fresh_at: the moment whose landing rows a dynamic table shows, None for a task.
        reason: why it was suspended, in Snowflake's word; empty when not told.
    """

    kind: str
    name: str
    state: str
    since: datetime | None = None
    fresh_at: datetime | None = None
    reason: str = ""

    @property
    def is_suspended(self) -> bool:
        """Whether Snowflake has left off refreshing or starting it."""
        return self.state.upper() not in _ACTIVE


@dataclass(frozen=True)
class Suspended:
    """Something that stands still, and what makes it go on."""

    kind: str
    name: str
    since: str
    reason: str
    fix: str

    @property
    def line(self) -> str:
        """It in one line."""
        why = f" ({self.reason})" if self.reason else ""
        return f"{self.kind} {self.name} is suspended since {self.since}{why}: {self.fix}"


@dataclass(frozen=True)
class Refresh:
    """The one refresh of all core tables.

    Attributes:
        query_id: the statement that does it.
        started_at: when it was started, ISO text.
        state: running, succeeded or failed.
        error: Snowflake's words when it failed.
    """

    query_id: str
    started_at: str
    state: str = RUNNING
    error: str = ""

    def is_overdue(self, now: datetime) -> bool:
        """Whether it runs for longer than a run waits."""
        return now - utc_moment(self.started_at) > REFRESH_PATIENCE


@dataclass(frozen=True)
class CoreLoad:
    """How far core is.

    Attributes:
        purge_started_at: when the run started the purge, empty when it did not.
        purge_error: why it could not, empty when it could.
        refresh: the refresh, None when it was not started yet.
        suspended: what stands still.
    """

    purge_started_at: str = ""
    purge_error: str = ""
    refresh: Refresh | None = None
    suspended: tuple[Suspended, ...] = ()

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "CoreLoad":
        """Return what load.json says of it."""
        refresh = values["refresh"]
        return cls(
            purge_started_at=values["purge_started_at"],
            purge_error=values["purge_error"],
            refresh=Refresh(**refresh) if refresh else None,
            suspended=tuple(Suspended(**one) for one in values["suspended"]),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return its part of load.json."""
        return {**asdict(self), "suspended": [asdict(one) for one in self.suspended]}


def is_of_the_present(snapshot_date: str, now: datetime) -> bool:
    """Whether a run stands for today or yesterday (UTC), so that it may start the purge."""
    day = datetime.fromisoformat(snapshot_date).date()
    return now.date() - day <= _PRESENT


def suspended_ones(
    shown: Iterable[Scheduled], retention_days: int, now: datetime
) -> tuple[Suspended, ...]:
    """Return what stands still among what SHOW told of, each with what heals it.

    Args:
        shown: dynamic tables and tasks.
        retention_days: how long the landing tables keep what has changed.
        now: the moment the time since the last refresh is reckoned to.
    """
    return tuple(
        Suspended(
            one.kind,
            one.name,
            one.since.date().isoformat() if one.since else "an unknown date",
            one.reason,
            _fix(one, timedelta(days=retention_days), now),
        )
        for one in shown
        if one.is_suspended
    )


def _fix(one: Scheduled, retention: timedelta, now: datetime) -> str:
    if one.kind == TASK:
        root = f"{one.name.rsplit('.', 1)[0]}.PURGE"
        return f"run `select system$task_dependents_enable('{root}')` when its cause is gone"
    fresh_at = one.fresh_at or one.since
    if fresh_at is None or now - fresh_at <= retention:
        return f"run `alter dynamic table {one.name} resume` when its cause is gone"
    return (
        f"it was not refreshed for longer than its landing tables keep changes ({retention.days} "
        f"days): run `drop dynamic table {one.name}`, then `tonearm snowflake deploy`"
    )


def refresh_error(core: CoreLoad, failed: Sequence[str]) -> str:
    """Return why core does not have the run, with what is known of its tables."""
    refresh = core.refresh
    said = refresh.error if refresh and refresh.error else "Snowflake does not say why"
    parts = [f"core was not refreshed: {said}", *failed, *(one.line for one in core.suspended)]
    return "; ".join(parts)
