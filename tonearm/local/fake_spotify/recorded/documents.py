"""Reads every JSON document below a folder; whatever is not one is named with its reason."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tonearm.local.fake_spotify.errors import CatalogueError

LARGEST_FILE_BYTES = 128 * 1024 * 1024


@dataclass(frozen=True)
class Document:
    """One JSON value of a file; `index` counts when a file holds several, as JSON lines do."""

    file: str
    index: int
    value: Any


@dataclass(frozen=True)
class Ignored:
    """A file nothing was taken from."""

    file: str
    reason: str


def read_documents(root: Path) -> Iterator[Document | Ignored]:
    """Every document below `root`, or in the one file it is, in the order of their paths.

    Raises:
        CatalogueError: there is no such folder or file, or the folder holds no file.
    """
    if not root.exists():
        raise CatalogueError(f"{root}: no such folder or file")
    files = list(_files(root))
    if not files:
        raise CatalogueError(f"{root}: holds no files")
    for path in files:
        name = path.name if path == root else path.relative_to(root).as_posix()
        try:
            yield from _read(path, name)
        except NotReadableError as exc:
            yield Ignored(name, str(exc))


class NotReadableError(ValueError):
    """Why a file cannot be read as JSON."""


def _files(root: Path) -> Iterator[Path]:
    if root.is_file():
        yield root
        return
    for folder, subfolders, names in os.walk(root):
        # Hidden folders are given as they are, and then reported instead of read.
        yield from (Path(folder, name) for name in sorted(subfolders) if name.startswith("."))
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(names))


def _read(path: Path, name: str) -> Iterator[Document]:
    text = _text(path)
    decoder = json.JSONDecoder(parse_constant=_refuse_constant)
    at = index = 0
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as exc:
            if index:  # characters after the last document, as some recordings have
                return
            raise NotReadableError("not JSON") from exc
        yield Document(name, index, value)
        index += 1
        at += len(text[at:]) - len(text[at:].lstrip())


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            raise NotReadableError("a hidden folder" if path.is_dir() else "not a regular file")
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise NotReadableError(f"larger than {LARGEST_FILE_BYTES // 2**20} MiB")
        content = path.read_bytes()
    except OSError as exc:
        raise NotReadableError(f"cannot be read: {exc.strerror}") from exc
    try:
        text = content.decode(json.detect_encoding(content)).lstrip("\ufeff").lstrip()
    except UnicodeDecodeError as exc:
        raise NotReadableError("not text in UTF-8, UTF-16 or UTF-32") from exc
    if not text:
        raise NotReadableError("empty")
    return text


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
