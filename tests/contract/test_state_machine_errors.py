"""What a task may end with, where each failure leads, and how long a history can get."""

import json
import re
from typing import Any

import botocore.session
import pytest

from confirm_load.load_status import Repair, last_try
from confirm_load.load_way import RepairKind
from record_run.failure import ADVICE
from tests.contract import service_errors
from tests.contract.template_reader import definition_text, resources, states, template

TOP: dict[str, dict[str, Any]] = json.loads(definition_text())["States"]
TASKS = {name: state for name, state in states().items() if state["Type"] == "Task"}
FUNCTIONS = {name for name, task in TASKS.items() if task["Resource"].endswith("lambda:invoke")}
JOBS = set(TASKS) - FUNCTIONS
# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
MOST_EVENTS = 25_000


def retried(name: str) -> dict[str, int]:
    """How often each of a task's errors is tried again; the first retrier that names it counts."""
    found: dict[str, int] = {}
    for rule in TASKS[name]["Retry"]:
        for error in rule["ErrorEquals"]:
            found.setdefault(error, rule["MaxAttempts"])
    return found


def reported_by(service: str, *operations: str) -> set[str]:
    model = botocore.session.get_session().get_service_model(service)
    shapes = [s for name in operations for s in model.operation_model(name).error_shapes]
    return {f"{service.title()}.{shape.name}" for shape in shapes}


def test_every_error_that_lambda_reports_is_in_the_table() -> None:
    known = {*service_errors.LAMBDA_RETRIED, *service_errors.LAMBDA_NOT_RETRIED}

    assert reported_by("lambda", "Invoke") <= known


def test_every_error_that_glue_reports_is_in_the_table() -> None:
    known = {*service_errors.GLUE_RETRIED, *service_errors.GLUE_ONCE_MORE}

    assert reported_by("glue", "StartJobRun", "GetJobRun") <= known


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_is_called_again_after_what_the_table_says(name: str) -> None:
    own = {error for error in retried(name) if "." not in error}
    expected = set(service_errors.LAMBDA_RETRIED)
    expected |= {"States.Timeout"} if name in service_errors.TIMEOUT_RETRIED else set()

    assert set(retried(name)) - own == expected
    assert not set(retried(name)) & set(service_errors.LAMBDA_NOT_RETRIED)
    tries = service_errors.OUT_OF_MEMORY_TRIES.get(name, 1)
    assert retried(name)["Runtime.OutOfMemory"] == tries


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_times_out_before_its_state_does(name: str) -> None:
    resource = "RecordRun" if name == "RecordFailure" else name
    function = resources("AWS::Serverless::Function")[f"{resource}Function"]

    assert function["Timeout"] < TASKS[name]["TimeoutSeconds"]


def test_no_function_has_a_feature_whose_errors_the_table_leaves_out() -> None:
    defaults = template()["Globals"]["Function"]
    for function in (defaults, *resources("AWS::Serverless::Function").values()):
        assert not set(function) & service_errors.FEATURES


@pytest.mark.parametrize("name", sorted(JOBS))
def test_a_job_is_started_again_after_what_the_table_says(name: str) -> None:
    tries = retried(name)

    assert set(tries) - {"States.TaskFailed"} == set(service_errors.GLUE_RETRIED)
    # The wildcard comes last and gives once more; a second time would pay for a third run.
    assert list(tries)[-1] == "States.TaskFailed"
    assert tries["States.TaskFailed"] == 1


def test_what_is_told_to_raise_the_memory_names_where_it_is_set() -> None:
    assert "MemorySize" in ADVICE["Runtime.OutOfMemory"].why
    assert {f"{name}Function" for name in FUNCTIONS - {"RecordFailure"}} <= set(
        resources("AWS::Serverless::Function")
    )


@pytest.mark.parametrize("error", service_errors.UNCAUGHT)
def test_what_cannot_be_caught_is_named_nowhere_and_has_its_advice(error: str) -> None:
    assert f'"{error}"' not in definition_text()
    assert error in ADVICE


@pytest.mark.parametrize("name", [n for n, s in TOP.items() if s["Type"] in ("Task", "Parallel")])
def test_every_state_that_can_fail_leads_to_the_record_or_the_end(name: str) -> None:
    last = TOP[name]["Catch"][-1]

    assert last["ErrorEquals"] == ["States.ALL"]
    assert last["Next"] == ("RunFailed" if name == "RecordFailure" else "RecordFailure")
    if name != "RecordFailure":
        assert last["Assign"]["failed_state"] == name
        assert last["Assign"]["failure"] == "{% $states.errorOutput %}"


@pytest.mark.parametrize("name", [n for n, s in TOP.items() if s["Type"] == "Choice"])
def test_every_choice_has_a_way_for_an_answer_nobody_knows(name: str) -> None:
    assert TOP[name]["Default"] in TOP


@pytest.mark.parametrize("name", [n for n, s in TOP.items() if s.get("Next") == "RecordFailure"])
def test_what_is_rejected_says_where_and_why(name: str) -> None:
    assign = TOP[name]["Assign"]

    assert assign["failed_state"] in TOP
    assert set(assign["failure"]) == {"Error", "Cause"}
    assert assign["failure"]["Error"] in ADVICE


@pytest.mark.parametrize("name", sorted(states()))
def test_no_expression_reads_what_its_own_assign_sets(name: str) -> None:
    """Step Functions takes the values as they were on entry, the local cloud the new ones."""
    assign = states()[name].get("Assign", {})

    for variable, value in assign.items():
        read = set(re.findall(r"\$(\w+)", json.dumps(value)))
        assert not read & set(assign) - {variable}, variable


def ways_out(state: dict[str, Any]) -> set[str]:
    rules = (*state.get("Choices", []), *state.get("Catch", []))
    names = {state.get("Next"), state.get("Default"), *(rule["Next"] for rule in rules)}
    return {name for name in names if name}


def test_every_state_is_reached_and_reaches_an_end() -> None:
    reached, ahead = {"PlanRun"}, ["PlanRun"]
    while ahead:
        new = ways_out(TOP[ahead.pop()]) - reached
        reached |= new
        ahead += new
    assert reached == set(TOP)

    ends = {name for name, state in TOP.items() if not ways_out(state)}
    assert ends == {"RunFailed", "KeepStaged"}
    for name, state in TOP.items():
        assert state.get("End") or name in ends or ways_out(state)


def test_no_error_of_step_functions_own_is_reported_by_the_fail_state() -> None:
    assert "$replace($report.error, 'States.', '')" in TOP["RunFailed"]["Error"]
    assert set(TOP["RunFailed"]) == {"Comment", "Type", "Error", "Cause"}


# ------------------------------------------------------------------ length of the history
# Entered, scheduled, started, ended, left; a job that .sync waits for is submitted, too. Each
# further try is scheduled, started (submitted) and ended once more.
EVENTS = {"Choice": 2, "Pass": 2, "Wait": 2, "Fail": 2, "Succeed": 2, "Parallel": 4, "Task": 5}


def tries_again(name: str) -> int:
    return sum(rule["MaxAttempts"] for rule in TASKS[name]["Retry"])


def most_events(name: str) -> int:
    """The events of one visit at worst."""
    state = states()[name]
    if state["Type"] != "Task":
        inner = [n for branch in state.get("Branches", []) for n in branch["States"]]
        return EVENTS[state["Type"]] + sum(most_events(one) for one in inner)
    submitted = int(state["Resource"].endswith(".sync"))
    return EVENTS["Task"] + submitted + (3 + submitted) * tries_again(name)


def most_events_of_a_loop(task: str, choice: str, wait: str, most_calls: int) -> int:
    """A turn is one call and costs more than a further try; the bound is looked at after a turn."""
    a_turn = EVENTS["Task"] + EVENTS[TOP[choice]["Type"]] + EVENTS[TOP[wait]["Type"]]
    return a_turn * (most_calls + tries_again(task))


def bounds() -> tuple[int, int]:
    assign = TOP["PlanRun"]["Assign"]
    return assign["most_extract_calls"], assign["most_load_calls"]


def test_the_longest_history_is_about_half_of_what_is_allowed() -> None:
    extract_calls, load_calls = bounds()
    loops = {"ExtractSpotify", "IsExtractDone", "WaitForQuota"}
    loops |= {"ConfirmLoad", "IsLoadConfirmed", "WaitForSnowpipe"}

    total = sum(most_events(name) for name in set(TOP) - loops)
    total += most_events_of_a_loop("ExtractSpotify", "IsExtractDone", "WaitForQuota", extract_calls)
    total += most_events_of_a_loop("ConfirmLoad", "IsLoadConfirmed", "WaitForSnowpipe", load_calls)

    assert total < MOST_EVENTS * 0.6, total
    # The loops are most of it: what is around them is small change.
    assert sum(most_events(name) for name in set(TOP) - loops) < 500


def test_the_load_is_given_up_by_its_own_count_before_the_history_ends_it() -> None:
    most_tries = template()["Parameters"]["LoadMaxTries"]["MaxValue"]

    # A repair earns the load as many tries again.
    assert last_try(most_tries, [a_repair(most_tries - 1)]) < bounds()[1]


def a_repair(tries: int) -> Repair:
    return Repair("songs", RepairKind.REFRESH, "late", tries, ("key",))


def test_both_loops_count_their_calls_and_look_at_the_count() -> None:
    for task, choice, end in (
        ("ExtractSpotify", "IsExtractDone", "EndExtractLoop"),
        ("ConfirmLoad", "IsLoadConfirmed", "EndLoadLoop"),
    ):
        again = [r for r in TOP[choice]["Choices"] if r["Next"].startswith(("Extract", "Wait"))]
        (ends,) = [r for r in TOP[choice]["Choices"] if r["Next"] == end]
        order = TOP[choice]["Choices"]
        assert all(order.index(ends) < order.index(rule) for rule in again)
        counter = re.findall(r"\$(\w+_calls) >= \$most_", ends["Condition"])
        assert "RetryCount" in TOP[task]["Assign"][counter[0]]
