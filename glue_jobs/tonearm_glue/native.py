"""Libraries with compiled parts that travel in the jobs' zip, from which they cannot be imported.

Glue puts the zip that `--extra-py-files` names on the import path; Python imports no shared
objects from a zip (https://docs.python.org/3.13/library/zipimport.html), so they are unpacked.
"""

import importlib
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Final

FOLDER: Final = "native"
"""Where they lie in the zip: not at its root, where an import would find half of them."""


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
