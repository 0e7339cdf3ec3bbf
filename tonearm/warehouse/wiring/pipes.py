"""Pauses, drains, drops, resumes and refreshes pipes; never replaces one.

https://docs.snowflake.com/en/user-guide/data-load-snowpipe-manage
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tonearm.errors import OperatorError
from tonearm.stack import Pace, Tell
from tonearm.warehouse.wiring.session import Account, RefusedError

# S3 promises no time for an event: files from shortly before the pause may still be on their way.
LATE_EVENTS = timedelta(hours=1)


def retire(account: Account, name: str, pace: Pace, tell: Tell) -> None:
    """Drop a pipe after everything it had to load is loaded; the files decide what comes after it.

    One that has stopped will never load what waits; a refresh of its successor does.

    Raises:
        OperatorError: files are still waiting after the time allowed; the pipe is left as it was.
    """
    state = _state(account, name)
    if state in ("RUNNING", "PAUSED"):
        tell(f"pipe {name}: pausing")
        _drain(account, name, pace, was_paused=state == "PAUSED")
    tell(f"pipe {name}: making it again")
    account.run(f"drop pipe {name}")


def pause_all(account: Account, names: Sequence[str], pace: Pace, tell: Tell) -> None:
    """Pause the pipes of a stage that is about to get another integration, and let them drain.

    What still waits when the time is over cannot be loaded through the stage as it is: a refresh of
    the pipes that come after these loads it.
    """
    for name in names:
        tell(f"pipe {name}: pausing")
        account.run(f"alter pipe {name} set pipe_execution_paused = true")

    def waiting() -> int:
        return sum(_pending(account, name) for name in names)

    if not pace.wait_until(lambda: waiting() == 0, pace.drain_seconds):
        tell(f"pipes: {waiting()} files wait for the new pipes")


def resume(account: Account, name: str) -> bool:
    """Let a paused pipe run again; True when it had been paused so long that it forgot events."""
    try:
        account.run(f"alter pipe {name} set pipe_execution_paused = false")
    except RefusedError:
        account.run(f"select system$pipe_force_resume('{name}', 'staleness_check_override')")
        return True
    return False


def refresh(account: Account, name: str, since: datetime | None = None) -> int:
    """Have a pipe load what no event told it of: files of the last seven days; how many.

    Args:
        account: a session that may operate the pipe.
        name: the pipe.
        since: only files put after this moment, less the time an event may be late.
    """
    after = f" modified_after = '{(since - LATE_EVENTS).isoformat()}'" if since else ""
    return len(account.rows(f"alter pipe {name} refresh{after}"))


def now() -> datetime:
    """The moment, UTC."""
    return datetime.now(UTC)


def _drain(account: Account, name: str, pace: Pace, *, was_paused: bool) -> None:
    if was_paused and _pending(account, name):
        resume(account, name)  # a paused pipe never drains what came after its pause
    account.run(f"alter pipe {name} set pipe_execution_paused = true")
    if not pace.wait_until(lambda: _pending(account, name) == 0, pace.drain_seconds):
        waiting = _pending(account, name)
        if not was_paused:
            resume(account, name)
        raise OperatorError(
            f"pipe {name} still has {waiting} files to load after {pace.drain_seconds:.0f} s",
            "nothing was dropped; run the command again when they are loaded",
        )


def _state(account: Account, name: str) -> str:
    return str(_status(account, name)["executionState"])


def _pending(account: Account, name: str) -> int:
    return int(_status(account, name).get("pendingFileCount", 0))


def _status(account: Account, name: str) -> dict[str, Any]:
    status: dict[str, Any] = json.loads(account.value(f"select system$pipe_status('{name}')"))
    return status
