"""One extraction at a time: a lease with an expiry in the stack's table.

Its holder is a run, so a new invocation of the same run takes over from one that died; the token
names the invocation, so the older one finds out at its next renewal and stops.
"""

from datetime import datetime, timedelta
from typing import Final

from tonearm_pipeline.clock import Clock
from tonearm_pipeline.errors import RunInProgressError
from tonearm_pipeline.state.table import StateTable

LEASE_SECONDS: Final = 120
RENEW_AFTER_SECONDS: Final = 20
_PK: Final = "lease#extract"
_SK: Final = "lease"
_FREE_OR_MINE: Final = "attribute_not_exists(pk) OR expires_at < :now OR run_id = :run_id"


class Lease:
    """The right of one invocation of one run to spend calls and write the run's cursor.

    Args:
        table: where the lease is kept.
        clock: tells when it ends.
        run_id: the run.
        token: a text no other invocation has.
        lease_seconds: how long it lasts without being renewed.
    """

    def __init__(
        self,
        table: StateTable,
        clock: Clock,
        run_id: str,
        token: str,
        lease_seconds: int = LEASE_SECONDS,
    ) -> None:
        self._table = table
        self._clock = clock
        self._run_id = run_id
        self._token = token
        self._lease_seconds = lease_seconds
        self._renewed_at: datetime | None = None

    def acquire(self) -> None:
        """Take the lease.

        Raises:
            RunInProgressError: another run holds it.
        """
        now = self._clock.now()
        values = {":now": int(now.timestamp()), ":run_id": self._run_id}
        if not self._table.put_if(self._item(self._default_end()), _FREE_OR_MINE, values):
            raise self._in_progress()
        self._renewed_at = now

    def renew_if_due(self) -> None:
        """Renew the lease when the last renewal is some time ago.

        Raises:
            RunInProgressError: it was taken over.
        """
        due_at = (self._renewed_at or self._clock.now()) + timedelta(seconds=RENEW_AFTER_SECONDS)
        if self._renewed_at is None or self._clock.now() >= due_at:
            self.hold_until(self._default_end())

    def hold_until(self, expires_at: datetime) -> None:
        """Renew the lease up to a moment; a parked run keeps it beyond its wait.

        Raises:
            RunInProgressError: it was taken over.
        """
        if not self._table.put_if(self._item(expires_at), "lease_token = :token", self._is_mine()):
            raise self._in_progress()
        self._renewed_at = self._clock.now()

    def release(self) -> None:
        """Give the lease back; nothing happens when it was taken over."""
        self._table.delete_if(_PK, _SK, "lease_token = :token", self._is_mine())

    def _default_end(self) -> datetime:
        return self._clock.now() + timedelta(seconds=self._lease_seconds)

    def _is_mine(self) -> dict[str, str]:
        return {":token": self._token}

    def _item(self, expires_at: datetime) -> dict[str, object]:
        return {
            "pk": _PK,
            "sk": _SK,
            "run_id": self._run_id,
            "lease_token": self._token,
            "expires_at": int(expires_at.timestamp()),
        }

    def _in_progress(self) -> RunInProgressError:
        item = self._table.get(_PK, _SK) or {}
        now = self._clock.now()
        ends = datetime.fromtimestamp(item.get("expires_at", now.timestamp()), now.tzinfo)
        return RunInProgressError(str(item.get("run_id", "unknown")), ends)
