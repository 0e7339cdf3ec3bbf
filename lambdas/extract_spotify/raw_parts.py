"""Raw parts: write-once gzip files of JSON lines, one line per answer of the API.

A part is written before the cursor that knows it. When the process dies in between, the next
invocation finds the part, adopts it, and takes its lines instead of asking Spotify again.
"""

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypedDict

from tonearm_pipeline.clock import Clock
from tonearm_pipeline.errors import RawCorruptError, RunInProgressError
from tonearm_pipeline.json_store import JsonStore, as_json
from tonearm_pipeline.keys import raw_part_key

# A part is closed when it reaches either: what a kill can cost, and what one Spark task reads.
MAX_PART_LINES: Final = 25
MAX_PART_BYTES: Final = 4 * 1024 * 1024
_CONTENT_TYPE: Final = "application/gzip"

Line = dict[str, Any]
# What tells one line of a run from every other.
LineKey = tuple[str, str, int, int, str]


class Part(TypedDict):
    """One raw part as the manifest lists it; `bytes` and `sha256` are of the object itself."""

    key: str
    lines: int
    bytes: int
    sha256: str


def line_key(line: Mapping[str, Any]) -> LineKey:
    """Return what tells a line from every other line of its run."""
    params = line["params"]
    offset, ids = params.get("offset", 0), params.get("ids", "")
    return line["kind"], line["source"], line["read"], offset, ids


class RawStore:
    """Collects lines of one run and writes them as parts.

    Args:
        store: the bucket.
        clock: tells the time.
        run_id: the run.
        parts: the parts already known; new ones are appended to this list.
    """

    def __init__(self, store: JsonStore, clock: Clock, run_id: str, parts: list[Part]) -> None:
        self._store = store
        self._clock = clock
        self._run_id = run_id
        self._parts = parts
        self._lines: list[bytes] = []
        self._size = 0
        self._adopted: dict[LineKey, Line] = {}

    @property
    def is_full(self) -> bool:
        """Tell whether the collected lines should become a part."""
        return len(self._lines) >= MAX_PART_LINES or self._size >= MAX_PART_BYTES

    @property
    def is_replaying(self) -> bool:
        """Tell whether adopted lines are still to be taken."""
        return bool(self._adopted)

    def add(self, line: Line) -> None:
        """Collect a line."""
        text = as_json(line)
        self._lines.append(text)
        self._size += len(text) + 1

    def flush(self) -> None:
        """Write what was collected as the next part.

        Raises:
            RunInProgressError: somebody else wrote this part in the meantime.
        """
        if not self._lines:
            return
        key = raw_part_key(self._run_id, len(self._parts))
        # mtime=0: the same lines give the same bytes.
        body = gzip.compress(b"\n".join(self._lines) + b"\n", mtime=0)
        if not self._store.put_bytes_once(key, body, _CONTENT_TYPE):
            raise RunInProgressError(self._run_id, self._clock.now())
        self._parts.append(_part(key, len(self._lines), body))
        self._lines, self._size = [], 0

    def stored_lines(self) -> Iterator[Line]:
        """Return the lines of all known parts, one after the other.

        Raises:
            RawCorruptError: a part is missing or cannot be read.
        """
        for part in self._parts:
            body = self._store.get_bytes(part["key"])
            if body is None:
                raise RawCorruptError(f"{part['key']} is missing")
            yield from _read_lines(part["key"], body)

    def adopt(self) -> int:
        """Take over parts that exist though the cursor does not know them; return their lines.

        Raises:
            RawCorruptError: such a part cannot be read.
        """
        while body := self._store.get_bytes(raw_part_key(self._run_id, len(self._parts))):
            key = raw_part_key(self._run_id, len(self._parts))
            lines = _read_lines(key, body)
            self._adopted |= {line_key(line): line for line in lines}
            self._parts.append(_part(key, len(lines), body))
        return len(self._adopted)

    def take(self, key: LineKey) -> Line | None:
        """Return the adopted line with this key, once."""
        return self._adopted.pop(key, None)

    def drop_leftovers(self, source: str) -> set[int]:
        """Forget adopted lines of a source that nobody asked for; return their reads."""
        keys = [key for key in self._adopted if key[1] == source]
        for key in keys:
            del self._adopted[key]
        return {key[2] for key in keys}


def _part(key: str, lines: int, body: bytes) -> Part:
    return Part(key=key, lines=lines, bytes=len(body), sha256=hashlib.sha256(body).hexdigest())


def _read_lines(key: str, body: bytes) -> list[Line]:
    try:
        return [json.loads(line) for line in gzip.decompress(body).splitlines()]
    except (OSError, EOFError, ValueError) as exc:
        raise RawCorruptError(f"{key} cannot be read: {type(exc).__name__}") from exc
