"""Walks the real definition through its paths on two interpreters; the tasks' answers are given."""

import os
import subprocess
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest

from tests.contract.template_reader import ROOT
from tests.contract.test_state_machine_errors import EVENTS
from tests.statemachine.answering import Answering, Ended
from tests.statemachine.given import AUDIT, Answer, Scenario
from tests.statemachine.local_interpreter import local_interpreter
from tests.statemachine.scenarios import ODD_ANSWERS, SCENARIOS, SECOND_IS_WRONG, TASKS
from tests.statemachine.second_interpreter import second_interpreter

DEFINITION = ROOT / "statemachine" / "pipeline.asl.json"
Run = Callable[[Scenario, Answering], Ended]


@pytest.fixture(scope="module")
def local() -> Iterator[Run]:
    with local_interpreter() as run:
        yield run


@pytest.fixture(scope="module")
def second() -> Iterator[Run]:
    with second_interpreter() as run:
        yield run


def check(run: Run, scenario: Scenario) -> None:
    answering = Answering(scenario)

    ended = run(scenario, answering)

    assert ended.visited == scenario.visited, (ended.error, ended.cause)
    assert ended.status == ("FAILED" if scenario.error else "SUCCEEDED")
    assert ended.error == scenario.error, ended.cause
    for words in scenario.told:
        assert words in ended.cause
    for state, count in scenario.calls.items():
        assert answering.calls[state] == count, state


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[one.id for one in SCENARIOS])
def test_the_local_cloud_takes_this_path(local: Run, scenario: Scenario) -> None:
    check(local, scenario)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[one.id for one in SCENARIOS])
def test_the_second_interpreter_takes_the_same_path(second: Run, scenario: Scenario) -> None:
    known: dict[str, Any] = SECOND_IS_WRONG.get(scenario.id, {})

    check(second, scenario._replace(**known))


@pytest.mark.parametrize("state", TASKS)
def test_no_odd_answer_ends_an_execution_of_the_local_cloud_by_itself(
    local: Run, state: str
) -> None:
    check_odd_answers(local, state)


@pytest.mark.parametrize("state", TASKS)
def test_no_odd_answer_ends_an_execution_of_the_second_interpreter_by_itself(
    second: Run, state: str
) -> None:
    check_odd_answers(second, state)


def check_odd_answers(run: Run, state: str) -> None:
    for answer in ODD_ANSWERS:
        answers: dict[str, list[Answer]] = {state: [answer]}
        if state == "RecordFailure":
            answers["PublishRun"] = [AUDIT]

        ended = run(Scenario("odd", answers, []), Answering(Scenario("odd", answers, [])))

        assert ended.status == "SUCCEEDED" or ended.visited[-1] == "RunFailed", (answer, ended)
        assert ended.status == "SUCCEEDED" or ended.cause, (answer, ended)
        if state == "RecordFailure":
            assert ended.error == "AuditError", answer


def test_a_turn_of_the_loop_takes_as_many_events_as_the_bound_is_reckoned_with(
    second: Run,
) -> None:
    scenario = next(one for one in SCENARIOS if one.id == "waits-without-end-end-red")

    events = second(scenario, Answering(scenario)).events

    waits = [at for at, kind in enumerate(events) if kind == "WaitStateEntered"]
    a_turn = EVENTS["Task"] + EVENTS["Choice"] + EVENTS["Wait"]
    assert [after - before for before, after in pairwise(waits)] == [a_turn] * (len(waits) - 1)


def test_the_three_jobs_answer_side_by_side(local: Run) -> None:
    scenario = SCENARIOS[0]

    ended = local(scenario, Answering(scenario))

    assert {answer["job"] for answer in ended.outputs["Transform"]} == {
        "albums",
        "artists",
        "songs",
    }


def test_the_definition_passes_the_state_machine_validator() -> None:
    validator = ROOT / ".tonearm" / "tools" / "node_modules" / ".bin" / "asl-validator"
    if not validator.exists():
        if os.environ.get("TONEARM_REQUIRE_TOOLS"):
            pytest.fail("asl-validator is not installed: `make asl-validator`")
        pytest.skip("asl-validator is not installed: `make asl-validator` (needs npm)")
    finished = subprocess.run(
        [validator, "--json-path", DEFINITION], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
