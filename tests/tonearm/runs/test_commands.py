"""Status, run, resume, redrive and receipt against a stack whose executions are scripted."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from record_run.failure import ADVICE, Failure, compose_failure
from tests.lambdas.history import a_history, entered
from tests.lambdas.tonearm_pipeline.finished_run import published_manifest
from tests.tonearm.fake_stack import EXECUTION, FakeStack
from tonearm.cli.runs import input_of
from tonearm.errors import OperatorError
from tonearm.runs import commands as operating
from tonearm.runs.next_commands import next_commands
from tonearm.runs.receipts import receipt_of, show_receipt
from tonearm.runs.stack_runs import StackRuns
from tonearm.screen import Screen
from tonearm_pipeline.clock import SystemClock


@pytest.fixture
def stack() -> FakeStack:
    return FakeStack()


@pytest.fixture
def runs(stack: FakeStack) -> StackRuns:
    return StackRuns(stack, "tonearm")


@pytest.fixture
def screen() -> Screen:
    return Screen(Console(file=io.StringIO(), width=200))


@pytest.fixture
def shown(screen: Screen) -> Callable[[], str]:
    return screen.console.file.getvalue  # type: ignore[attr-defined,no-any-return]


def fail(stack: FakeStack, name: str, error: str, **fields: Any) -> str:
    """A run that failed as the state machine fails: recorded, then in its Fail state."""
    events = [entered(0, "PlanRun"), entered(1, "RecordFailure"), entered(2, "RunFailed")]
    run_id = stack.stepfunctions.add(name, "FAILED", events, error=error, cause="c", **fields)
    failure = Failure(run_id, EXECUTION + name, "2026-11-22", "PlanRun", error, "the cause", "b")
    document = compose_failure(failure, SystemClock().now())
    stack.s3.objects[f"runs/{run_id}/failure.json"] = document
    return run_id


def test_without_a_run_the_next_command_starts_one(
    runs: StackRuns, screen: Screen, shown: Callable[[], str]
) -> None:
    assert operating.show_recent(runs, 5, screen)

    assert "next: tonearm run" in shown()


@pytest.mark.parametrize("error", sorted(ADVICE))
def test_a_red_run_says_where_why_and_the_exact_next_commands(
    stack: FakeStack, runs: StackRuns, screen: Screen, shown: Callable[[], str], error: str
) -> None:
    stack.stepfunctions.add("good", "SUCCEEDED", [])
    run_id = fail(stack, "bad", error)

    assert not operating.show_recent(runs, 5, screen)

    text = shown()
    assert f"failed in PlanRun: {error}: the cause" in text
    assert ADVICE[error].why in text
    commands = next_commands(error, run_id, "tonearm")
    assert f"  next: {commands[0]}" in text.splitlines()
    if len(commands) > 1:
        assert f"  then: {commands[1]}" in text.splitlines()
    assert commands[0] == (ADVICE[error].first or commands[-1])


def test_a_stack_with_another_name_is_named_in_every_command() -> None:
    assert next_commands("NeedsLoginError", "r1", "mine") == [
        "tonearm login --stack-name mine",
        "tonearm resume r1 --stack-name mine",
    ]
    assert next_commands("BadSourceError", "r1", "tonearm") == ["tonearm run --source PLAYLIST_URL"]


def test_a_running_run_says_which_state_is_open(
    stack: FakeStack, runs: StackRuns, screen: Screen, shown: Callable[[], str]
) -> None:
    stack.stepfunctions.add("now", "RUNNING", a_history())

    assert operating.show_recent(runs, 5, screen)

    assert "in RecordRun since 08:54:42 UTC" in shown()
    assert "in PlanRun" not in shown()


def test_a_failure_that_was_not_recorded_is_still_told(
    stack: FakeStack, runs: StackRuns, screen: Screen, shown: Callable[[], str]
) -> None:
    run_id = stack.stepfunctions.add("lost", "ABORTED", [entered(0, "ExtractSpotify")])

    operating.show_recent(runs, 5, screen)

    assert "aborted in ExtractSpotify: ABORTED" in shown()
    assert f"next: tonearm redrive {run_id}" in shown()


def test_a_failure_of_an_earlier_execution_of_the_run_is_not_this_ones(
    stack: FakeStack, runs: StackRuns
) -> None:
    run_id = fail(stack, "first", "NeedsLoginError")
    second = stack.stepfunctions.add("second", "SUCCEEDED", [])
    stack.s3.objects[f"runs/{second}/plan.json"] = {"run_id": run_id}

    found = runs.find("")

    assert (found.name, found.run_id) == ("second", run_id)
    assert runs.failure(found) is None
    assert runs.find("first").run_id == run_id


def test_resume_starts_with_the_same_input_and_follows(
    stack: FakeStack, runs: StackRuns, screen: Screen, shown: Callable[[], str]
) -> None:
    fail(stack, "bad", "NeedsLoginError", input='{"sources": ["me/tracks"]}')

    arn = operating.resume_run(runs, runs.find(""))

    assert stack.stepfunctions.started == [{"sources": ["me/tracks"]}]
    assert operating.follow_run(runs, arn, screen, 0)
    assert "succeeded in 100.0 s" in shown()
    assert "tonearm receipt" in shown()


def test_what_cannot_be_resumed_says_what_to_do_instead(stack: FakeStack, runs: StackRuns) -> None:
    stack.stepfunctions.add("good", "SUCCEEDED", [])
    with pytest.raises(OperatorError, match="succeeded: only red runs resume"):
        operating.resume_run(runs, runs.find(""))

    fail(stack, "bad", "BadSourceError")
    with pytest.raises(OperatorError, match="tonearm run --source PLAYLIST_URL"):
        operating.resume_run(runs, runs.find(""))
    assert stack.stepfunctions.started == []


def test_a_redrive_of_a_caught_failure_is_refused_and_explained(
    stack: FakeStack, runs: StackRuns
) -> None:
    run_id = fail(stack, "bad", "AuditError")

    with pytest.raises(OperatorError, match=rf"Fail state.*tonearm resume {run_id}"):
        operating.redrive_run(runs, runs.find(""))

    assert stack.stepfunctions.redriven == []


def test_a_redrive_of_an_aborted_execution_is_done(stack: FakeStack, runs: StackRuns) -> None:
    stack.stepfunctions.add("lost", "ABORTED", [entered(0, "ExtractSpotify")])

    arn = operating.redrive_run(runs, runs.find(""))

    assert stack.stepfunctions.redriven == [arn]
    with pytest.raises(OperatorError, match="only a run that ended red"):
        operating.redrive_run(runs, runs.find(""))


def test_an_unknown_run_is_named(stack: FakeStack, runs: StackRuns) -> None:
    stack.stepfunctions.add("good", "SUCCEEDED", [])

    with pytest.raises(OperatorError, match="stack tonearm has no run 2020"):
        runs.find("2020")


def test_a_run_that_follows_ends_red_with_the_commands(
    stack: FakeStack, runs: StackRuns, screen: Screen, shown: Callable[[], str]
) -> None:
    stack.stepfunctions.ends_as = "FAILED"

    assert not operating.follow_run(runs, operating.start_run(runs, {}), screen, 0)

    assert "next: tonearm resume" in shown()


def test_a_failed_run_gets_a_receipt_of_what_can_be_measured(
    stack: FakeStack, runs: StackRuns, screen: Screen, shown: Callable[[], str]
) -> None:
    run_id = stack.stepfunctions.add("bad", "FAILED", a_history()[:-2])
    stack.s3.objects[f"runs/{run_id}/manifest.json"] = published_manifest()

    receipt = receipt_of(runs, runs.find(""))
    show_receipt(receipt, screen)

    assert receipt["usage"]["lambda"] == {"invocations": 3, "ms": 9000, "gb_seconds": 8.0}
    assert receipt["usage"]["glue"] == {"runs": 2, "dpu_seconds": 300.0}
    assert receipt["usage"]["s3"] == {"writes": 3 * 1 + 5 + 1}
    total = sum(receipt["cost"][name] for name in ("lambda", "step_functions", "glue", "s3"))
    assert receipt["cost"]["total"] == pytest.approx(total, abs=3e-6)
    assert f"{receipt['cost']['total']:.6f}" in shown()


def test_a_receipt_that_is_complete_is_not_measured_again(
    stack: FakeStack, runs: StackRuns
) -> None:
    run_id = stack.stepfunctions.add("good", "SUCCEEDED", a_history())
    complete = {"usage": {"transitions": 1}, "cost": {"total": 0.5}}
    stack.s3.objects[f"runs/{run_id}/receipt.json"] = complete

    assert receipt_of(runs, runs.find("")) == complete


def test_the_options_of_run_become_the_executions_input() -> None:
    found = input_of(["me/tracks"], "2026-11-22", True, "albums")

    assert found == {
        "sources": ["me/tracks"],
        "logical_date": "2026-11-22",
        "force_full": True,
        "enrich": "albums",
    }
    assert input_of([], "", False, "") == {}
    for given in (["nonsense!"], "", False, ""), ([], "today", False, ""), ([], "", False, "x"):
        with pytest.raises(OperatorError):
            input_of(*given)
