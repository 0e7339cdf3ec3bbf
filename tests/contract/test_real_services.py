"""The register of assumptions names what exists, and its page is what the data file gives."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tonearm.project import ROOT
from tonearm.register import (
    DATA,
    PAGE,
    Assumption,
    RegisterError,
    counts,
    page,
    read_register,
)
from tonearm.verify.steps import STEP_NAMES

REGISTER = read_register()
ENTRY = """
[[assumption]]
id = "{id}"
service = "{service}"
relies_on = "A thing."
where = ["template.yaml"]
source = "https://example.org"
held_by = []
"""


@cache
def functions_of(path: Path) -> frozenset[str]:
    """The functions of a Python file, those in classes too."""
    tree = ast.parse(path.read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


def unknown_names(one: Assumption) -> list[str]:
    """What an entry names that is not there."""
    wrong = [name for name in one.where if not (ROOT / name).exists()]
    wrong += [step for step in one.steps if step not in STEP_NAMES]
    for test in one.tests:
        file, separator, function = test.partition("::")
        is_test = file.startswith("tests/") and function.startswith("test_") and separator
        if not is_test or not (ROOT / file).is_file() or function not in functions_of(ROOT / file):
            wrong.append(test)
    return wrong


@pytest.mark.parametrize("one", REGISTER, ids=[one.id for one in REGISTER])
def test_an_entry_names_files_tests_and_steps_that_exist(one: Assumption) -> None:
    assert unknown_names(one) == []


def test_what_does_not_exist_is_seen() -> None:
    one = Assumption(
        "x",
        "S3",
        "A thing.",
        ("no/such/file.py",),
        "https://example.org",
        (
            "verify:no_such_step",
            "tests/contract/no_such_file.py::test_a",
            "tests/contract/test_docs.py::test_no_such_function",
            "tests/contract/test_docs.py",
        ),
    )

    assert unknown_names(one) == ["no/such/file.py", "no_such_step", *one.tests]


def test_the_page_is_what_the_data_file_gives() -> None:
    assert PAGE.read_text() == page(REGISTER), "run `make real-services`"


def test_every_step_of_verify_holds_an_entry() -> None:
    used = {step for one in REGISTER for step in one.steps}

    assert set(STEP_NAMES) - used == set()


def test_the_counts_add_up() -> None:
    found = counts(REGISTER)

    assert found["all"] == len(REGISTER) == len(DATA.read_text().split("[[assumption]]")) - 1
    assert found["all"] == found["test"] + found["step"] - found["both"] + found["open"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ENTRY.format(id="a", service="S3") * 2, "id a stands there more than once"),
        (ENTRY.format(id="a", service="S4"), "a: service S4 is none of"),
        (ENTRY.format(id="A b", service="S3"), "A b: an id is of lower-case"),
        (ENTRY.format(id="a", service="S3") + "heldby = []", "a: missing, unknown.*heldby"),
        (ENTRY.format(id="a", service="S3").replace("held_by = []", ""), "a: missing.*held_by"),
        (ENTRY.format(id="a", service="S3").replace("A thing.", ""), "a: relies_on, where and"),
    ],
)
def test_a_wrong_entry_is_refused(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "register.toml"
    file.write_text(text)

    with pytest.raises(RegisterError, match=says):
        read_register(file)
