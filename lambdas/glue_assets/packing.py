"""Packs importable packages into a zip that is the same, byte for byte, for the same sources."""

import hashlib
import importlib.util
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tonearm_pipeline.errors import SettingsError

# The oldest time a zip can hold; any fixed time makes the same sources give the same bytes.
_FIXED_TIME: Final = (1980, 1, 1, 0, 0, 0)
_FILE_MODE: Final = 0o644 << 16
_HASH_CHARACTERS: Final = 16
_SUFFIX: Final = ".py"
_LIBRARY_SUFFIXES: Final = (".py", ".so")
_NATIVE: Final = "native"


def package_folder(package: str) -> Path:
    """Return the folder of an importable package (on Lambda it lies in a layer, /opt/python).

    Raises:
        SettingsError: there is no such package: the layer is missing.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SettingsError(f"the package {package} cannot be imported: is its layer attached?")
    return Path(next(iter(spec.submodule_search_locations)))


def zip_packages(package: Path, libraries: Sequence[Path] = ()) -> bytes:
    """Return a zip with the package's Python files, and the libraries as they are.

    The package is at the zip's root, where Python imports it from; the libraries are under
    `native/`, for they have compiled parts, which must be unpacked first (tonearm_glue/native.py).
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, path in _files(package, libraries):
            info = zipfile.ZipInfo(name, date_time=_FIXED_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = _FILE_MODE
            archive.writestr(info, path.read_bytes())
    return buffer.getvalue()


def content_hash(
    package: Path, libraries: Sequence[Path] = (), scripts: Sequence[Path] = ()
) -> str:
    """Return a hash over names and bytes of what `zip_packages` packs, and of scripts beside it.

    It is not taken over the zip: another zlib may compress the same sources to other bytes.
    """
    digest = hashlib.sha256()
    beside = [(path.name, path) for path in sorted(scripts)]
    for name, path in [*_files(package, libraries), *beside]:
        body = path.read_bytes()
        digest.update(f"{len(name.encode())}:{len(body)}:".encode())
        digest.update(name.encode())
        digest.update(body)
    return digest.hexdigest()[:_HASH_CHARACTERS]


def _files(package: Path, libraries: Sequence[Path]) -> list[tuple[str, Path]]:
    """Names in the zip with their files, by name."""
    found = _named(package, "", (_SUFFIX,))
    for library in libraries:
        found += _named(library, f"{_NATIVE}/", _LIBRARY_SUFFIXES)
    return sorted(found)


def _named(folder: Path, place: str, suffixes: Sequence[str]) -> list[tuple[str, Path]]:
    return [
        (place + path.relative_to(folder.parent).as_posix(), path)
        for path in folder.rglob("*")
        if path.suffix in suffixes
    ]
