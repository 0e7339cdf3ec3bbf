"""What was proved: a table for people, JSON for programs, nothing that says whose it is."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tonearm.register import Assumption
from tonearm.verify.outcomes import Outcome, Verdict

if TYPE_CHECKING:
    from tonearm.verify.subject import Subject

_MARKS = {Verdict.PASSED: "✓", Verdict.FAILED: "✗", Verdict.OPEN: "○"}


@dataclass(frozen=True)
class Taken:
    """A step that was taken: its name, what it proves, how it ended, and how long it took."""

    name: str
    proves: str
    outcome: Outcome
    seconds: float


@dataclass(frozen=True)
class Report:
    """Everything that was seen.

    Attributes:
        subject: the stack.
        register: what is relied on.
        taken: the steps.
        seconds: how long they took.
    """

    subject: "Subject"
    register: tuple[Assumption, ...]
    taken: tuple[Taken, ...]
    seconds: float

    @property
    def is_well(self) -> bool:
        """Whether no step has failed."""
        return all(one.outcome.verdict is not Verdict.FAILED for one in self.taken)

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """Of each entry that a step touched, by id: the worst of its steps' verdicts."""
        steps = {one.name: one.outcome.verdict for one in self.taken}
        worst = (Verdict.FAILED, Verdict.OPEN, Verdict.PASSED)
        return {
            entry.id: min((steps[name] for name in entry.steps if name in steps), key=worst.index)
            for entry in self.register
            if any(name in steps for name in entry.steps)
        }

    def as_json(self) -> dict[str, Any]:
        """The report as a JSON object, masked."""
        found = {
            "is_well": self.is_well,
            "seconds": round(self.seconds, 1),
            "dollars_of_runs": self._dollars(),
            "steps": [_step_json(one) for one in self.taken],
            "register": {
                "entries": len(self.register),
                "touched": dict(Counter(map(str, self.verdicts.values()))),
                "verdicts": {name: str(verdict) for name, verdict in self.verdicts.items()},
            },
        }
        masked: dict[str, Any] = self.subject.mask().tree(found)
        return masked

    def show(self, console: Console) -> None:
        """Print the table, the fixes, and the sums."""
        mask = self.subject.mask()
        table = Table(box=SIMPLE_HEAD, title="Verify", title_justify="left", title_style="bold")
        for name in ("", "step", "seconds", "entries", "what was seen"):
            table.add_column(name, overflow="fold", justify="right" if name in _NUMBERS else "left")
        for one in self.taken:
            count = sum(one.name in entry.steps for entry in self.register)
            mark = _MARKS[one.outcome.verdict]
            told = mask.text(_told(one.outcome))
            table.add_row(mark, one.name, f"{one.seconds:.1f}", str(count), told)
        console.print(table, highlight=False, markup=False)
        for line in self._lines():
            console.print(mask.text(line), highlight=False, markup=False, soft_wrap=True)

    def _lines(self) -> Iterator[str]:
        for one in self.taken:
            for fault in one.outcome.faults:
                yield f"✗ {one.name}: {fault.what}"
                yield f"    fix: {fault.fix}"
        counted = Counter(self.verdicts.values())
        left = len(self.register) - len(self.verdicts)
        yield (
            f"register: {len(self.register)} entries; {counted[Verdict.PASSED]} proved here, "
            f"{counted[Verdict.FAILED]} failed, {counted[Verdict.OPEN]} open; {left} others, see "
            "docs/real-services.md"
        )
        dollars = self._dollars()
        price = "no run of its own"
        if dollars is not None:
            price = f"its runs cost about ${dollars:.2f} of AWS, the replay as much again"
        yield f"{'well' if self.is_well else 'NOT well'}: {self.seconds:,.0f} s, {price}"

    def _dollars(self) -> float | None:
        """The cost of the runs that were made, by their receipts; None when none was made."""
        if self.subject.run_id:
            return None
        made = [run for run in (self.subject.run, self.subject.second_run) if run]
        receipts = [self.subject.runs.document(run.run_id, "receipt") for run in made]
        costs = [_total(receipt) for receipt in receipts if receipt]
        return round(sum(costs), 4) if costs else None


_NUMBERS = ("seconds", "entries")


def _told(outcome: Outcome) -> str:
    if outcome.verdict is not Verdict.FAILED:
        return outcome.told
    count = len(outcome.faults)
    return f"{count} fault{'s' if count != 1 else ''}: {outcome.faults[0].what}"


def _total(receipt: Mapping[str, Any]) -> float:
    return float((receipt.get("cost") or {}).get("total") or 0)


def _step_json(one: Taken) -> dict[str, Any]:
    return {
        "step": one.name,
        "proves": one.proves,
        "verdict": str(one.outcome.verdict),
        "seconds": round(one.seconds, 1),
        "told": one.outcome.told,
        "faults": [{"what": fault.what, "fix": fault.fix} for fault in one.outcome.faults],
    }
