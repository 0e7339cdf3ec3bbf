"""What `tonearm status`, `run`, `resume` and `redrive` do."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tonearm.errors import OperatorError
from tonearm.runs import executions
from tonearm.runs.next_commands import next_commands, of_stack
from tonearm.runs.stack_runs import FAIL_STATE, GREEN, RUNNING, Run, StackRuns
from tonearm.screen import Screen
from tonearm.stack import aws_answers

_STOPPED = ("ABORTED", "TIMED_OUT")


def show_recent(runs: StackRuns, count: int, screen: Screen) -> bool:
    """Show the newest runs, the newest with all there is to say.

    Returns:
        False when the newest run is red.
    """
    found = runs.recent(count)
    if not found:
        screen.say(f"stack {runs.stack_name} has had no run yet")
        screen.say(f"  next: {of_stack('tonearm run', runs.stack_name)}")
        return True
    for run in reversed(found[1:]):
        screen.say(run_line(run))
    from record_run.losses import lost_line

    is_well = show_run(runs, found[0], screen)
    for one in runs.lost():
        screen.say(f"  lost: {lost_line(one)}")
    return is_well


def show_run(runs: StackRuns, run: Run, screen: Screen) -> bool:
    """Show one run: where it is, or where it failed and the exact next command.

    Returns:
        False when it is red.
    """
    screen.say(run_line(run))
    if run.status == RUNNING:
        _show_running(runs, run, screen)
    elif run.status != GREEN:
        _show_red(runs, run, screen)
    return run.status in (RUNNING, GREEN)


def run_line(run: Run) -> str:
    """One run in one line."""
    began = run.started_at.astimezone(UTC)
    return f"{run.run_id}  {run.status:<9}  {began:%Y-%m-%d %H:%M} UTC  {run.seconds:,.0f} s"


def start_run(runs: StackRuns, run_input: Mapping[str, Any]) -> str:
    """Start an execution with an input.

    Returns:
        Its ARN.
    """
    name = f"cli-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    with aws_answers("start the pipeline"):
        return executions.start(runs.stepfunctions, runs.state_machine_arn, name, dict(run_input))


def follow_run(runs: StackRuns, execution_arn: str, screen: Screen, poll_seconds: float) -> bool:
    """Show each state as it ends, and at the end what to do next.

    Returns:
        True when it was green.
    """
    screen.start_run(f"Execution {execution_arn.rsplit(':', 1)[-1]}")
    with aws_answers("follow the execution"):
        finished = executions.follow(
            runs.stepfunctions, execution_arn, screen.show_visits, poll_seconds
        )
    screen.end_run(finished)
    run = runs.find(execution_arn)
    if finished.is_green:
        screen.say(f"  receipt: {of_stack(f'tonearm receipt {run.run_id}', runs.stack_name)}")
        return True
    _show_red(runs, run, screen)
    return False


def resume_run(runs: StackRuns, run: Run) -> str:
    """Start an execution with the input of a red run; a stopped extraction of today goes on.

    Returns:
        The new execution's ARN.

    Raises:
        OperatorError: the run is not red, or the same input cannot help.
    """
    if run.status in (RUNNING, GREEN):
        state = "still runs" if run.status == RUNNING else "succeeded"
        again = of_stack("tonearm run", runs.stack_name)
        raise OperatorError(f"run {run.run_id} {state}", f"only red runs resume; `{again}` starts")
    described = runs.described(run)
    error = _error_of(runs, run, described)
    if error == "BadSourceError":
        (command,) = next_commands(error, run.run_id, runs.stack_name)
        raise OperatorError(f"run {run.run_id}: the same input fails again", f"use `{command}`")
    return start_run(runs, json.loads(described.get("input") or "{}"))


def redrive_run(runs: StackRuns, run: Run) -> str:
    """Let AWS go on with an execution that was stopped from outside.

    Returns:
        The execution's ARN.

    Raises:
        OperatorError: a redrive would only repeat the Fail state, or there is nothing to redrive.
    """
    visited = [visit.name for visit in runs.visits(run)]
    if run.status not in (*_STOPPED, "FAILED"):
        raise OperatorError(f"run {run.run_id} is {run.status}", "only a run that ended red")
    if visited and visited[-1] == FAIL_STATE:
        resume = of_stack(f"tonearm resume {run.run_id}", runs.stack_name)
        raise OperatorError(
            f"run {run.run_id} ended in its Fail state, which is all a redrive would repeat",
            f"use `{resume}`",
        )
    with aws_answers(f"redrive execution {run.name}"):
        runs.stepfunctions.redrive_execution(executionArn=run.execution_arn)
    return run.execution_arn


def _show_running(runs: StackRuns, run: Run, screen: Screen) -> None:
    for visit in runs.visits(run):
        if visit.left_at is None:
            screen.say(f"  in {visit.name} since {visit.entered_at.astimezone(UTC):%H:%M:%S} UTC")
    follow = of_stack(f"tonearm status {run.run_id} --follow", runs.stack_name)
    screen.say(f"  next: nothing; `{follow}` shows it live")


def _show_red(runs: StackRuns, run: Run, screen: Screen) -> None:
    failure = runs.failure(run)
    described = {} if failure else runs.described(run)
    error = _error_of(runs, run, described)
    if failure:
        screen.say(f"  failed in {failure['state']}: {error}: {failure['cause']}")
        screen.say(f"  why: {failure['why']}")
    else:
        visits = runs.visits(run)
        last = visits[-1].name if visits else "no state"
        cause = described.get("cause") or "it left no failure.json"
        screen.say(f"  {run.status.lower()} in {last}: {error}: {cause}")
    if run.status in _STOPPED:
        commands = [of_stack(f"tonearm redrive {run.run_id}", runs.stack_name)]
    else:
        commands = next_commands(error, run.run_id, runs.stack_name)
    for word, command in zip(("next", "then"), commands, strict=False):
        screen.say(f"  {word}: {command}")
    if failure and failure["look_at"]:
        screen.say(f"  look at: {failure['look_at']}")


def _error_of(runs: StackRuns, run: Run, described: Mapping[str, Any]) -> str:
    failure = runs.failure(run)
    return failure["error"] if failure else described.get("error") or run.status
