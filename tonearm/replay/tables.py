"""Fetches what a run has published and what a replay has staged, and compares them per table."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tonearm.errors import OperatorError
from tonearm.replay.comparing import TableDifference, compare
from tonearm.replay.runs import Bucket, PastRun
from tonearm_glue.contract import ENTITIES, QUARANTINE
from tonearm_pipeline.keys import staged_entity_prefix, staged_quarantine_prefix

_PARQUET = ".parquet"


def differences_of(
    bucket: Bucket, run: PastRun, attempt: int, folder: Path
) -> Iterator[TableDifference]:
    """How an attempt that is staged differs from what the run has published, per table.

    Args:
        bucket: the stack's bucket.
        run: the run.
        attempt: the staged attempt.
        folder: an empty folder for the files.
    """
    for entity in ENTITIES:
        name = entity.name
        published = [file["key"] for file in _entities(run).get(name, {}).get("files", ())]
        staged = _staged_keys(bucket, staged_entity_prefix(run.run_id, attempt, name))
        yield _difference(bucket, name, entity.key, (published, staged), folder)
        refused = [file["key"] for file in _quarantine(run).get(name, ())]
        staged = _staged_keys(bucket, staged_quarantine_prefix(run.run_id, attempt, name))
        if refused or staged:
            table = f"quarantine of {name}"
            yield _difference(bucket, table, QUARANTINE.key, (refused, staged), folder)


def _difference(
    bucket: Bucket,
    table: str,
    key: Sequence[str],
    keys: tuple[Sequence[str], Sequence[str]],
    folder: Path,
) -> TableDifference:
    before, after = (_fetched(bucket, some, folder) for some in keys)
    try:
        return compare(table, key, before, after)
    finally:
        for file in (*before, *after):
            file.unlink()


def _fetched(bucket: Bucket, keys: Sequence[str], folder: Path) -> list[Path]:
    files = []
    for key in keys:
        file = folder / key.replace("/", "%")
        try:
            bucket.s3.download_file(bucket.name, key, str(file))
        except (BotoCoreError, ClientError) as error:
            raise OperatorError(
                f"s3://{bucket.name}/{key} cannot be read ({error})",
                "a published file that expired or was removed leaves nothing to compare with",
            ) from error
        files.append(file)
    return files


def _staged_keys(bucket: Bucket, prefix: str) -> list[str]:
    pages = bucket.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket.name, Prefix=prefix)
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    return [key for key in keys if key.endswith(_PARQUET)]


def _entities(run: PastRun) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (run.published or {}).get("entities", {})
    return found


def _quarantine(run: PastRun) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (run.published or {}).get("quarantine", {})
    return found
