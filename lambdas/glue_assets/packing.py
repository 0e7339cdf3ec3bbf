"""Packs an importable package into a zip that is the same, byte for byte, for the same sources."""

import hashlib
import importlib.util
import io
import zipfile
from pathlib import Path
from typing import Final

from tonearm_pipeline.errors import SettingsError

# The oldest time a zip can hold; any fixed time makes the same sources give the same bytes.
_FIXED_TIME: Final = (1980, 1, 1, 0, 0, 0)
_FILE_MODE: Final = 0o644 << 16
_HASH_CHARACTERS: Final = 16
_SUFFIX: Final = ".py"


def package_folder(package: str) -> Path:
    """Return the folder of an importable package (on Lambda it lies in a layer, /opt/python).

    Raises:
        SettingsError: there is no such package: the layer is missing.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SettingsError(f"the package {package} cannot be imported: is its layer attached?")
    return Path(next(iter(spec.submodule_search_locations)))


def zip_package(folder: Path) -> bytes:
    """Return a zip with the package's Python files, the package folder at its root."""
    files = sorted(folder.rglob(f"*{_SUFFIX}"), key=lambda path: path.as_posix())
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in files:
            name = (Path(folder.name) / path.relative_to(folder)).as_posix()
            info = zipfile.ZipInfo(name, date_time=_FIXED_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = _FILE_MODE
            archive.writestr(info, path.read_bytes())
    return buffer.getvalue()


def content_hash(folder: Path) -> str:
    """Return a hash over names and bytes of the package's files.

    It is not taken over the zip: another zlib may compress the same sources to other bytes.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.rglob(f"*{_SUFFIX}"), key=lambda path: path.as_posix()):
        name = path.relative_to(folder).as_posix().encode()
        body = path.read_bytes()
        digest.update(f"{len(name)}:{len(body)}:".encode())
        digest.update(name)
        digest.update(body)
    return digest.hexdigest()[:_HASH_CHARACTERS]
