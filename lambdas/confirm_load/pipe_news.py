"""Decides from what pipes say of themselves whether asking the warehouse is worth a wake.

`SYSTEM$PIPE_STATUS` is answered without a warehouse; the load history and the landing rows are
not, and each wake of a warehouse is billed a minute at least.
https://docs.snowflake.com/en/sql-reference/functions/system_pipe_status
https://docs.snowflake.com/en/user-guide/cost-understanding-compute
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from tonearm_pipeline.clock import utc_moment

# A file that was handed to a pipe is counted as pending a moment later, or was known already.
_HANDED_OVER: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class PipeNews:
    """What a pipe says of itself.

    Attributes:
        entity: whose pipe.
        pending: files that wait in it.
        ingested_at: when it last loaded a file; None when it never did.
        forwarded_at: when it was last told of a file; None when it never was.
    """

    entity: str
    pending: int
    ingested_at: datetime | None
    forwarded_at: datetime | None

    @classmethod
    def from_json(cls, entity: str, text: str) -> "PipeNews":
        """Return the news of a pipe's status."""
        said: dict[str, Any] = json.loads(text)
        return cls(
            entity=entity,
            pending=int(said.get("pendingFileCount") or 0),
            ingested_at=_moment(said.get("lastIngestedTimestamp")),
            forwarded_at=_moment(said.get("lastForwardedMessageTimestamp")),
        )

    def is_through(self, published_at: datetime, now: datetime) -> bool:
        """Whether it has nothing left to do of what was published then."""
        if self.pending:
            return False
        if self.ingested_at is not None and self.ingested_at >= published_at:
            return True
        told = self.forwarded_at
        return told is not None and told >= published_at and now - told >= _HANDED_OVER


def is_worth_asking(
    pipes: Sequence[PipeNews],
    published_at: datetime,
    last_asked_at: datetime | None,
    patience: timedelta,
    now: datetime,
) -> bool:
    """Whether the warehouse may have something new to say.

    Args:
        pipes: the pipes of the run's files.
        published_at: when the files were published.
        last_asked_at: when the warehouse was last asked about them, None for never.
        patience: after so long it is asked whatever the pipes say.
        now: the time of the question.
    """
    since = last_asked_at or published_at
    if now - since >= patience:
        return True
    news = [pipe.ingested_at or pipe.forwarded_at for pipe in pipes]
    is_new = last_asked_at is None or any(at is not None and at >= last_asked_at for at in news)
    return is_new and all(pipe.is_through(published_at, now) for pipe in pipes)


def _moment(text: str | None) -> datetime | None:
    return utc_moment(text) if text else None
