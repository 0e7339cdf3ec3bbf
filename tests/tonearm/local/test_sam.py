"""The build is skipped only when the last one was of the very same files."""

from pathlib import Path

import pytest

from tonearm.local import sam


@pytest.fixture
def builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A project of two files, and the builds that were made of it."""
    (tmp_path / "lambdas").mkdir()
    (tmp_path / "template.yaml").write_text("one")
    (tmp_path / "lambdas" / "handler.py").write_text("one")
    built = tmp_path / ".aws-sam" / "build" / "template.yaml"
    made: list[str] = []

    def build(arguments: list[str], _env: object, _log: Path) -> None:
        made.append(arguments[0])
        built.parent.mkdir(parents=True, exist_ok=True)
        built.write_text(str(len(made)))

    monkeypatch.setattr(sam, "ROOT", tmp_path)
    monkeypatch.setattr(sam, "_BUILT_TEMPLATE", built)
    monkeypatch.setattr(sam, "_STAMP", tmp_path / ".aws-sam" / "tonearm-build")
    monkeypatch.setattr(sam, "_sam", build)
    return made


def build(folder: Path) -> bool:
    return sam.build(folder / "sam.log")


def test_the_same_files_are_built_once(builds: list[str], tmp_path: Path) -> None:
    assert [build(tmp_path), build(tmp_path)] == [True, False]
    assert builds == ["build"]


@pytest.mark.parametrize("name", ["template.yaml", "lambdas/handler.py"])
def test_a_changed_file_is_built_again(builds: list[str], tmp_path: Path, name: str) -> None:
    build(tmp_path)
    (tmp_path / name).write_text("two")
    assert build(tmp_path)
    assert builds == ["build", "build"]


def test_a_removed_file_is_built_again(builds: list[str], tmp_path: Path) -> None:
    build(tmp_path)
    (tmp_path / "lambdas" / "handler.py").unlink()
    assert build(tmp_path)


def test_a_build_by_hand_in_between_is_not_taken_for_ours(
    builds: list[str], tmp_path: Path
) -> None:
    build(tmp_path)
    built = tmp_path / ".aws-sam" / "build" / "template.yaml"
    built.unlink()
    assert build(tmp_path)
