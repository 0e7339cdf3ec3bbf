"""Takes away what a newer attempt of a run has replaced, so that no reader of S3 counts it twice.

Core tables read the highest attempt of each run, but Athena reads whatever lies in a partition. The
raw data stays, and the bucket keeps the removed versions for a while.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tonearm_pipeline.json_store import storage_errors
from tonearm_pipeline.keys import curated_files, quarantine_files
from tonearm_pipeline.ledger import ENTITY_NAMES
from tonearm_pipeline.staged import StagedStore

if TYPE_CHECKING:  # the stubs are not in the functions' package
    from mypy_boto3_s3 import S3Client

_PARQUET: Final = ".parquet"


class Superseded:
    """The published files of earlier attempts in one bucket."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._store = StagedStore(s3, bucket)

    def remove(self, run_id: str, snapshot_date: str, attempt: int) -> int:
        """Remove the files of every attempt before this one; return how many there were.

        Raises:
            StorageUnavailableError: S3 did not answer; a repetition removes what is left.
            AwsRefusedError: S3 refused.
        """
        removed = 0
        for earlier in range(1, attempt):
            for entity in ENTITY_NAMES:
                for files_of in (curated_files, quarantine_files):
                    removed += self._remove(files_of(entity, snapshot_date, run_id, earlier))
        return removed

    def _remove(self, prefix: str) -> int:
        files = self._store.list_files(prefix, _PARQUET)
        for file in files:
            with storage_errors(f"remove {file.key}"):
                self._s3.delete_object(Bucket=self._bucket, Key=file.key)
        return len(files)
