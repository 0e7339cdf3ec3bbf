"""Kills the extracting process at seeded moments and lets Step Functions' retry resume it."""

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final
from unittest.mock import patch

from extract_spotify import raw_parts
from tests.faults.judging import Brought, Difference, difference, is_verbatim
from tests.faults.running import Bench, Verdict
from tests.faults.stack import PATIENT, KilledError, Stack
from tonearm_pipeline.spotify.client import SpotifyClient

KILLS: Final = 50
SEED: Final = 20_261_122
# Small parts, so that there is much to interrupt.
PART_LINES: Final = 2
_AWS_WRITES: Final = (("s3", "put_object"), ("dynamodb", "update_item"), ("dynamodb", "put_item"))


def kill_everywhere(bench: Bench, kills: int = KILLS, seed: int = SEED) -> Iterator[Verdict]:
    """Kill one run at each of so many moments: before or after a request or a write to AWS."""
    with patch.object(raw_parts, "MAX_PART_LINES", PART_LINES):
        bench.fake.control(reset=True)
        untouched = bench.new_stack(PATIENT)
        with _dying_at(untouched, 0) as seen:
            expected = _brought(untouched)
        moments = random.Random(seed).sample(range(1, seen[0] + 1), k=kills)
        for moment in sorted(moments):
            yield _kill(bench, moment, expected)


def _kill(bench: Bench, moment: int, expected: Brought) -> Verdict:
    bench.fake.control(reset=True)
    stack = bench.new_stack(PATIENT)
    with _dying_at(stack, moment):
        execution = stack.execute()
    found = Brought()
    found.add(stack, execution.run_id)
    total = difference(expected, found)
    if not is_verbatim(expected, found):
        total += Difference(1, 0)
    calls = bench.fake.calls()
    wrong = [] if execution.retries == ["Lambda.Unknown"] else [f"retries {execution.retries}"]
    if stack.ledger.used() < len(calls):
        wrong.append(f"the shared ledger counts {stack.ledger.used()} calls of {len(calls)}")
    return Verdict(f"killed @ {moment}", total, wrong, "resumed", 1, len(calls))


def _brought(stack: Stack) -> Brought:
    brought = Brought()
    brought.add(stack, stack.execute().run_id)
    return brought


@contextmanager
def _dying_at(stack: Stack, moment: int) -> Iterator[list[int]]:
    """Let the process die at one of its moments; 0 only counts them."""
    seen = [0]

    def tick() -> None:
        seen[0] += 1
        if seen[0] == moment:
            raise KilledError

    def mortal(plain: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            tick()
            answer = plain(*args, **kwargs)
            tick()
            return answer

        return call

    with ExitStack() as patches:
        for service, name in _AWS_WRITES:
            client = getattr(stack.aws, service)
            patches.enter_context(patch.object(client, name, mortal(getattr(client, name))))
        send = mortal(SpotifyClient._send)
        patches.enter_context(patch.object(SpotifyClient, "_send", send))
        yield seen
