import importlib
import io
import os
import sys
import zipfile
from pathlib import Path

import pytest

from glue_assets.packing import content_hash, package_folder, zip_packages
from tonearm_pipeline.errors import SettingsError


def sources(folder: Path, **files: str) -> Path:
    package = folder / "rhythm"
    (package / "inner").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "inner" / "__init__.py").write_text(files.get("inner", "BEAT = 4\n"))
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "x.cpython-313.pyc").write_bytes(b"compiled")
    (package / "notes.txt").write_text("not code")
    return package


def test_the_zip_can_be_imported_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "glue.zip"
    archive.write_bytes(zip_packages(sources(tmp_path)))
    monkeypatch.syspath_prepend(str(archive))

    inner = importlib.import_module("rhythm.inner")

    assert inner.BEAT == 4
    for name in ("rhythm", "rhythm.inner"):
        sys.modules.pop(name)


def test_only_python_sources_are_in_the_zip_in_name_order(tmp_path: Path) -> None:
    body = zip_packages(sources(tmp_path))

    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.namelist() == ["rhythm/__init__.py", "rhythm/inner/__init__.py"]


def test_the_same_sources_give_the_same_bytes_at_another_time_and_place(tmp_path: Path) -> None:
    one, two = sources(tmp_path / "one"), sources(tmp_path / "two")
    for path in two.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))

    assert zip_packages(one) == zip_packages(two)
    assert content_hash(one) == content_hash(two)
    assert len(content_hash(one)) == 16


def test_another_word_in_a_source_gives_another_hash(tmp_path: Path) -> None:
    one, two = sources(tmp_path / "one"), sources(tmp_path / "two", inner="BEAT = 3\n")

    assert content_hash(one) != content_hash(two)


def test_a_file_that_moves_gives_another_hash(tmp_path: Path) -> None:
    one, two = sources(tmp_path / "one"), sources(tmp_path / "two")
    (two / "inner" / "__init__.py").rename(two / "inner" / "beat.py")

    assert content_hash(one) != content_hash(two)


def test_the_projects_own_package_is_found() -> None:
    assert (package_folder("tonearm_glue") / "contract.py").is_file()


@pytest.mark.parametrize("name", ["no_such_package", "json.decoder"])
def test_a_package_that_is_not_there_is_a_missing_layer(name: str) -> None:
    with pytest.raises(SettingsError, match=f"package {name} cannot be imported"):
        package_folder(name)


def a_library(folder: Path) -> Path:
    library = folder / "metre"
    library.mkdir(parents=True)
    (library / "__init__.py").write_text("from metre._core import BEAT\n")
    (library / "_core.cpython-313-x86_64-linux-gnu.so").write_bytes(b"compiled")
    (library / "__init__.pyi").write_text("BEAT: int\n")
    return library


def test_a_library_lies_whole_where_no_import_finds_half_of_it(tmp_path: Path) -> None:
    body = zip_packages(sources(tmp_path), [a_library(tmp_path / "site")])

    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.namelist() == [
            "native/metre/__init__.py",
            "native/metre/_core.cpython-313-x86_64-linux-gnu.so",
            "rhythm/__init__.py",
            "rhythm/inner/__init__.py",
        ]


def test_another_library_gives_another_hash(tmp_path: Path) -> None:
    package, library = sources(tmp_path), a_library(tmp_path / "site")
    before = content_hash(package, [library])
    (library / "_core.cpython-313-x86_64-linux-gnu.so").write_bytes(b"other")

    assert content_hash(package) != before != content_hash(package, [library])


def test_another_script_beside_the_package_gives_another_hash(tmp_path: Path) -> None:
    package, script = sources(tmp_path), tmp_path / "albums.py"
    script.write_text("main()\n")
    before = content_hash(package, (), [script])
    script.write_text("main(1)\n")

    assert content_hash(package) != before != content_hash(package, (), [script])
