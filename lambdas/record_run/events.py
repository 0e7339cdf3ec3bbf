"""RecordRun's two events and its answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tonearm_pipeline.errors import BadEventError
from tonearm_pipeline.event_fields import integer_field, optional_text_field, text_field

SUCCEEDED: Final = "succeeded"
FAILED: Final = "failed"


@dataclass(frozen=True)
class RecordRequest:
    """A run that reached its end.

    Attributes:
        run_id: the run.
        snapshot_date: the date it stands for.
        attempt: which transformation of its raw data.
        manifest_key: the raw manifest.
        published_key: the published manifest, empty when nothing changed.
        execution_id: the execution's ARN.
        started_at: when it started, ISO text.
    """

    run_id: str
    snapshot_date: str
    attempt: int
    manifest_key: str
    published_key: str
    execution_id: str
    started_at: str

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> "RecordRequest":
        """Return the request.

        Raises:
            BadEventError: names the field that is missing or wrong.
        """
        return cls(
            run_id=text_field(event, "run_id"),
            snapshot_date=text_field(event, "snapshot_date"),
            attempt=integer_field(event, "attempt", minimum=1),
            manifest_key=text_field(event, "manifest_key"),
            published_key=optional_text_field(event, "published_key"),
            execution_id=text_field(event, "execution_id"),
            started_at=text_field(event, "started_at"),
        )


@dataclass(frozen=True)
class FailureRequest:
    """A run that failed; all but the execution may be missing, for it must be told anyway."""

    run_id: str
    execution_id: str
    started_at: str
    state: str
    error: str
    cause: str

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> "FailureRequest":
        """Return the request.

        Raises:
            BadEventError: the execution or its start is missing.
        """
        error = event.get("error")
        told: Mapping[str, Any] = error if isinstance(error, dict) else {"Cause": str(error)}
        return cls(
            run_id=optional_text_field(event, "run_id"),
            execution_id=text_field(event, "execution_id"),
            started_at=text_field(event, "started_at"),
            state=optional_text_field(event, "state"),
            error=str(told.get("Error") or ""),
            cause=str(told.get("Cause") or ""),
        )


@dataclass(frozen=True)
class RecordResult:
    """What was recorded of a run that reached its end."""

    run_id: str
    status: str
    ledger_key: str
    receipt_key: str
    counts: Mapping[str, int]

    def as_event(self) -> dict[str, Any]:
        """Return it as the function's output: keys and counts only."""
        return {
            "run_id": self.run_id,
            "status": self.status,
            "ledger_key": self.ledger_key,
            "receipt_key": self.receipt_key,
            "counts": dict(self.counts),
        }


def request_of(event: Mapping[str, Any]) -> RecordRequest | FailureRequest:
    """Return the request the event's `outcome` names.

    Raises:
        BadEventError: the outcome is neither, or a field is missing or wrong.
    """
    outcome = text_field(event, "outcome")
    if outcome == SUCCEEDED:
        return RecordRequest.from_event(event)
    if outcome == FAILED:
        return FailureRequest.from_event(event)
    raise BadEventError(f"the event's 'outcome' must be {SUCCEEDED} or {FAILED}, not '{outcome}'")
