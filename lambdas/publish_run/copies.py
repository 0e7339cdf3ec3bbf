"""Copies audited staged files to their deterministic names, and composes the manifest.

A repeated publish finds what an earlier one copied and leaves it alone, so no second event reaches
Snowpipe. What lies under a name of this run with other content stops the publish: Snowpipe goes by
names, so overwriting would leave the warehouse with the old rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from publish_run.audit_facts import AuditResult, Counts
from tonearm_glue.contract import CONTRACT_VERSION, ENTITIES
from tonearm_pipeline.differences import Difference, describe
from tonearm_pipeline.errors import AuditError
from tonearm_pipeline.json_store import error_code, storage_errors
from tonearm_pipeline.keys import curated_files, curated_key, quarantine_files, quarantine_key
from tonearm_pipeline.ledger import TRANSFORM_FIGURES
from tonearm_pipeline.staged import EntityFacts, StagedFile, StagedStore, StoredFile

if TYPE_CHECKING:  # the stubs are not in the functions' package
    from mypy_boto3_s3 import S3Client

_PARQUET: Final = "application/vnd.apache.parquet"
_SUFFIX: Final = ".parquet"
_SOURCE_ETAG: Final = "source-etag"
_GONE: Final = frozenset({"PreconditionFailed", "412", "NoSuchKey", "404"})


@dataclass(frozen=True)
class RunName:
    """The run, the date and the attempt that a published name is made of."""

    run_id: str
    snapshot_date: str
    attempt: int


@dataclass(frozen=True)
class Copy:
    """One staged file and the name it is published under."""

    entity: str
    is_quarantine: bool
    source: StagedFile
    key: str


@dataclass(frozen=True)
class PublishedFile:
    """One published file."""

    copy: Copy
    etag: str


def plan_copies(
    run: RunName, entities: Mapping[str, EntityFacts], quarantine: Mapping[str, EntityFacts]
) -> list[Copy]:
    """Return what is copied where, quarantine first; files without rows are left out."""
    return [
        *_copies(run, quarantine, is_quarantine=True),
        *_copies(run, entities, is_quarantine=False),
    ]


def _copies(
    run: RunName, facts: Mapping[str, EntityFacts], *, is_quarantine: bool
) -> Iterable[Copy]:
    for entity in ENTITIES:
        files = [file for file in facts[entity.name].files if file.rows]
        for number, file in enumerate(sorted(files, key=lambda file: file.key)):
            key = _published_key(run, entity.name, number, is_quarantine=is_quarantine)
            yield Copy(entity.name, is_quarantine, file, key)


def _published_key(run: RunName, entity: str, number: int, *, is_quarantine: bool) -> str:
    key = quarantine_key if is_quarantine else curated_key
    return key(entity, run.snapshot_date, run.run_id, run.attempt, number)


class Publisher:
    """Copies staged files inside one bucket."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._store = StagedStore(s3, bucket)

    def publish(self, run: RunName, copies: Sequence[Copy]) -> list[PublishedFile]:
        """Copy what is not there yet and return all published files.

        Raises:
            AuditError: a name of this run holds something else, or a staged file changed since it
                was audited. Nothing is copied in the first case.
        """
        existing = self._existing(run)
        self._check_existing(existing, copies)
        return [self._published(copy, existing.get(copy.key)) for copy in copies]

    def _existing(self, run: RunName) -> dict[str, StoredFile]:
        """Return everything that lies under this run's and attempt's published names."""
        found: dict[str, StoredFile] = {}
        for entity in ENTITIES:
            for files_of in (quarantine_files, curated_files):
                prefix = files_of(entity.name, run.snapshot_date, run.run_id, run.attempt)
                found |= {file.key: file for file in self._store.list_files(prefix, _SUFFIX)}
        return found

    def _check_existing(self, existing: Mapping[str, StoredFile], copies: Sequence[Copy]) -> None:
        sources = {copy.key: copy.source for copy in copies}
        differences = [
            Difference("publish", "object", _expected(sources.get(key)), _found(file), file=key)
            for key, file in existing.items()
            if key not in sources or not self._is_copy(file, sources[key])
        ]
        if differences:
            raise AuditError(
                f"{describe(differences)}; an earlier try published it from other staged files: "
                "publish this raw data as a new attempt"
            )

    def _is_copy(self, published: StoredFile, source: StagedFile) -> bool:
        """Whether the object holds the staged file's bytes.

        With SSE-KMS the ETag is no mark of the content, so the source's ETag is kept beside the
        copy; the bytes themselves are compared only when neither says so.
        """
        if published.etag == source.etag:
            return True
        if published.size != source.size:
            return False
        with storage_errors(f"read {published.key}"):
            head = self._s3.head_object(Bucket=self._bucket, Key=published.key)
        if head["Metadata"].get(_SOURCE_ETAG) == source.etag:
            return True
        return self._store.sha256(published.key) == self._store.sha256(source.key)

    def _published(self, copy: Copy, existing: StoredFile | None) -> PublishedFile:
        if existing is not None:
            return PublishedFile(copy, existing.etag)
        with storage_errors(f"copy to {copy.key}"):
            try:
                answer = self._s3.copy_object(
                    Bucket=self._bucket,
                    Key=copy.key,
                    CopySource={"Bucket": self._bucket, "Key": copy.source.key},
                    CopySourceIfMatch=copy.source.etag,
                    MetadataDirective="REPLACE",
                    Metadata={_SOURCE_ETAG: copy.source.etag},
                    ContentType=_PARQUET,
                )
            except ClientError as exc:
                if error_code(exc) in _GONE:
                    raise AuditError(_changed(copy)) from exc
                raise
        return PublishedFile(copy, answer["CopyObjectResult"]["ETag"].strip('"'))


def compose_manifest(
    run: RunName,
    *,
    raw_manifest_key: str,
    published_at: str,
    counts: Counts,
    audited: Mapping[str, EntityFacts],
    files: Sequence[PublishedFile],
    result: AuditResult,
) -> dict[str, Any]:
    """Return the published manifest, the commit mark of the run."""
    return {
        "run_id": run.run_id,
        "snapshot_date": run.snapshot_date,
        "attempt": run.attempt,
        "contract_version": CONTRACT_VERSION,
        "raw_manifest_key": raw_manifest_key,
        "published_at": published_at,
        "entities": {
            entity.name: _entity_json(entity.name, counts, audited[entity.name], files)
            for entity in ENTITIES
        },
        "quarantine": {
            entity.name: [
                {"key": file.copy.key, "rows": file.copy.source.rows}
                for file in _of_entity(files, entity.name, is_quarantine=True)
            ]
            for entity in ENTITIES
        },
        "playlists": list(counts.playlists.values()),
        "field_presence": counts.field_presence,
        "warnings": [warning.as_dict() for warning in result.warnings],
    }


def _entity_json(
    entity: str, counts: Counts, audited: EntityFacts, files: Sequence[PublishedFile]
) -> dict[str, Any]:
    published = _of_entity(files, entity, is_quarantine=False)
    return {
        **{figure: counts.of(entity, figure) for figure in TRANSFORM_FIGURES},
        "staged": audited.rows,
        "curated": sum(file.copy.source.rows for file in published),
        "nulls": dict(audited.nulls),
        "files": [
            {
                "key": file.copy.key,
                "source_key": file.copy.source.key,
                "rows": file.copy.source.rows,
                "bytes": file.copy.source.size,
                "etag": file.etag,
            }
            for file in published
        ],
    }


def _of_entity(
    files: Sequence[PublishedFile], entity: str, *, is_quarantine: bool
) -> list[PublishedFile]:
    return [
        file
        for file in files
        if file.copy.entity == entity and file.copy.is_quarantine == is_quarantine
    ]


def _expected(source: StagedFile | None) -> str:
    return f"a copy of {source.key}" if source else "none"


def _found(file: StoredFile) -> str:
    return f"{file.size} bytes, etag {file.etag}"


def _changed(copy: Copy) -> str:
    difference = Difference(
        "publish", "staged file", f"etag {copy.source.etag}", "changed", file=copy.source.key
    )
    return describe([difference])
