"""Lists and opens what the Glue jobs staged, and the facts an audit needs about it.

Nothing here imports pyarrow: `parquet_facts` does, so that only the function that audits loads it.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Final

from tonearm_pipeline.json_store import storage_errors

if TYPE_CHECKING:  # the stubs are not in the functions' package
    from mypy_boto3_s3 import S3Client

_WHOLE_FILE_BYTES: Final = 16 * 1024 * 1024
_READ_AHEAD_BYTES: Final = 1024 * 1024


@dataclass(frozen=True)
class StoredFile:
    """One S3 object: key, bytes, and S3's own mark of its content (without quotes)."""

    key: str
    size: int
    etag: str


@dataclass(frozen=True)
class StagedFile:
    """One staged Parquet file and the rows its footer states."""

    key: str
    size: int
    etag: str
    rows: int


@dataclass(frozen=True)
class SchemaProblem:
    """A column (or a whole file, column "") that is not what the contract says."""

    file: str
    column: str
    expected: str
    found: str


@dataclass(frozen=True)
class EntityFacts:
    """What is known of one entity's staged files after reading footers and key columns.

    Attributes:
        files: the files in name order.
        schema_problems: where they differ from the contract; then the rest below is empty.
        distinct_keys: number of different keys.
        nulls: NULLs per column: exact for required columns, from the footers for the others. For
            lists it is all rows or 0: whether there is any value at all.
        lineage: the values of run_id, attempt and snapshot_date found in the rows, as texts.
        by_playlist: per playlist, the entries of each kind (playlist_entries) or the counts its row
            states (playlists).
    """

    files: tuple[StagedFile, ...] = ()
    schema_problems: tuple[SchemaProblem, ...] = ()
    distinct_keys: int = 0
    nulls: Mapping[str, int] = field(default_factory=dict)
    lineage: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by_playlist: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows of all files together."""
        return sum(file.rows for file in self.files)


class StagedStore:
    """Reads objects of one bucket by prefix."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def list_files(self, prefix: str, suffix: str) -> list[StoredFile]:
        """Return the objects under a prefix whose name ends so, in key order, over all pages."""
        found: list[StoredFile] = []
        with storage_errors(f"list {prefix}"):
            pages = self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=prefix
            )
            for page in pages:
                found += [
                    StoredFile(entry["Key"], entry["Size"], entry["ETag"].strip('"'))
                    for entry in page.get("Contents", [])
                    if entry["Key"].endswith(suffix)
                ]
        return sorted(found, key=lambda file: file.key)

    def open(self, file: StoredFile) -> BinaryIO:
        """Return the object as a seekable file; a large one is read in ranges as needed."""
        if file.size <= _WHOLE_FILE_BYTES:
            with storage_errors(f"read {file.key}"):
                body = self._s3.get_object(Bucket=self._bucket, Key=file.key)["Body"]
                return io.BytesIO(body.read())
        ranges = RangeFile(self._s3, self._bucket, file)
        return io.BufferedReader(ranges, buffer_size=_READ_AHEAD_BYTES)

    def sha256(self, key: str) -> str:
        """Return the hex digest of an object's bytes, read piece by piece."""
        digest = hashlib.sha256()
        with storage_errors(f"read {key}"):
            body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"]
            for chunk in body.iter_chunks(_READ_AHEAD_BYTES):
                digest.update(chunk)
        return digest.hexdigest()


class RangeFile(io.RawIOBase):
    """An S3 object as a file whose every read is one ranged request."""

    def __init__(self, s3: S3Client, bucket: str, file: StoredFile) -> None:
        super().__init__()
        self._s3 = s3
        self._bucket = bucket
        self._file = file
        self._position = 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It can be read from any place."""
        return True

    def tell(self) -> int:
        """Return the place of the next read."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the place of the next read."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._file.size}[whence]
        self._position = start + offset
        return self._position

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill the buffer from one ranged request; return how many bytes came (0 at the end)."""
        last = min(self._position + len(buffer), self._file.size) - 1
        if last < self._position:
            return 0
        with storage_errors(f"read {self._file.key}"):
            answer = self._s3.get_object(
                Bucket=self._bucket,
                Key=self._file.key,
                Range=f"bytes={self._position}-{last}",
                IfMatch=self._file.etag,
            )
            body = answer["Body"].read()
        buffer[: len(body)] = body
        self._position += len(body)
        return len(body)
