"""PublishRun's event and its answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from publish_run.copies import RunName
from tonearm_pipeline.event_fields import integer_field, text_field


@dataclass(frozen=True)
class PublishRequest:
    """What the state machine asks for."""

    run: RunName
    manifest_key: str

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> "PublishRequest":
        """Return the request.

        Raises:
            BadEventError: names the field that is missing or wrong.
        """
        run = RunName(
            run_id=text_field(event, "run_id"),
            snapshot_date=text_field(event, "snapshot_date"),
            attempt=integer_field(event, "attempt", minimum=1),
        )
        return cls(run, text_field(event, "manifest_key"))


@dataclass(frozen=True)
class PublishResult:
    """What was published."""

    published_key: str
    files: int
    counts: Mapping[str, int]
    warnings: int

    @classmethod
    def from_manifest(cls, published_key: str, manifest: Mapping[str, Any]) -> "PublishResult":
        """Return the figures of a published manifest."""
        entities = manifest["entities"]
        return cls(
            published_key=published_key,
            files=sum(len(figures["files"]) for figures in entities.values()),
            counts={name: figures["curated"] for name, figures in entities.items()},
            warnings=len(manifest["warnings"]),
        )

    def as_event(self) -> dict[str, Any]:
        """Return it as the function's output: keys and counts only."""
        return {
            "published_key": self.published_key,
            "files": self.files,
            "counts": dict(self.counts),
            "warnings": self.warnings,
        }
