"""What a Python worker of Spark does with raw parts: takes the plain lines, leaves the others.

Rows of lines that were left hold their place and their text; rows of plain lines hold the job's
plain columns. Without its library every line is left, and Spark reads them all: slower, but the
same.
"""

import importlib
import zlib
from collections.abc import Buffer, Callable, Iterable, Iterator, Mapping
from typing import Protocol

import pyarrow as pa

from tonearm_glue.manifest import PlaylistRead
from tonearm_glue.native import make_importable
from tonearm_glue.plain_columns import Columns, batches

_COMPRESSED = ".gz"
_OBJECT = (ord("{"), ord("}"))
_GZIP = 31  # zlib's word for gzip's frame (https://docs.python.org/3.13/library/zlib.html)


class Reader(Protocol):
    """What a job's module of plain lines offers."""

    def read_line(self, text: Buffer) -> None:
        """Read one line, or refuse it with an error and keep nothing of it."""

    def columns(self, *, is_last: bool) -> Columns:
        """The rows that are ready."""


def read_parts(
    parts: Iterable[pa.RecordBatch],
    *,
    library: str,
    module: str,
    reads: Mapping[str, PlaylistRead],
    raw_prefix: str,
    schema: pa.Schema,
) -> Iterator[pa.RecordBatch]:
    """Read the parts of a task.

    Args:
        parts: in batches, with their `file_name` and `content`.
        library: that reads plain lines; every line is left where it cannot be imported.
        module: whose `Reader` takes plain lines.
        reads: the reads of playlists that count, by their key.
        raw_prefix: of the parts' keys.
        schema: of what is given: `raw_key`, `line` and `value` of lines that are left, then the
            plain columns.

    Raises:
        zlib.error: a part is damaged.
        EOFError: a part is cut off.
    """
    take, columns = _ways(library, module, reads)
    for name, content in _contents(parts):
        text = unzipped(content) if name.endswith(_COMPRESSED) else bytes(content)
        left = [
            (raw_prefix + name, number, bytes(line))
            for number, line in enumerate(lines_of(text))
            if not take(line)
        ]
        yield from batches(list(zip(*left, strict=True)), schema, first=0)
        yield from batches(columns(is_last=False), schema, first=_LEFT_COLUMNS)
    yield from batches(columns(is_last=True), schema, first=_LEFT_COLUMNS)


_LEFT_COLUMNS = 3


def unzipped(content: Buffer) -> bytes:
    """The text of a gzipped part, its checksum proved.

    Raises:
        zlib.error: it is damaged.
        EOFError: it is cut off.
    """
    members = []
    while content:
        member = zlib.decompressobj(_GZIP)
        members.append(member.decompress(content))
        if not member.eof:
            raise EOFError("a gzipped part is cut off")
        content = member.unused_data
    return members[0] if len(members) == 1 else b"".join(members)


def lines_of(text: bytes) -> Iterator[memoryview]:
    """The lines of a part, uncopied; after the last one's break nothing follows."""
    whole, start = memoryview(text), 0
    while start < len(text):
        end = text.find(b"\n", start)
        end = len(text) if end < 0 else end
        yield whole[start:end]
        start = end + 1


def _ways(
    library: str, module: str, reads: Mapping[str, PlaylistRead]
) -> tuple[Callable[[memoryview], bool], Callable[..., Columns]]:
    """How to try a line, and how to ask for the rows of those that were taken."""
    if not make_importable(library):
        return lambda _line: False, lambda **_: ()
    refusals = (ValueError, RecursionError, importlib.import_module(library).MsgspecError)
    reader: Reader = importlib.import_module(module).Reader(reads)

    def take(line: memoryview) -> bool:
        if not line or (line[0], line[-1]) != _OBJECT:
            return False
        try:
            reader.read_line(line)
        except refusals:
            return False
        return True

    return take, reader.columns


def _contents(parts: Iterable[pa.RecordBatch]) -> Iterator[tuple[str, memoryview]]:
    for batch in parts:
        for name, content in zip(batch["file_name"], batch["content"], strict=True):
            yield name.as_py(), memoryview(content.as_buffer())
