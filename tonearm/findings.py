"""What is not as it should be: each finding says what, what a deploy does about it, and the fix."""

from dataclasses import dataclass
from enum import StrEnum

APPLY = "apply the SQL"
DEPLOY = "run `tonearm snowflake deploy`"


class Kind(StrEnum):
    """What is wrong; the word an operator sees."""

    SQL = "sql"
    MISSING = "missing"
    COLUMN = "column"
    INTEGRATION = "integration"
    STAGE = "stage"
    PIPE_PAUSED = "pipe-paused"
    PIPE_CHANGED = "pipe-changed"
    PIPE_STOPPED = "pipe-stopped"
    REFRESH = "refresh-suspended"
    CORE = "core-table"
    TASK = "task-suspended"
    QUOTA = "credit-quota"
    GRANTS = "grants"
    KEY = "key"
    PARAMETER = "parameter"
    TRUST = "trust"
    NOTIFICATION = "notification"
    READ = "read"


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be.

    Attributes:
        kind: what sort of thing.
        subject: the object, as the healer needs its name.
        what: one sentence for the operator.
        deed: what a deploy does about it; empty when a person must.
        fix: what the operator does about it, in one line.
    """

    kind: Kind
    subject: str
    what: str
    deed: str
    fix: str = DEPLOY

    @property
    def line(self) -> str:
        """The finding as the status shows it."""
        return f"{self.kind}: {self.what}; fix: {self.fix}"

    @property
    def plan_line(self) -> str:
        """The finding as the plan shows it."""
        return f"{self.what} -> {self.deed or f'by hand: {self.fix}'}"
