"""What this client may use and who it is, remembered so that no run has to find out again."""

from datetime import timedelta
from typing import Final

from tonearm_pipeline.clock import Clock
from tonearm_pipeline.spotify.quota import DEVELOPMENT
from tonearm_pipeline.state.table import StateTable

# Access may be granted later, so a refusal is tried again after this.
BATCH_MEMORY_DAYS: Final = 7
ACCOUNT_MEMORY_DAYS: Final = 180
_BATCH_PK: Final = "client#batch"
_ACCOUNT_PK: Final = "account#"
_SK: Final = "memory"


class QuotaModes:
    """The memory of one stack about its client.

    Args:
        table: where it is kept.
        clock: tells when it has ended.
        quota_mode: `development` never uses batch endpoints; `extended` and `auto` do until
            Spotify refuses one.
    """

    def __init__(self, table: StateTable, clock: Clock, quota_mode: str) -> None:
        self._table = table
        self._clock = clock
        self._quota_mode = quota_mode

    def has_batch(self) -> bool:
        """Tell whether batch endpoints are worth a call."""
        if self._quota_mode == DEVELOPMENT:
            return False
        return self._recall(_BATCH_PK) is None

    def remember(self, has_batch: bool | None) -> None:
        """Remember that a batch endpoint was refused; nothing else is worth remembering."""
        is_news = has_batch is False and self.has_batch()
        if is_news:
            self._keep(_BATCH_PK, "refused", BATCH_MEMORY_DAYS)

    def account(self, login_id: str) -> str | None:
        """Return the mark of whose login this is, if a run has asked before."""
        return self._recall(_ACCOUNT_PK + login_id)

    def remember_account(self, login_id: str, account: str | None) -> None:
        """Remember whose login this is."""
        if account and self.account(login_id) is None:
            self._keep(_ACCOUNT_PK + login_id, account, ACCOUNT_MEMORY_DAYS)

    def _recall(self, pk: str) -> str | None:
        item = self._table.get(pk, _SK)
        if item is None or item["expires_at"] <= self._clock.now().timestamp():
            return None
        return str(item["fact"])

    def _keep(self, pk: str, fact: str, days: int) -> None:
        expires_at = int((self._clock.now() + timedelta(days=days)).timestamp())
        self._table.put({"pk": pk, "sk": _SK, "fact": fact, "expires_at": expires_at})
