"""What a step says: passed, failed with a fix for each fault, or left open with the reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a step ended."""

    PASSED = "passed"
    FAILED = "failed"
    OPEN = "open"


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it must be, and what to do about it, each in one line."""

    what: str
    fix: str


@dataclass(frozen=True)
class Outcome:
    """How a step ended.

    Attributes:
        verdict: passed, failed or open.
        told: what was seen, or why the step is open.
        faults: of a failed step.
    """

    verdict: Verdict
    told: str
    faults: tuple[Fault, ...] = ()


def judged(told: str, faults: Iterable[Fault] = ()) -> Outcome:
    """Passed without faults, else failed."""
    found = tuple(faults)
    return Outcome(Verdict.FAILED if found else Verdict.PASSED, told, found)


def failed(what: str, fix: str) -> Outcome:
    """Failed with one fault."""
    return judged("", [Fault(what, fix)])


def left_open(why: str) -> Outcome:
    """Neither proved nor disproved."""
    return Outcome(Verdict.OPEN, why)
