"""The part of the real template that Snowflake is wired to, as a stack that is up in a second."""

import json
from typing import Any

from tests.contract.template_reader import template

RESOURCES = ("Bucket", "SnowflakeKeySecret", "Topic", "SnowflakeReadRole", "SnowflakeNotifyRole")


def small_template() -> str:
    """Parameters and conditions of `template.yaml`, with those five resources and their outputs."""
    whole = template()
    outputs = {
        name: output
        for name, output in whole["Outputs"].items()
        if _referenced(output["Value"]) in (*RESOURCES, "SnowflakeExternalId")
    }
    part = {
        "Parameters": whole["Parameters"],
        "Conditions": whole["Conditions"],
        "Resources": {name: whole["Resources"][name] for name in RESOURCES},
        "Outputs": outputs,
    }
    return json.dumps(_plain(part))


def _referenced(value: dict[str, str]) -> str:
    (name,) = value.values()
    return name.split(".")[0] if isinstance(name, str) else ""


def _plain(node: Any) -> Any:
    """The short functions in their long form."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    match list(node.items()):
        case [("!GetAtt", str(path))]:
            return {"Fn::GetAtt": path.split(".", 1)}
        case [(str(tag), value)] if tag.startswith("!"):
            name = tag.removeprefix("!")
            return {name if name == "Ref" else f"Fn::{name}": _plain(value)}
    return {key: _plain(value) for key, value in node.items()}
