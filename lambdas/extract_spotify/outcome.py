"""What ExtractSpotify answers: the state machine's next step, with a few numbers."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from extract_spotify.manifest import NO_COUNTS, counts_of
from tonearm_pipeline.keys import raw_manifest_key


@dataclass(frozen=True)
class Outcome:
    """What the state machine learns: `done`, `more`, `wait` or `needs_login`."""

    status: str
    manifest_key: str = ""
    changed: bool = False
    resume_at: str = ""
    wait_seconds: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict(NO_COUNTS))

    def as_event(self) -> dict[str, Any]:
        """Return the outcome as the function's answer."""
        return {
            "status": self.status,
            "manifest_key": self.manifest_key,
            "changed": self.changed,
            "resume_at": self.resume_at,
            "wait_seconds": self.wait_seconds,
            "counts": self.counts,
        }


def done(run_id: str, manifest: dict[str, Any]) -> Outcome:
    """Return the answer of a run whose raw manifest is written."""
    return Outcome(
        "done",
        manifest_key=raw_manifest_key(run_id),
        changed=manifest["changed"],
        counts=counts_of(manifest),
    )


def wait(resume_at: datetime, wait_seconds: int, counts: dict[str, int] | None = None) -> Outcome:
    """Return the answer of a run that goes on at a moment."""
    text = resume_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Outcome(
        "wait", resume_at=text, wait_seconds=wait_seconds, counts=counts or dict(NO_COUNTS)
    )
