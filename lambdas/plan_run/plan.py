"""Turns the state machine's input into a plan, and forecasts what it will cost in calls."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from typing import Any, Final

from tonearm_pipeline.clock import Clock, utc_moment, utc_text
from tonearm_pipeline.errors import BadEventError
from tonearm_pipeline.event_fields import text_field
from tonearm_pipeline.keys import run_id_of
from tonearm_pipeline.sources import (
    ENRICH_CHOICES,
    MY_PLAYLISTS,
    NONE,
    PLAYLIST,
    Source,
    parse_sources,
)
from tonearm_pipeline.spotify.quota import PAGE_SIZE
from tonearm_pipeline.state.sources import SourceState

FIRST_ATTEMPT: Final = 1
_INPUT_FIELDS: Final = frozenset({"sources", "logical_date", "force_full", "enrich"})
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class PlanRequest:
    """A validated execution input.

    Attributes:
        execution_id: the execution's ARN.
        started_at: when the execution started, UTC.
        sources: what to read.
        logical_date: the date to file the run under, None for the date it started.
        force_full: read and publish everything, changed or not.
        enrich: which full objects left-over calls are spent on.
    """

    execution_id: str
    started_at: datetime
    sources: tuple[Source, ...]
    logical_date: str | None
    force_full: bool
    enrich: str

    @classmethod
    def from_event(
        cls, event: Mapping[str, Any], default_sources: Iterable[str], default_enrich: str = NONE
    ) -> "PlanRequest":
        """Return the request in an event.

        Raises:
            BadEventError: a field is missing, wrong or unknown.
            BadSourceError: the sources are empty or hold things that are none.
        """
        user_input = _user_input(event)
        return cls(
            execution_id=text_field(event, "execution_id"),
            started_at=_started_at(text_field(event, "started_at")),
            sources=parse_sources(_source_texts(user_input, default_sources)),
            logical_date=_logical_date(user_input.get("logical_date")),
            force_full=_force_full(user_input.get("force_full")),
            enrich=_enrich(user_input.get("enrich"), default_enrich),
        )

    @property
    def run_id(self) -> str:
        """The run's name: the same execution always gives the same one."""
        return run_id_of(self.execution_id, utc_text(self.started_at))

    @property
    def snapshot_date(self) -> str:
        """The UTC date the run's rows carry."""
        return self.logical_date or f"{self.started_at:%Y-%m-%d}"


def plan_of(request: PlanRequest, forecast: Mapping[str, float], clock: Clock) -> dict[str, Any]:
    """Return the plan as it is stored."""
    return {
        "run_id": request.run_id,
        "snapshot_date": request.snapshot_date,
        "attempt": FIRST_ATTEMPT,
        "execution_id": request.execution_id,
        "started_at": utc_text(request.started_at),
        "planned_at": utc_text(clock.now()),
        "sources": [source.uri for source in request.sources],
        "force_full": request.force_full,
        "enrich": request.enrich,
        "forecast": dict(forecast),
    }


def playlists_behind(request: PlanRequest, states: Mapping[str, SourceState]) -> set[str]:
    """Return the playlists that the account's list led to last time and the input does not name."""
    named = {source.uri for source in request.sources}
    listed = (states[uri].playlists or [] for uri in named & states.keys())
    return {uri for uris in listed for uri in uris} - named


def calls_needed(
    request: PlanRequest, states: Mapping[str, SourceState], now: datetime, full_check_days: int
) -> int:
    """Return how many calls the run will take at least, from what earlier runs left.

    A source never read counts as one call, as nobody knows its length; a known one as one call to
    see whether it changed, or as all of its last read's calls when it is due to be read whole.

    Args:
        request: what is asked for.
        states: of its sources and of the playlists behind them.
        now: the time.
        full_check_days: after so many days a source is read whole.
    """
    is_listed = any(source.kind == MY_PLAYLISTS for source in request.sources)
    calls = 0
    for source in request.sources:
        state = states.get(source.uri, SourceState())
        if source.kind == MY_PLAYLISTS:
            calls += max(1, ceil((state.total or 0) / PAGE_SIZE))
        elif _is_due(request, state, now, full_check_days):
            calls += state.calls or 1
        elif not (is_listed and source.kind == PLAYLIST):
            # In a list of the account's playlists the version comes without a call.
            calls += 1
    behind = (states.get(uri, SourceState()) for uri in playlists_behind(request, states))
    return calls + sum(
        state.calls or 1 for state in behind if _is_due(request, state, now, full_check_days)
    )


def _is_due(request: PlanRequest, state: SourceState, now: datetime, full_check_days: int) -> bool:
    return request.force_full or state.is_full_check_due(now, full_check_days)


def _user_input(event: Mapping[str, Any]) -> Mapping[str, Any]:
    value = event.get("input")
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise BadEventError("the event's 'input' must be an object")
    unknown = sorted(set(value) - _INPUT_FIELDS - {"Comment"})
    if unknown:
        allowed = ", ".join(sorted(_INPUT_FIELDS))
        raise BadEventError(f"the input holds unknown {', '.join(unknown)}; allowed: {allowed}")
    return value


def _source_texts(user_input: Mapping[str, Any], default_sources: Iterable[str]) -> list[Any]:
    value = user_input.get("sources")
    if value is None:
        return list(default_sources)
    if not isinstance(value, list):
        raise BadEventError("the input's 'sources' must be a list of texts")
    return value


def _started_at(text: str) -> datetime:
    try:
        return utc_moment(text)
    except ValueError as exc:
        raise BadEventError(f"the event's 'started_at' is no ISO time: '{text}'") from exc


def _logical_date(value: object) -> str | None:
    if value is None:
        return None
    # fromisoformat alone would also take 20261122 and 2026-W47-7.
    text = value if isinstance(value, str) and _DATE.fullmatch(value) else ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as exc:
        raise BadEventError(f"the input's 'logical_date' is no YYYY-MM-DD: {value!r}") from exc


def _force_full(value: object) -> bool:
    if value is None:
        return False
    if not isinstance(value, bool):
        raise BadEventError(f"the input's 'force_full' must be true or false, not {value!r}")
    return value


def _enrich(value: object, default: str) -> str:
    if value is None:
        return default
    if value not in ENRICH_CHOICES:
        allowed = ", ".join(ENRICH_CHOICES)
        raise BadEventError(f"the input's 'enrich' must be one of {allowed}, not {value!r}")
    return str(value)
