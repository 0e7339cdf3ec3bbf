"""No credential stands in the project's files or in its history."""

import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.contract.template_reader import ROOT
from tests.secrets.scanning import (
    SPOTIFY,
    Found,
    Line,
    found_in,
    lines_of_history,
    lines_of_tree,
)

# What looks like a credential and is none: a part of the line, and why it may stand there.
REASONS: Final[dict[str, str]] = {}
SEEDS: Final = {
    "AWS Access Key": "AKIA" + "QWERTYUIOPASDFGH",
    "Private Key": "-----BEGIN " + "PRIVATE KEY-----",
    "GitHub Token": "ghp_" + "a1B2c3D4e5F6a1B2c3D4e5F6a1B2c3D4e5F6",
    "Basic Auth Credentials": "https://someone:" + "hush1234@example.org/",
    SPOTIFY: "refresh_token = AQ" + "Dx7_k-9" * 18,
}


def unexplained(found: list[Found]) -> list[str]:
    return [one.told for one in found if not any(part in one.text for part in REASONS)]


def test_no_file_holds_a_credential() -> None:
    lines = list(lines_of_tree(ROOT))

    assert len(lines) > 10_000
    assert unexplained(list(found_in(lines))) == []


@pytest.mark.timeout(600)
def test_no_commit_ever_added_one() -> None:
    assert unexplained(list(found_in(lines_of_history(ROOT)))) == []


def test_every_exception_is_still_there() -> None:
    lines = [*lines_of_tree(ROOT), *lines_of_history(ROOT)] if REASONS else []

    assert [part for part in REASONS if not any(part in line.text for line in lines)] == []


@pytest.mark.parametrize("kind", SEEDS)
def test_a_credential_is_found_in_a_file_and_in_the_history_it_was_removed_from(
    kind: str, tmp_path: Path
) -> None:
    file = tmp_path / "notes.txt"
    git("init", tmp_path)
    for text in (SEEDS[kind], "nothing"):
        file.write_text(f"first\n{text}\n")
        in_tree = [(one.place, one.kind) for one in found_in(lines_of_tree(tmp_path))]
        assert in_tree == ([("notes.txt:2", kind)] if text == SEEDS[kind] else [])
        git("add", tmp_path, "notes.txt")
        git("commit", tmp_path, "--message", "notes")

    assert [one.kind for one in found_in(lines_of_history(tmp_path))] == [kind]


def test_without_a_repository_the_files_are_looked_at_and_the_history_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "notes.txt").write_text(SEEDS["Private Key"])

    assert [one.kind for one in found_in(lines_of_tree(tmp_path))] == ["Private Key"]
    assert list(lines_of_history(tmp_path)) == []


def test_a_credential_is_not_repeated_in_what_is_told() -> None:
    (found,) = found_in([Line("a.txt:1", SEEDS["AWS Access Key"])])

    assert found.told == "a.txt:1: AWS Access Key"


def git(command: str, folder: Path, *arguments: str) -> None:
    person = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"]
    subprocess.run(
        ["git", *person, command, *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=60,
    )
