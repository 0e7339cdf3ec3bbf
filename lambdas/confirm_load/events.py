"""ConfirmLoad's event and its answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tonearm_pipeline.event_fields import integer_field, text_field

LOADED: Final = "loaded"
PENDING: Final = "pending"
REFRESHING: Final = "refreshing"


@dataclass(frozen=True)
class ConfirmRequest:
    """What the state machine asks for.

    Attributes:
        run_id: the run.
        published_key: key of its published manifest.
        tries: how often it was asked before, from 0.
    """

    run_id: str
    published_key: str
    tries: int

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> "ConfirmRequest":
        """Return the request.

        Raises:
            BadEventError: names the field that is missing or wrong.
        """
        return cls(
            run_id=text_field(event, "run_id"),
            published_key=text_field(event, "published_key"),
            tries=integer_field(event, "tries", minimum=0),
        )


@dataclass(frozen=True)
class ConfirmResult:
    """How far the run is.

    Attributes:
        status: loaded (core has it), pending (files are not loaded yet) or refreshing (they are,
            and core is being brought up to them).
        load_key: key of load.json.
        files_loaded: files that are loaded.
        files: all files of the run.
    """

    status: str
    load_key: str
    files_loaded: int
    files: int

    def as_event(self) -> dict[str, Any]:
        """Return it as the function's output."""
        return {
            "status": self.status,
            "load_key": self.load_key,
            "files_loaded": self.files_loaded,
            "files": self.files,
        }
