"""Measures what a run used: from its execution's history and from the objects it wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from record_run.usage import ExecutionUsage, usage_of
from tonearm_pipeline.json_store import storage_errors
from tonearm_pipeline.keys import RAW_PREFIX, RUNS_PREFIX, STAGED_PREFIX
from tonearm_pipeline.ledger import ENTITY_NAMES
from tonearm_pipeline.prices import snowpipe_credits

if TYPE_CHECKING:  # the stubs are not in the Lambda package
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient


class RunMeter:
    """Measures the runs of one stack.

    Args:
        stepfunctions: reads the history; AWS keeps it for 90 days after the end.
        s3: lists what was written.
        bucket: where.
    """

    def __init__(self, stepfunctions: SFNClient, s3: S3Client, bucket: str) -> None:
        self._stepfunctions = stepfunctions
        self._s3 = s3
        self._bucket = bucket

    def measure(
        self,
        run_id: str,
        execution_id: str,
        published: Mapping[str, Any] | None,
        now: datetime,
    ) -> tuple[dict[str, Any], dict[str, float]]:
        """Return the run's usage so far, and the seconds of each state that has ended.

        The bucket keeps versions, so each object version under the run's own prefixes is one
        write request; a copy to curated/ or quarantine/ is one more. Reads are not told by AWS.

        Raises:
            StorageUnavailableError: AWS did not answer.
            AwsRefusedError: AWS refused, or no longer knows the execution.
        """
        with storage_errors(f"read the history of {execution_id}"):
            used = usage_of(self._events(execution_id), now)
        prefixes = [f"{prefix}{run_id}/" for prefix in (RAW_PREFIX, RUNS_PREFIX, STAGED_PREFIX)]
        with storage_errors(f"list what run {run_id} wrote in {self._bucket}"):
            writes = sum(self._versions(prefix) for prefix in prefixes)
        return _usage(used, writes, published), used.state_seconds

    def _events(self, execution_id: str) -> Iterator[Mapping[str, Any]]:
        pages = self._stepfunctions.get_paginator("get_execution_history")
        for page in pages.paginate(executionArn=execution_id, includeExecutionData=True):
            yield from page["events"]

    def _versions(self, prefix: str) -> int:
        pages = self._s3.get_paginator("list_object_versions")
        found = pages.paginate(Bucket=self._bucket, Prefix=prefix)
        return sum(len(page.get("Versions", [])) for page in found)


def _usage(
    used: ExecutionUsage, writes: int, published: Mapping[str, Any] | None
) -> dict[str, Any]:
    entities = (published or {}).get("entities", {})
    curated = [file for name in ENTITY_NAMES for file in entities.get(name, {}).get("files", [])]
    quarantined = sum(len(files) for files in (published or {}).get("quarantine", {}).values())
    loaded_bytes = sum(file["bytes"] for file in curated)
    return {
        "transitions": used.transitions,
        "lambda": {
            "invocations": used.invocations,
            "ms": used.lambda_ms,
            "gb_seconds": used.gb_seconds,
        },
        "glue": {"runs": used.glue_runs, "dpu_seconds": used.dpu_seconds},
        "s3": {"writes": writes + len(curated) + quarantined},
        "snowpipe": {
            "files": len(curated),
            "bytes": loaded_bytes,
            "credits": snowpipe_credits(loaded_bytes),
        },
    }
