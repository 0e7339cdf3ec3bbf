"""docs/how-it-works.md names files that exist, and every function of the state machine."""

import re

import pytest

from tests.contract.template_reader import ROOT

TEXT = (ROOT / "docs" / "how-it-works.md").read_text()
PATHS = sorted(set(re.findall(r"`([a-z_]+(?:/[\w.-]*)+|template\.yaml)`", TEXT)))
# Prefixes in the bucket and rooms that the line before them names.
ELSEWHERE = {
    "raw/",
    "staged/",
    "curated/",
    "protocol/",
    "engine/",
    "statements/",
    "loading/",
    "dynamic/",
}


def test_many_files_are_named() -> None:
    assert len(PATHS) > 40


@pytest.mark.parametrize("path", [path for path in PATHS if path not in ELSEWHERE])
def test_what_is_named_exists(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize(
    "folder", ["plan_run", "extract_spotify", "publish_run", "confirm_load", "record_run"]
)
def test_every_function_stands_on_the_way(folder: str) -> None:
    assert f"lambdas/{folder}/" in TEXT
