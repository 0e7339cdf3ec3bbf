"""Runs one scenario of the matrix and says what came of it."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.faults.aws import Aws
from tests.faults.catalogues import write_account
from tests.faults.fake import Fake
from tests.faults.judging import Brought, Difference, difference, is_verbatim
from tests.faults.scenarios import (
    FOREIGN,
    LIKED,
    LONG,
    PLAYLISTS,
    SHORT_SECONDS,
    THIRTEEN_HOURS,
    Scenario,
)
from tests.faults.stack import PATIENT, Execution, Stack
from tonearm_pipeline.spotify.http import Timeouts

IMPATIENT: Final = Timeouts(connect=5.0, read=0.6, answer=1.2)
MOST_EXECUTIONS: Final = 5
_REFUSALS: Final = {"forbidden": 403, "not_found": 404}
_UNAUTHORIZED: Final = 401
_OK: Final = 200
_TOKEN_PATH: Final = "/api/token"


@dataclass
class Seen:
    """The states a scenario went through.

    Attributes:
        waits: seconds of each Wait state.
        logins: how often somebody had to log in.
        refused: status by source.
        torn: sources stored as not consistent.
        retries: transient errors that left the function.
    """

    waits: list[int] = field(default_factory=list)
    logins: int = 0
    refused: dict[str, int | None] = field(default_factory=dict)
    torn: set[str] = field(default_factory=set)
    retries: list[str] = field(default_factory=list)
    red: list[str] = field(default_factory=list)

    def as_text(self) -> str:
        """The states in words, for the table."""
        told = [f"wait {seconds / 3600:.0f} h" for seconds in self.waits]
        told += ["needs_login"] * self.logins
        told += [f"refused {status}" for status in self.refused.values()]
        told += ["torn"] * len(self.torn) + self.red + self.retries
        return ", ".join(told) or "as without faults"


@dataclass(frozen=True)
class Verdict:
    """What a scenario showed."""

    scenario: str
    difference: Difference
    wrong_states: list[str]
    seen: str
    happened: int
    calls: int

    @property
    def is_good(self) -> bool:
        """Whether nothing is lost, doubled, or in a wrong state."""
        return self.difference == Bench.NO_DIFFERENCE and not self.wrong_states


class Bench:
    """Runs scenarios, one after the other, against one fake and one AWS.

    Args:
        aws: where the stacks are made.
        fake: serves the folder that `write_matrix_account` wrote.
        name: no other bench in this AWS has it.
    """

    NO_DIFFERENCE = Difference(0, 0)

    def __init__(self, aws: Aws, fake: Fake, name: str = "matrix") -> None:
        self._aws = aws
        self.fake = fake
        self._name = name
        self._stacks = 0
        self.fake.control(reset=True)
        self.expected = self._brought_without_faults()

    def run(self, scenario: Scenario) -> Verdict:
        """Run a scenario to its end, with the waits waited and the logins made."""
        self.fake.control(reset=True, faults=scenario.faults())
        stack = self.new_stack(IMPATIENT if scenario.is_slow else PATIENT)
        seen, last = self._run_to_the_end(stack)
        happened = _happened(self.fake)
        calls = self.fake.calls()
        found = Brought()
        found.add(stack, last.run_id)
        seen.refused = {k: v for k, v in found.refused.items() if v is not None}
        seen.torn = set(found.torn)
        wrong = _wrong_states(seen, happened, self.fake.requests(), found.refused)
        wrong += _wrong_numbers(stack, last, calls, happened)
        if not happened.total():
            wrong.append("no fault came to pass")
        total = self._compare(stack, scenario, found, seen, last)
        return Verdict(
            scenario=str(scenario),
            difference=total,
            wrong_states=wrong,
            seen=seen.as_text(),
            happened=happened.total(),
            calls=len(calls),
        )

    def _run_to_the_end(self, stack: Stack) -> tuple[Seen, Execution]:
        seen = Seen()
        for _ in range(MOST_EXECUTIONS):
            execution = stack.execute()
            seen.waits += execution.waits
            seen.retries += execution.retries
            if execution.status == "done":
                return seen, execution
            if execution.status == "needs_login":
                seen.logins += 1
                stack.log_in()
            else:
                seen.red.append(execution.error)
        raise AssertionError(f"no end after {MOST_EXECUTIONS} executions: {seen}")

    def _compare(
        self, stack: Stack, scenario: Scenario, found: Brought, seen: Seen, last: Execution
    ) -> Difference:
        """Compare with the run without faults; what was refused or torn, after one more run."""
        left_out = [*seen.refused, *seen.torn]
        expected = self.expected
        if scenario.is_edited:
            expected = self._brought_without_faults(keep_edits=True)
        total = difference(expected, found, left_out)
        if scenario.is_honest and not is_verbatim(expected, found, left_out):
            total += Difference(1, 0)
        if left_out:
            total += self._difference_after_another_run(stack, expected, found, last)
        return total

    def _difference_after_another_run(
        self, stack: Stack, expected: Brought, found: Brought, last: Execution
    ) -> Difference:
        self.fake.control(faults=[])
        stack.record(last.run_id)
        stack.clock.move(days=1)
        stack.log_in()
        again = stack.execute()
        found.add(stack, again.run_id)
        still_missing = [source for source in found.refused if found.refused[source] is not None]
        return difference(expected, found) + Difference(len(still_missing) + len(found.torn), 0)

    def _brought_without_faults(self, *, keep_edits: bool = False) -> Brought:
        if keep_edits:
            self.fake.control(faults=[])
        else:
            self.fake.control(reset=True)
        stack = self.new_stack(PATIENT)
        stack.log_in()
        brought = Brought()
        brought.add(stack, stack.execute().run_id)
        return brought

    def new_stack(self, timeouts: Timeouts) -> Stack:
        """A stack that has read nothing yet."""
        self._stacks += 1
        return Stack(self._aws, self.fake, f"{self._name}-{self._stacks}", timeouts)


def write_matrix_account(folder: Path) -> None:
    """Write the account that all scenarios read."""
    write_account(folder, PLAYLISTS, liked=LIKED, foreign=FOREIGN)


def _happened(fake: Fake) -> Counter[str]:
    """How often each kind of fault really came to pass; long and short waits apart."""
    counts: Counter[str] = Counter()
    for fault in fake.control()["faults"]:
        is_short = fault.get("retry_after") == SHORT_SECONDS
        counts["short limit" if is_short else fault["kind"]] += fault["happened"]
    return counts


def _wrong_states(
    seen: Seen,
    happened: Counter[str],
    requests: list[dict[str, Any]],
    refused: dict[str, int | None],
) -> list[str]:
    """Return every state that the design does not name for what happened."""
    wrong = []
    limits = happened["rate_limited"] + happened["quota_exceeded"]
    # Rounded up to a whole second, never down.
    is_whole = all(0 <= seconds - THIRTEEN_HOURS <= 1 for seconds in seen.waits)
    if len(seen.waits) != limits or not is_whole:
        wrong.append(f"waits {seen.waits} after {limits} long limits")
    logins = happened["invalid_grant"] + _refused_fresh_tokens(requests)
    if seen.logins != logins:
        wrong.append(f"{seen.logins} logins instead of {logins}")
    statuses = {_REFUSALS[kind] for kind in _REFUSALS if happened[kind]}
    if not set(seen.refused.items()) <= {(LONG.uri, status) for status in statuses}:
        wrong.append(f"refused {seen.refused} after {sorted(statuses)}")
    if statuses and not seen.refused:
        wrong.append("a refusal was not told")
    if len(refused) - len(seen.refused) != FOREIGN:
        wrong.append(f"other refusals: {refused}")
    if seen.torn and happened["playlist_edited"] < 2:
        wrong.append(f"torn {sorted(seen.torn)}")
    return wrong + seen.red + seen.retries


def _refused_fresh_tokens(requests: list[dict[str, Any]]) -> int:
    """How often a question got 401, a new token was fetched, and the question got 401 again."""
    count = at = 0
    while at + 2 < len(requests):
        asked, renewed, again = requests[at : at + 3]
        is_refused = asked["status"] == again["status"] == _UNAUTHORIZED
        is_same = (asked["path"], asked["params"]) == (again["path"], again["params"])
        is_renewed = renewed["path"] == _TOKEN_PATH and renewed["status"] == _OK
        is_counted = is_refused and is_same and is_renewed
        count += is_counted
        at += 3 if is_counted else 1
    return count


def _wrong_numbers(
    stack: Stack, last: Execution, calls: list[dict[str, Any]], happened: Counter[str]
) -> list[str]:
    """Return every number the run tells that is not what really happened."""
    wrong = []
    told = stack.manifest(last.run_id)["calls"]
    if told["total"] != len(calls):
        wrong.append(f"told {told['total']} calls, made {len(calls)}")
    asked = THIRTEEN_HOURS * (happened["rate_limited"] + happened["quota_exceeded"])
    asked += SHORT_SECONDS * happened["short limit"]
    if not asked <= told["waited_seconds"] <= asked + 60:
        wrong.append(f"told {told['waited_seconds']} s of waiting, was asked for {asked}")
    if not asked and stack.ledger.used() != len(calls):
        wrong.append(f"the shared ledger counts {stack.ledger.used()} calls of {len(calls)}")
    return wrong
