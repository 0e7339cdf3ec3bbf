"""The jobs' zip: on its way to Python workers, and the compiled libraries that travel in it.

Glue puts the zip that `--extra-py-files` names on the import path of the driver; whether on that of
Python workers too, its pages tell in two ways, so the job sends them a copy itself.

Python imports no shared objects from a zip (https://docs.python.org/3.13/library/zipimport.html),
so those are unpacked.
"""

import importlib
import shutil
import sys
import tempfile
import uuid
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # a worker that unpacks a library has no need of Spark's own
    from pyspark import SparkContext

FOLDER: Final = "native"
"""Where they lie in the zip: not at its root, where an import would find half of them."""


def ship_to_workers(context: "SparkContext") -> None:
    """Let Python workers import the jobs' package from the zip it was itself imported from.

    The page on job arguments speaks of the driver alone, the one on libraries of Spark's
    `--py-files`, which reaches workers, too
    (https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html,
    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-python-libraries.html). In case
    of the latter the copy has a name of its own: Spark refuses a second file of a known name.
    """
    archive = _own_archive()
    if archive:
        copy = Path(tempfile.mkdtemp(prefix="tonearm-workers-")) / f"tonearm-{uuid.uuid4().hex}.zip"
        shutil.copyfile(archive, copy)
        context.addPyFile(str(copy))


def make_importable(library: str) -> bool:
    """Whether the library can be imported, if need be from what the jobs' zip brings."""
    if _is_importable(library):
        return True
    archive = _own_archive()
    if archive is None:
        return False
    sys.path.append(str(_unpacked(archive) / FOLDER))
    importlib.invalidate_caches()
    return _is_importable(library)


def _is_importable(library: str) -> bool:
    try:
        importlib.import_module(library)
    except ImportError:
        return False
    return True


def _own_archive() -> Path | None:
    """The zip this module was imported from."""
    found: str | None = getattr(__spec__ and __spec__.loader, "archive", None)
    return Path(found) if found else None


def _unpacked(archive: Path) -> Path:
    """A folder with the zip's libraries; each process has its own, for there is no harm in two."""
    folder = Path(tempfile.mkdtemp(prefix="tonearm-native-"))
    with zipfile.ZipFile(archive) as held:
        held.extractall(folder, [name for name in held.namelist() if name.startswith(f"{FOLDER}/")])
    return folder
