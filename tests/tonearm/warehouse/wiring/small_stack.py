"""The part of the real template that Snowflake is wired to, as a stack that is up in a second."""

import json

from tests.contract.template_reader import long_form, template

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
    return json.dumps(long_form(part))


def _referenced(value: dict[str, str]) -> str:
    (name,) = value.values()
    return name.split(".")[0] if isinstance(name, str) else ""
