"""What a check says: a finding with its fix, a fact, or that it could not look."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum

from tonearm.runs.next_commands import of_stack

DEPLOY = "sam deploy"
LOGIN = "tonearm login"
WIRE = "tonearm snowflake deploy"
RUN_WIRE = f"run `{WIRE}`"
APPLY = "apply the SQL"


class Kind(StrEnum):
    """What `tonearm snowflake status` checks; the word an operator sees."""

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
    """Something that is not as it should be.

    Attributes:
        check: which check found it; of the wiring, its `Kind`.
        what: one sentence.
        fix: what the operator does about it, one line.
        subject: of the wiring, the object's name.
        action: of the wiring, what a deploy does about it; empty when a person must.
    """

    check: str
    what: str
    fix: str = RUN_WIRE
    subject: str = ""
    action: str = ""

    @property
    def line(self) -> str:
        """The finding as the doctor and the status print it."""
        return f"{self.check}: {self.what}; fix: {self.fix}"

    @property
    def plan_line(self) -> str:
        """The finding as the plan of a deploy prints it."""
        return f"{self.what} -> {self.action or f'by hand: {self.fix}'}"


@dataclass(frozen=True)
class Fact:
    """Something worth knowing that needs no fix."""

    check: str
    what: str

    @property
    def line(self) -> str:
        """The fact as the doctor prints it."""
        return f"{self.check}: {self.what}"


type Said = Iterator[Finding | Fact]


@dataclass(frozen=True)
class Diagnosis:
    """Everything the checks said.

    Attributes:
        findings: what needs a fix.
        facts: what is worth knowing.
        unseen: checks that could not look, and why.
    """

    findings: tuple[Finding, ...]
    facts: tuple[Fact, ...]
    unseen: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """The diagnosis as a JSON object."""
        return {
            "is_well": not self.findings,
            "findings": [
                {"check": one.check, "what": one.what, "fix": one.fix} for one in self.findings
            ],
            "facts": [asdict(fact) for fact in self.facts],
            "not_checked": list(self.unseen),
        }


def run_command(command: str, stack_name: str) -> str:
    """The fix that is one command."""
    return f"run `{of_stack(command, stack_name)}`"


def set_parameter(key: str, value: str, stack_name: str) -> str:
    """The fix that is a parameter of the stack."""
    return run_command(f"{DEPLOY} --parameter-overrides {key}={value}", stack_name)
