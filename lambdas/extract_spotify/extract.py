"""ExtractSpotify as one call: finished already, another run's turn, or an invocation's work."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any, Final

from extract_spotify.invocation import Deps, Invocation
from extract_spotify.lease import Lease
from extract_spotify.outcome import Outcome, done, wait
from extract_spotify.run import logger
from tonearm_pipeline.clock import Deadline
from tonearm_pipeline.errors import BadEventError, RunInProgressError
from tonearm_pipeline.event_fields import text_field
from tonearm_pipeline.keys import raw_manifest_key
from tonearm_pipeline.spotify.quota import QuotaLedger

__all__ = ["Deps", "ExtractRequest", "Outcome", "extract"]

# While another run extracts, look again between these.
LEAST_LEASE_WAIT_SECONDS: Final = 5
MOST_LEASE_WAIT_SECONDS: Final = 600
_SECONDS_PER_HOUR: Final = 3600


@dataclass(frozen=True)
class ExtractRequest:
    """What the state machine asks for."""

    run_id: str
    plan_key: str

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> "ExtractRequest":
        """Return the request in an event.

        Raises:
            BadEventError: a field is missing or wrong.
        """
        return cls(text_field(event, "run_id"), text_field(event, "plan_key"))


def extract(request: ExtractRequest, deps: Deps, deadline: Deadline, invocation_id: str) -> Outcome:
    """Read on from where the run stands, as far as time and quota allow.

    Args:
        request: the run and its plan.
        deps: what to work with.
        deadline: the invocation's.
        invocation_id: a text no other invocation has.

    Raises:
        PipelineError: whatever was read is saved before.
    """
    manifest = deps.store.get(raw_manifest_key(request.run_id))
    if manifest is not None:
        return done(request.run_id, manifest)
    plan = deps.store.get(request.plan_key)
    if plan is None:
        raise BadEventError(f"the event's 'plan_key' names nothing: {request.plan_key}")
    lease = Lease(deps.table, deps.clock, request.run_id, invocation_id)
    try:
        lease.acquire()
    except RunInProgressError as exc:
        return _wait_for_other(exc, deps)
    return Invocation(plan, deps, deadline, lease).go_on()


def _wait_for_other(exc: RunInProgressError, deps: Deps) -> Outcome:
    """Wait until the other run is through, or until anybody may call again at all."""
    now = deps.clock.now()
    left_seconds = ceil((exc.expires_at - now).total_seconds())
    wait_seconds = min(max(left_seconds, LEAST_LEASE_WAIT_SECONDS), MOST_LEASE_WAIT_SECONDS)
    cool_down = QuotaLedger(deps.table, deps.clock).cool_down()
    if cool_down:
        # Looking again and again during a cool-down of hours would only cost invocations.
        cool_down_seconds = ceil((cool_down.until - now).total_seconds())
        allowed_seconds = int(deps.max_park_hours * _SECONDS_PER_HOUR)
        wait_seconds = max(wait_seconds, min(cool_down_seconds, allowed_seconds))
    logger.info("another run extracts", extra={"holder": exc.holder, "seconds": wait_seconds})
    return wait(now + timedelta(seconds=wait_seconds), wait_seconds)
