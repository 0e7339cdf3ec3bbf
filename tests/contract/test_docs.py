"""What the documents say is there: commands, targets, paths, and the data dictionary."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from record_run import failure
from tests.contract.template_reader import ROOT
from tonearm.build import tables_page
from tonearm.build.data_dictionary import PATH, dictionary
from tonearm.project import SQL_FOLDER
from tonearm_pipeline import errors

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FOLDERS = "glue_jobs|lambdas|statemachine|snowflake|tonearm|tests|docs|benchmarks"


def test_the_data_dictionary_is_what_the_contract_says() -> None:
    assert PATH.read_text() == dictionary(), "run `make dictionary`"


def test_the_picture_of_the_tables_is_what_the_sql_says() -> None:
    assert tables_page.PATH.read_text() == tables_page.picture(), "run `make dictionary`"


def test_every_core_and_mart_file_is_in_the_picture_with_what_it_reads() -> None:
    found = tables_page.tables()

    files = [file.stem for file in SQL_FOLDER.glob("[246]*_*.sql")]
    files += [file.stem for file in SQL_FOLDER.glob("5*_*.sql")]
    assert len(found) == len(files)
    assert all(table.meaning for table in found.values())
    assert all(table.sources for name, table in found.items() if not name.startswith("landing."))
    assert found["core.songs"].sources == ("core.song_versions",)


@pytest.mark.parametrize("document", DOCUMENTS, ids=[str(p.relative_to(ROOT)) for p in DOCUMENTS])
def test_every_path_a_document_names_exists(document: Path) -> None:
    text = document.read_text()
    named = re.findall(rf"`((?:{FOLDERS})/[\w./-]+)`", text)
    named += re.findall(r"`([\w-]+\.(?:yaml|toml|md))`", text)

    missing = [name for name in named if not (ROOT / name).exists() and "<" not in name]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=[str(p.relative_to(ROOT)) for p in DOCUMENTS])
def test_every_make_target_a_document_names_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))

    named = set(re.findall(r"`make ([a-z-]+)", document.read_text()))
    assert named <= targets


def commands_of_the_advice() -> set[str]:
    texts = [f"{advice.first} {advice.look_at}" for advice in failure.ADVICE.values()]
    return {m for text in texts for m in re.findall(r"tonearm ((?:[a-z]+ ?)+)", text)}


@pytest.mark.parametrize("command", sorted(commands_of_the_advice()))
def test_every_command_that_a_failure_names_exists(command: str) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "tonearm.cli.main", *command.split(), "--help"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode == 0, finished.stderr


def test_every_error_class_has_its_advice() -> None:
    classes = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.PipelineError)
    }
    groups = {"PipelineError", "TransientError", "PermanentError", "DataError"}
    assert classes - groups <= set(failure.ADVICE)
