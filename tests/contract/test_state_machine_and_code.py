"""Files that must agree: the state machine, the template, the errors and the job scripts."""

import re
from typing import Any

import pytest

from tests.contract.template_reader import definition_text, placeholders, resources, states
from tonearm_glue.arguments import parse_args
from tonearm_pipeline import errors

SERVICE_ERRORS = re.compile(r"^(States|Lambda|Glue|Runtime|Sandbox)\.")
MACHINE = resources("AWS::Serverless::StateMachine")["PipelineStateMachine"]


def error_names() -> set[str]:
    names = set()
    for state in states().values():
        for rule in (*state.get("Retry", []), *state.get("Catch", [])):
            names.update(rule["ErrorEquals"])
    return names


def test_the_placeholders_are_the_templates_substitutions() -> None:
    assert placeholders(definition_text()) == set(MACHINE["DefinitionSubstitutions"])


def test_every_error_it_names_is_a_class_or_a_services_own() -> None:
    own = {name for name in error_names() if not SERVICE_ERRORS.match(name)}

    unknown = {name for name in own if not hasattr(errors, name)}
    assert unknown == set()
    assert own


def test_only_transient_errors_are_retried() -> None:
    for state in states().values():
        for rule in state.get("Retry", []):
            for name in rule["ErrorEquals"]:
                if not SERVICE_ERRORS.match(name):
                    assert issubclass(getattr(errors, name), errors.TransientError), name


@pytest.mark.parametrize("name", [n for n, s in states().items() if s["Type"] == "Task"])
def test_every_task_has_a_time_limit(name: str) -> None:
    assert states()[name]["TimeoutSeconds"] <= 3600


@pytest.mark.parametrize("job", ["albums", "artists", "songs"])
def test_the_job_arguments_are_those_the_script_reads(job: str) -> None:
    state = states()[f"{job.capitalize()}Job"]

    given = state["Arguments"]["Arguments"]
    argv = {name: VALUES.get(name, "s3://bucket/x") for name in given}
    parse_args([part for item in argv.items() for part in item])
    for name in given:
        rest = [part for item in argv.items() if item[0] != name for part in item]
        with pytest.raises(SystemExit):
            parse_args(rest)
    assert state["Arguments"]["JobName"] == f"${{{job.capitalize()}JobName}}"


VALUES = {"--snapshot_date": "2026-11-22", "--attempt": "1"}


def test_states_hand_on_keys_and_counts_only() -> None:
    for name, state in states().items():
        payload: Any = state.get("Arguments", {}).get("Payload", {})
        assert len(payload) <= 9, name
