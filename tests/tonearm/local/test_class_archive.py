"""The archive belongs to one Java and one Spark, and is used only where it is."""

import os
import shutil
from pathlib import Path

import pytest

from tonearm.local.cloud import class_archive


@pytest.fixture(autouse=True)
def _a_project_without_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_archive, "ROOT", tmp_path)
    class_archive.archive_path.cache_clear()


def test_without_an_archive_java_starts_as_always() -> None:
    assert class_archive.java_options() == class_archive.JAVA_OPTIONS


def test_an_archive_is_given_to_java() -> None:
    archive = class_archive.archive_path()
    archive.parent.mkdir(parents=True)
    archive.touch()

    assert f"-XX:SharedArchiveFile={archive}" in class_archive.java_options().split()


def test_another_java_has_another_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = class_archive.archive_path()
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    shutil.copy("/bin/true", java)
    monkeypatch.setenv("PATH", str(java.parent), prepend=os.pathsep)
    class_archive.archive_path.cache_clear()

    assert class_archive.archive_path() != first
