"""Reads the template, the state machine and the code as the contract tests need them."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]


class _Tagged(yaml.SafeLoader):
    """A YAML loader that keeps CloudFormation's short functions as plain data."""


def _tagged(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return {f"!{suffix}": loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {f"!{suffix}": loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {f"!{suffix}": loader.construct_mapping(node, deep=True)}


_Tagged.add_multi_constructor("!", _tagged)


def template() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text(), _Tagged)
    return loaded


def resources(kind: str) -> dict[str, dict[str, Any]]:
    found = template()["Resources"].items()
    return {name: item.get("Properties", {}) for name, item in found if item["Type"] == kind}


def long_form(node: Any) -> Any:
    """The same with CloudFormation's short functions in their long form."""
    if isinstance(node, list):
        return [long_form(item) for item in node]
    if not isinstance(node, dict):
        return node
    match list(node.items()):
        case [("!GetAtt", str(path))]:
            return {"Fn::GetAtt": path.split(".", 1)}
        case [(str(tag), value)] if tag.startswith("!"):
            name = tag.removeprefix("!")
            return {name if name in {"Ref", "Condition"} else f"Fn::{name}": long_form(value)}
    return {key: long_form(value) for key, value in node.items()}


def definition_text() -> str:
    return (ROOT / "statemachine" / "pipeline.asl.json").read_text()


def states() -> dict[str, dict[str, Any]]:
    """Every state by name, those inside parallel branches too."""
    return _all_states(json.loads(definition_text())["States"])


def _all_states(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    everything = dict(found)
    for state in found.values():
        for branch in state.get("Branches", []):
            everything.update(_all_states(branch["States"]))
    return everything


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\$\{(\w+)\}", text))
