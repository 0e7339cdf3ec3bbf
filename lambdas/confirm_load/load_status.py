"""Decides from the warehouse's answers whether the files of a run are loaded. Pure functions.

COPY_HISTORY names files relative to the stage, the landing rows name them relative to the bucket; a
published file's last path part is unique, so files are told apart by that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from confirm_load.load_way import LoadWay, RepairKind, load_way
from tonearm_pipeline.ledger import ENTITY_NAMES

_LOADED: Final = "loaded"
_FAILED: Final = frozenset({"load failed", "partially loaded"})


class FileStatus(StrEnum):
    """What became of one published file."""

    LOADED = "loaded"
    PENDING = "pending"
    FAILED = "failed"


@dataclass(frozen=True)
class PublishedFile:
    """One file that has to arrive in an entity's landing table."""

    entity: str
    key: str
    rows: int


@dataclass(frozen=True)
class HistoryLine:
    """One line of COPY_HISTORY.

    Attributes:
        file_name: as Snowflake names the file.
        status: Loaded, Load failed, Partially loaded, Load skipped or Load in progress.
        row_count: rows loaded.
        first_error: the first error's text, empty when there is none.
        first_error_line: its line, None when there is none.
    """

    file_name: str
    status: str
    row_count: int
    first_error: str = ""
    first_error_line: int | None = None

    @property
    def normal_status(self) -> str:
        """The status in lower case with blanks, whatever its spelling."""
        return self.status.lower().replace("_", " ")


@dataclass(frozen=True)
class LandingCount:
    """Rows of one file in a landing table.

    Attributes:
        source_file: the file as the landing rows name it.
        distinct_rows: rows of the file that are there at least once.
        rows: all rows that name it; more than `distinct_rows` when it was loaded twice.
    """

    source_file: str
    distinct_rows: int
    rows: int


@dataclass(frozen=True)
class FileLoad:
    """What is known of one file's load."""

    file: PublishedFile
    status: FileStatus
    rows_loaded: int
    rows_in_landing: int
    repeated_rows: int = 0
    first_error: str = ""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], rows: int) -> "FileLoad":
        """Return the load written in load.json of a file that has so many rows."""
        return cls(
            PublishedFile(values["entity"], values["key"], rows),
            FileStatus(values["status"]),
            values["rows_loaded"],
            values["rows_in_landing"],
            values["repeated_rows"],
            values["first_error"],
        )

    def as_dict(self) -> dict[str, Any]:
        """Return its line of load.json."""
        return {
            "key": self.file.key,
            "entity": self.file.entity,
            "status": self.status.value,
            "rows_loaded": self.rows_loaded,
            "rows_in_landing": self.rows_in_landing,
            "repeated_rows": self.repeated_rows,
            "first_error": self.first_error,
        }


@dataclass(frozen=True)
class Repair:
    """One attempt to bring in files that no event announced.

    Attributes:
        entity: whose files.
        kind: by the pipe's refresh or by a COPY of the named files.
        why: one sentence.
        tries: how often the run had asked the warehouse before.
        keys: the files.
    """

    entity: str
    kind: RepairKind
    why: str
    tries: int
    keys: tuple[str, ...]

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Repair":
        """Return the repair written in load.json."""
        return cls(
            entity=values["entity"],
            kind=RepairKind(values["kind"]),
            why=values["why"],
            tries=values["tries"],
            keys=tuple(values["keys"]),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return its line of load.json."""
        return {
            "entity": self.entity,
            "kind": self.kind.value,
            "why": self.why,
            "tries": self.tries,
            "keys": list(self.keys),
        }


def published_files(manifest: Mapping[str, Any]) -> list[PublishedFile]:
    """Return the files a published manifest lists."""
    return [
        PublishedFile(entity, file["key"], file["rows"])
        for entity in ENTITY_NAMES
        for file in manifest["entities"][entity]["files"]
    ]


def file_loads(
    files: Sequence[PublishedFile],
    history: Iterable[HistoryLine],
    landing: Iterable[LandingCount],
) -> list[FileLoad]:
    """Return what became of each file."""
    lines: dict[str, list[HistoryLine]] = {}
    for line in history:
        lines.setdefault(_base_name(line.file_name), []).append(line)
    counts = {_base_name(count.source_file): count for count in landing}
    return [
        _file_load(file, lines.get(_base_name(file.key), []), counts.get(_base_name(file.key)))
        for file in files
    ]


def _file_load(
    file: PublishedFile, lines: Sequence[HistoryLine], count: LandingCount | None
) -> FileLoad:
    there = count.distinct_rows if count else 0
    repeated = count.rows - count.distinct_rows if count else 0
    loaded = [line.row_count for line in lines if line.normal_status == _LOADED]
    failed = [line for line in lines if line.normal_status in _FAILED]
    if loaded:
        return FileLoad(file, FileStatus.LOADED, max(loaded), there, repeated)
    if there == file.rows and not failed:
        # COPY_HISTORY keeps 14 days; rows that are all there were loaded before that.
        return FileLoad(file, FileStatus.LOADED, there, there, repeated)
    if failed and len(failed) == len(lines):
        return FileLoad(file, FileStatus.FAILED, 0, there, repeated, _error_text(failed[0]))
    return FileLoad(file, FileStatus.PENDING, 0, there, repeated)


def _error_text(line: HistoryLine) -> str:
    text = line.first_error or line.status
    return text if line.first_error_line is None else f"{text} (line {line.first_error_line})"


def overall_status(loads: Sequence[FileLoad]) -> FileStatus:
    """Return failed when any file failed, loaded when all are loaded, else pending."""
    statuses = {load.status for load in loads}
    if FileStatus.FAILED in statuses:
        return FileStatus.FAILED
    return FileStatus.PENDING if FileStatus.PENDING in statuses else FileStatus.LOADED


def due_repairs(
    loads: Sequence[FileLoad],
    repaired: Sequence[Repair],
    age: timedelta,
    refresh_after: timedelta,
    tries: int,
) -> list[Repair]:
    """Return the repairs to try now: once per entity, for files that wait longer than usual.

    Args:
        loads: what is known of the files.
        repaired: the repairs this run tried before.
        age: the time since the files were published.
        refresh_after: how long Snowpipe's own event is waited for.
        tries: how often the run has asked before.
    """
    if age < refresh_after:
        return []
    seen = {repair.entity for repair in repaired}
    waiting: dict[str, list[str]] = {}
    for load in loads:
        if load.status is FileStatus.PENDING and load.file.entity not in seen:
            waiting.setdefault(load.file.entity, []).append(load.file.key)
    way = load_way(age)
    return [
        Repair(entity, way.kind, _why(way, len(keys), age), tries, tuple(keys))
        for entity, keys in waiting.items()
    ]


def _why(way: LoadWay, files: int, age: timedelta) -> str:
    return f"{files} file(s) not loaded {int(age.total_seconds())} s after publishing: {way.why}"


def last_try(max_tries: int, repaired: Sequence[Repair]) -> int:
    """Return the number of tries after which the run gives up: a repair earns as many again."""
    return max([max_tries, *(repair.tries + max_tries for repair in repaired)])


def _base_name(name: str) -> str:
    return name.rsplit("/", 1)[-1]
