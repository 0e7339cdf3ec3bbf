"""A large run where Python workers have what Glue gives them, and nothing of the driver's own."""

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from glue_assets.packing import package_folder, zip_packages
from tests.glue_jobs.generated import pages_of_one_entry
from tests.glue_jobs.jobs import ROOT, parquet_files
from tests.glue_jobs.raw_files import RUN_ID, job_arguments

# Glue brings these itself; the jobs' package and msgspec it does not.
_GLUE_HAS = ("numpy", "numpy.libs", "pandas", "py4j", "pyarrow", "pyspark", "pytz", "dateutil")
_GLUE_HAS_FILES = ("six.py",)
LINES = 60

pytestmark = pytest.mark.spark


@pytest.fixture
def glue_python(tmp_path: Path) -> tuple[Path, Path]:
    """A Python that imports nothing this environment has installed, and what Glue has beside it."""
    packages = tmp_path / "packages"
    packages.mkdir()
    for name in (*_GLUE_HAS, *_GLUE_HAS_FILES):
        (packages / name).symlink_to(Path(sysconfig.get_path("purelib")) / name)
    python = tmp_path / "python3"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    python.chmod(0o755)
    return python, packages


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """The jobs' zip, packed as the stack packs it."""
    found = tmp_path / "assets" / "0123456789abcdef.zip"
    found.parent.mkdir()
    found.write_bytes(zip_packages(package_folder("tonearm_glue"), [package_folder("msgspec")]))
    return found


def test_workers_import_the_package_and_its_parser_from_the_zip_of_the_driver(
    tmp_path: Path, archive: Path, glue_python: tuple[Path, Path]
) -> None:
    """And the script runs wherever it lies, whatever its name."""
    bucket = tmp_path / "bucket"
    pages_of_one_entry(LINES).write(bucket)
    script = archive.parent / "a1b2c3"
    script.write_bytes((ROOT / "glue_jobs" / "songs.py").read_bytes())
    python, packages = (str(path) for path in glue_python)
    argv = [str(script), *job_arguments(bucket, attempt=1)]
    code = (
        f"import sys; sys.path.insert(0, {str(archive)!r})\n"
        "import runpy\n"
        "from tests.glue_jobs.jobs import Path, small_session\n"
        "from tonearm_glue import plain\n"
        "plain.FROM_BYTES = 0\n"
        f"small_session(Path({str(tmp_path)!r}), worker={python!r}, worker_imports={packages!r})\n"
        f"sys.argv = {argv!r}\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["event"] == "lines_left_to_spark"
    assert told["lines"] < LINES
    staged = bucket / "staged" / RUN_ID / "1"
    assert parquet_files(staged / "songs")
