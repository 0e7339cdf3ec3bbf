"""The register of what Tonearm relies on of real services, and the page written from it.

`docs/real-services.toml` holds the entries; `make real-services` writes `docs/real-services.md`.
"""

import re
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tonearm.project import ROOT

DATA: Final = ROOT / "docs" / "real-services.toml"
PAGE: Final = ROOT / "docs" / "real-services.md"
STEP_PREFIX: Final = "verify:"
NOT_PROVED: Final = "not proved"
SERVICES: Final = (
    "CloudFormation",
    "SAM",
    "IAM",
    "KMS",
    "S3",
    "DynamoDB",
    "Secrets Manager",
    "Lambda",
    "Layers",
    "Step Functions",
    "EventBridge",
    "Glue",
    "SNS",
    "SQS",
    "CloudWatch",
    "Budgets",
    "Snowflake",
    "Snowpipe",
    "Spotify",
)
_TEMPLATE: Final = "real-services.md.j2"
_ID: Final = re.compile(r"[a-z][a-z0-9-]*")
_FIELDS: Final = {
    "id": str,
    "service": str,
    "relies_on": str,
    "where": list,
    "source": str,
    "held_by": list,
    "note": str,
}
_OPTIONAL: Final = frozenset({"note"})


class RegisterError(Exception):
    """An entry of the register is wrong; the text names the entry and the field."""


@dataclass(frozen=True)
class Assumption:
    """One thing Tonearm relies on of a real service.

    Attributes:
        id: short, unique and stable.
        service: one of SERVICES.
        relies_on: what is relied on, in a sentence or two.
        where: files of ours that rely on it.
        source: the public page, or a repository's path, that says so.
        held_by: tests (`file::function`) and steps (`verify:step`) that would see it broken.
        note: what stays open, and how it would show; may be empty.
    """

    id: str
    service: str
    relies_on: str
    where: tuple[str, ...]
    source: str
    held_by: tuple[str, ...]
    note: str = ""

    @property
    def tests(self) -> tuple[str, ...]:
        """The tests that hold it."""
        return tuple(one for one in self.held_by if not one.startswith(STEP_PREFIX))

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps of `tonearm verify` that hold it on the user's own account."""
        return tuple(
            one.removeprefix(STEP_PREFIX) for one in self.held_by if one.startswith(STEP_PREFIX)
        )


def read_register(path: Path = DATA) -> tuple[Assumption, ...]:
    """The entries, in the order of SERVICES and within a service as they stand.

    Raises:
        RegisterError: an entry misses a field, has an unknown one, or repeats an id.
    """
    entries = tomllib.loads(path.read_text()).get("assumption", [])
    found = [_assumption(entry) for entry in entries]
    ids = [one.id for one in found]
    repeated = sorted({name for name in ids if ids.count(name) > 1})
    if repeated:
        raise RegisterError(f"{path.name}: id {', '.join(repeated)} stands there more than once")
    return tuple(sorted(found, key=lambda one: SERVICES.index(one.service)))


def page(register: Sequence[Assumption]) -> str:
    """The document, whole."""
    folder = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=folder,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - it writes Markdown, from our own file
    )
    return environment.get_template(_TEMPLATE).render(
        groups=_numbered(register),
        counts=counts(register),
        by_service=[(name, counts(group)) for name, group in _grouped(register)],
        cell=_cell,
        not_proved=NOT_PROVED,
    )


def counts(register: Sequence[Assumption]) -> dict[str, int]:
    """How many entries there are, and how many are held in which way."""
    return {
        "all": len(register),
        "test": sum(bool(one.tests) for one in register),
        "step": sum(bool(one.steps) for one in register),
        "both": sum(bool(one.tests and one.steps) for one in register),
        "open": sum(not one.held_by for one in register),
    }


def write(path: Path = PAGE) -> None:
    """Write the page."""
    path.write_text(page(read_register()))
    sys.stdout.write(f"{path.relative_to(ROOT)}\n")


def _assumption(entry: Mapping[str, Any]) -> Assumption:
    name = str(entry.get("id", "an entry without id"))
    missing = _FIELDS.keys() - _OPTIONAL - entry.keys()
    unknown = entry.keys() - _FIELDS.keys()
    wrong = [k for k, kind in _FIELDS.items() if not isinstance(entry.get(k, kind()), kind)]
    if missing or unknown or wrong:
        fields = ", ".join(sorted(missing | unknown | set(wrong)))
        raise RegisterError(f"{name}: missing, unknown or mistyped: {fields}")
    if not _ID.fullmatch(name):
        raise RegisterError(f"{name}: an id is of lower-case letters, digits and hyphens")
    if entry["service"] not in SERVICES:
        raise RegisterError(f"{name}: service {entry['service']} is none of {', '.join(SERVICES)}")
    if not (entry["relies_on"] and entry["where"] and entry["source"]):
        raise RegisterError(f"{name}: relies_on, where and source may not be empty")
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value.strip()
        for key, value in entry.items()
    }
    return Assumption(**values)


def _grouped(register: Sequence[Assumption]) -> list[tuple[str, list[Assumption]]]:
    groups = [(name, [one for one in register if one.service == name]) for name in SERVICES]
    return [(name, group) for name, group in groups if group]


def _numbered(
    register: Sequence[Assumption],
) -> list[tuple[str, list[tuple[int, Assumption]]]]:
    numbers = {one.id: number for number, one in enumerate(register, start=1)}
    return [(name, [(numbers[one.id], one) for one in group]) for name, group in _grouped(register)]


def _cell(text: str) -> str:
    """A text as it may stand in a cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    write()
