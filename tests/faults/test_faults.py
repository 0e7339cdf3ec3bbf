"""A bounded part of the fault matrix, for every test run; `make faults` runs the whole."""

import random
from collections.abc import Iterator

import pytest

from tests.faults import kills
from tests.faults.aws import an_aws
from tests.faults.fake import serving
from tests.faults.report import last_line, matrix_table
from tests.faults.running import Bench, Verdict, write_matrix_account
from tests.faults.scenarios import KINDS, Scenario, Single, pairs, singles

SEED = 7
PAIRS = 10
KILLS = 4


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("account")
    write_matrix_account(folder)
    with an_aws() as aws, serving(folder) as fake:
        yield Bench(aws, fake)


def assert_good(verdict: Verdict) -> None:
    assert verdict.is_good, verdict
    assert verdict.happened, f"{verdict.scenario} never came to pass"


def one_place_each() -> list[Scenario]:
    """Every kind of fault alone, each at one of the three places."""
    return [singles()[3 * number + number % 3] for number in range(len(KINDS))]


@pytest.mark.parametrize("scenario", one_place_each(), ids=str)
def test_a_fault_alone_loses_and_doubles_nothing(bench: Bench, scenario: Scenario) -> None:
    assert_good(bench.run(scenario))


@pytest.mark.parametrize("scenario", random.Random(SEED).sample(pairs(), k=PAIRS), ids=str)
def test_two_faults_together_lose_and_double_nothing(bench: Bench, scenario: Scenario) -> None:
    assert_good(bench.run(scenario))


def test_a_killed_process_loses_and_doubles_nothing(bench: Bench) -> None:
    for verdict in kills.kill_everywhere(bench, kills=KILLS, seed=SEED):
        assert_good(verdict)


def test_the_matrix_has_every_fault_at_three_places_alone_and_with_every_other() -> None:
    alone, two = singles(), pairs()

    assert len({str(one) for one in alone}) == len(alone) == 3 * len(KINDS)
    assert len({str(one) for one in two}) == len(two) == len(alone) * (len(alone) + 1) // 2


def test_what_is_lost_doubled_or_wrong_is_seen(bench: Bench) -> None:
    scenario = singles()[0]
    bench.expected.entries["spotify:playlist:gone"] = ["one", "two"]
    try:
        lost = bench.run(scenario)
    finally:
        del bench.expected.entries["spotify:playlist:gone"]

    assert lost.difference.lost == 2
    assert not lost.is_good
    assert last_line([lost]) == "faults: 1 scenarios, 2 lost, 0 doubled, 0 wrong state"


def test_a_fault_that_never_comes_to_pass_is_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Single, "faults", lambda _: [])

    verdict = bench.run(singles()[0])

    assert verdict.wrong_states == ["no fault came to pass"]
    assert last_line([verdict]) == "faults: 1 scenarios, 0 lost, 0 doubled, 1 wrong state"


def test_the_table_has_a_line_for_every_fault_and_the_kills() -> None:
    good = [Verdict(str(one), Bench.NO_DIFFERENCE, [], "ok", 1, 12) for one in singles()]

    lines = matrix_table(good)

    assert len(lines) == 1 + len(KINDS) + 1
    assert lines[-1].startswith("process killed")
