"""Files that must agree: the template, the handlers, the settings and the lock file."""

import importlib
import re
from typing import Any

import pytest

from tests.contract.template_reader import ROOT, resources, template
from tonearm.build.requirements import RUNTIME_PACKAGES, TARGETS, requirements

FUNCTIONS = resources("AWS::Serverless::Function")
RUNTIMES_OWN = {"HOME"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_handler_of_the_template_exists(name: str) -> None:
    module_name, _, function = FUNCTIONS[name]["Handler"].rpartition(".")

    assert callable(getattr(importlib.import_module(module_name), function))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_template_gives_each_function_the_variables_its_settings_read(name: str) -> None:
    given = set(FUNCTIONS[name].get("Environment", {}).get("Variables", {})) - RUNTIMES_OWN
    package = FUNCTIONS[name]["Handler"].split(".")[0]

    assert given == variables_read(package)


def variables_read(package: str) -> set[str]:
    """Every environment variable that a function's own modules name."""
    text = "".join(path.read_text() for path in sorted((ROOT / "lambdas" / package).glob("*.py")))
    return set(re.findall(r"\"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)\"", text)) & all_variables()


def all_variables() -> set[str]:
    return {
        name
        for function in FUNCTIONS.values()
        for name in function.get("Environment", {}).get("Variables", {})
    }


def test_one_log_group_with_retention_belongs_to_each_function() -> None:
    groups = resources("AWS::Logs::LogGroup")

    for function in FUNCTIONS.values():
        group = function["LoggingConfig"]["LogGroup"]["!Ref"]
        assert groups[group]["RetentionInDays"]


def test_glue_jobs_run_as_the_issue_of_cost_and_versions_asks() -> None:
    for job in resources("AWS::Glue::Job").values():
        assert job["GlueVersion"] == "6.0"
        assert (job["WorkerType"], job["NumberOfWorkers"]) == ("G.1X", 2)
        assert job["JobRunQueuingEnabled"] is True
        assert job["Timeout"] <= 60


def test_every_parameter_is_used() -> None:
    text = (ROOT / "template.yaml").read_text()

    for name in template()["Parameters"]:
        assert len(re.findall(rf"\b{name}\b", text.partition("\nConditions:")[2])) > 0, name


@pytest.mark.parametrize("group", TARGETS)
def test_the_requirements_files_are_what_the_lock_file_gives(group: str) -> None:
    written = TARGETS[group].read_text()

    assert written == requirements(group), "run `make requirements`"
    assert not [name for name in RUNTIME_PACKAGES if re.search(rf"^{name}==", written, re.M)]


def test_roles_allow_no_action_on_everything_but_what_has_no_resources() -> None:
    allowed: list[str] = []
    for statement in _statements(template()["Resources"]):
        if statement.get("Effect") == "Allow" and statement.get("Resource") == "*":
            actions = statement["Action"]
            allowed += actions if isinstance(actions, list) else [actions]

    assert all(action.startswith(("logs:", "xray:")) for action in allowed)


def _statements(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, dict):
        own = [node] if "Action" in node and "Effect" in node else []
        return own + [found for value in node.values() for found in _statements(value)]
    if isinstance(node, list):
        return [found for value in node for found in _statements(value)]
    return []
