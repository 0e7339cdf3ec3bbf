"""What a check says: a finding with its fix, a fact, or that it could not look."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from tonearm.runs.next_commands import of_stack

WIRE = "tonearm snowflake deploy"
LOGIN = "tonearm login"
DEPLOY = "sam deploy"


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be.

    Attributes:
        check: which check found it.
        what: one sentence.
        fix: what to do about it, one line.
    """

    check: str
    what: str
    fix: str

    @property
    def line(self) -> str:
        """The finding as the doctor prints it."""
        return f"{self.check}: {self.what}; fix: {self.fix}"


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
            "findings": [asdict(finding) for finding in self.findings],
            "facts": [asdict(fact) for fact in self.facts],
            "not_checked": list(self.unseen),
        }


def run_command(command: str, stack_name: str) -> str:
    """The fix that is one command."""
    return f"run `{of_stack(command, stack_name)}`"


def set_parameter(key: str, value: str, stack_name: str) -> str:
    """The fix that is a parameter of the stack."""
    return run_command(f"{DEPLOY} --parameter-overrides {key}={value}", stack_name)
