"""Plans a replay: an attempt of its own to transform a past run's raw data again."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from plan_run.plan import FIRST_ATTEMPT
from tonearm_pipeline.clock import Clock, utc_text
from tonearm_pipeline.errors import BadEventError
from tonearm_pipeline.event_fields import integer_field, text_field
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.keys import is_run_id, published_manifest_key, raw_manifest_key, replay_key

_FIELDS: Final = frozenset({"run_id", "attempt", "publish"})


@dataclass(frozen=True)
class ReplayRequest:
    """A validated execution input that asks for a replay.

    Attributes:
        execution_id: the execution's ARN.
        run_id: the past run.
        attempt: an attempt that is transformed already and is only to be published; None for a new
            one.
        is_publishing: whether the attempt is published.
    """

    execution_id: str
    run_id: str
    attempt: int | None
    is_publishing: bool

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> "ReplayRequest | None":
        """Return the replay an event asks for; None when it asks for an ordinary run.

        Raises:
            BadEventError: a field is missing, wrong or unknown.
        """
        user_input = event.get("input")
        if not isinstance(user_input, Mapping) or "replay" not in user_input:
            return None
        wanted = user_input["replay"]
        if not isinstance(wanted, Mapping) or set(user_input) - {"replay", "Comment"}:
            raise BadEventError("the input's 'replay' must be an object and the only field")
        if unknown := sorted(set(wanted) - _FIELDS):
            raise BadEventError(f"the replay holds unknown {', '.join(unknown)}")
        attempt = integer_field(wanted, "attempt", minimum=1) if "attempt" in wanted else None
        return cls(
            execution_id=text_field(event, "execution_id"),
            run_id=_run_id(wanted),
            attempt=attempt,
            is_publishing=_is_publishing(wanted.get("publish", False), attempt),
        )


def plan_replay(request: ReplayRequest, store: JsonStore, clock: Clock) -> dict[str, Any]:
    """Return PlanRun's answer for a replay; the same execution always gets the same attempt.

    Raises:
        BadEventError: the run has no raw data.
    """
    raw = store.get(raw_manifest_key(request.run_id))
    if raw is None:
        raise BadEventError(
            f"replay: there is no {raw_manifest_key(request.run_id)}: the run read nothing to its "
            "end, or its raw data has expired"
        )
    attempt = request.attempt or _claimed_attempt(request, store, clock)
    return {
        "run_id": request.run_id,
        "snapshot_date": raw["snapshot_date"],
        "attempt": attempt,
        "plan_key": replay_key(request.run_id, attempt),
        "start_at": "PublishRun" if request.attempt else "Transform",
        "publish": request.is_publishing,
    }


def _claimed_attempt(request: ReplayRequest, store: JsonStore, clock: Clock) -> int:
    """Return the first attempt nobody has taken, and take it."""
    published = store.get(published_manifest_key(request.run_id)) or {"attempt": FIRST_ATTEMPT}
    claim = {
        "run_id": request.run_id,
        "execution_id": request.execution_id,
        "planned_at": utc_text(clock.now()),
    }
    for attempt in count(int(published["attempt"]) + 1):
        key = replay_key(request.run_id, attempt)
        if store.put_once(key, {**claim, "attempt": attempt}):
            return attempt
        if (store.get(key) or {}).get("execution_id") == request.execution_id:
            return attempt
    raise AssertionError  # numbers do not end


def _run_id(wanted: Mapping[str, Any]) -> str:
    run_id = text_field(wanted, "run_id")
    if not is_run_id(run_id):
        raise BadEventError(f"the replay's 'run_id' is no name of a run: '{run_id}'")
    return run_id


def _is_publishing(value: object, attempt: int | None) -> bool:
    if not isinstance(value, bool):
        raise BadEventError(f"the replay's 'publish' must be true or false, not {value!r}")
    if attempt and not value:
        raise BadEventError("the replay names an attempt, which can only be published")
    return value
