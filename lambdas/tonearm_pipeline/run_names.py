"""The name of a run: made from its execution, so the same execution always gives the same one."""

import hashlib
import re
from typing import Final

from tonearm_pipeline.clock import utc_moment

_HEX_DIGITS: Final = 6
_RUN_ID: Final = re.compile(rf"\d{{8}}T\d{{6}}Z-[0-9a-f]{{{_HEX_DIGITS}}}")


def run_id_of(execution_id: str, started_at: str) -> str:
    """Return `YYYYMMDDTHHMMSSZ-xxxxxx`: the start in UTC, and a hash of the execution's ARN.

    Raises:
        ValueError: `started_at` is not an ISO date and time.
    """
    digest = hashlib.sha256(execution_id.encode()).hexdigest()[:_HEX_DIGITS]
    return f"{utc_moment(started_at):%Y%m%dT%H%M%SZ}-{digest}"


def is_run_id(text: str) -> bool:
    """Tell whether a text has the form of a run's name."""
    return _RUN_ID.fullmatch(text) is not None
