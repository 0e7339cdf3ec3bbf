"""The runbook: its sections, and the commands it and the alarms name."""

import re

from tests.contract.template_reader import ROOT, resources

TEXT = (ROOT / "docs" / "runbook.md").read_text()
SECTIONS = {
    part.partition("\n")[0].strip(): part.partition("\n")[2] for part in TEXT.split("\n## ")[1:]
}
PREFIX = "${AWS::StackName}-"


def alarms() -> dict[str, str]:
    """The end of each alarm's name in the stack, and its description."""
    return {
        alarm["AlarmName"]["!Sub"].removeprefix(PREFIX): alarm["AlarmDescription"]
        for alarm in resources("AWS::CloudWatch::Alarm").values()
    }


def commands(text: str) -> set[str]:
    """The commands in the blocks of shell and in the text, without comments."""
    lines = [
        line for block in re.findall(r"```sh\n(.*?)```", text, re.S) for line in block.split("\n")
    ]
    lines += re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.S))
    found = {line.partition(" #")[0].strip() for line in lines}
    return {line for line in found if re.match(r"(tonearm|sam|aws) ", line)}


def all_commands() -> list[str]:
    """Every command of the runbook and of the alarms' descriptions."""
    return sorted(commands(TEXT) | {c for text in alarms().values() for c in commands(text)})
