"""The runbook: a section for each alarm, and only commands that the command line takes."""

import shlex
from typing import Any

import pytest
import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from tests.contract.runbook_reader import SECTIONS, TEXT, alarms, all_commands, commands
from tests.contract.template_reader import template
from tonearm.cli.main import app

PARTS = ("**What it means.**", "**What to run.**", "**How to know it is healed.**")


def test_every_alarm_has_a_section_and_every_section_an_alarm() -> None:
    assert set(SECTIONS) == set(alarms())


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_says_what_it_means_what_to_run_and_when_it_is_healed(name: str) -> None:
    places = [SECTIONS[name].find(part) for part in PARTS]

    assert -1 not in places
    assert places == sorted(places)
    assert commands(SECTIONS[name])


def parse(command: str) -> None:
    """Let the command line parse a command without running it; a wrong one raises."""
    words = shlex.split(command)[1:]
    found: Any = typer.main.get_command(app)
    while isinstance(found, TyperGroup):
        name = words.pop(0) if words else ""
        assert name in found.commands, f"{command}: no command {name!r}"
        found = found.commands[name]
    found.make_context(command, words)


@pytest.mark.parametrize("command", [c for c in all_commands() if c.startswith("tonearm ")])
def test_every_command_of_ours_is_one_the_command_line_takes(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPOTIFY_CLIENT_ID", "app")
    monkeypatch.setenv("SPOTIFY_CLIENT_SECRET", "hush")

    parse(command)


@pytest.mark.parametrize("command", [c for c in all_commands() if c.startswith("sam ")])
def test_every_parameter_it_sets_is_the_templates(command: str) -> None:
    assert command.startswith("sam deploy")
    given = {word.partition("=")[0] for word in shlex.split(command) if "=" in word}
    assert given <= set(template()["Parameters"])


@pytest.mark.parametrize("command", ["tonearm nothing", "tonearm status --nothing", "tonearm"])
def test_a_command_that_is_none_is_noticed(command: str) -> None:
    with pytest.raises((AssertionError, TyperException)):
        parse(command)


@pytest.mark.parametrize("parameter", ["MaxParkHours", "MaxCallsPerRun"])
def test_the_parameters_it_speaks_of_are_the_templates(parameter: str) -> None:
    assert parameter in TEXT
    assert parameter in template()["Parameters"]
