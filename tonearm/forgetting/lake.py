"""Objects of the bucket, with every version and delete marker of them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html
"""

from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Any

from tonearm.errors import OperatorError
from tonearm.forgetting.holding import Holding, aws_errors

PREFIXES = ("raw/", "staged/", "curated/", "quarantine/", "runs/", "glue-temp/")
MOST_AT_ONCE = 1000


def lake_holdings(s3: Any, bucket: str) -> list[Holding]:
    """Everything a run writes; the code under assets/ is not the account's."""
    return [
        Holding(
            f"s3://{bucket}/{prefix}",
            partial(_count, s3, bucket, prefix),
            partial(_empty, s3, bucket, prefix),
        )
        for prefix in PREFIXES
    ]


def _count(s3: Any, bucket: str, prefix: str) -> int:
    return sum(1 for _ in _versions(s3, bucket, prefix))


def _empty(s3: Any, bucket: str, prefix: str) -> None:
    """Delete the first page again and again: a listing that shrinks meanwhile may skip some."""
    before: list[dict[str, str]] = []
    while batch := list(islice(_versions(s3, bucket, prefix), MOST_AT_ONCE)):
        if batch == before:
            raise OperatorError(
                f"s3://{bucket}/{prefix}: {batch[0]['Key']} stays, though S3 reports no error",
                "look for an object lock or a policy, and run the command again",
            )
        _delete(s3, bucket, prefix, batch)
        before = batch


def _delete(s3: Any, bucket: str, prefix: str, batch: list[dict[str, str]]) -> None:
    doing = f"deleting s3://{bucket}/{prefix}"
    with aws_errors(doing):
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})
    if errors := answer.get("Errors"):
        first = errors[0]
        raise OperatorError(
            f"{doing}: {len(errors)} objects stay, the first is {first['Key']} ({first['Code']})",
            "allow s3:DeleteObjectVersion and run the command again",
        )


def _versions(s3: Any, bucket: str, prefix: str) -> Iterator[dict[str, str]]:
    """Key and version of every version and delete marker."""
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
    with aws_errors(f"listing s3://{bucket}/{prefix}"):
        for page in pages:
            for item in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                yield {"Key": item["Key"], "VersionId": item["VersionId"]}
