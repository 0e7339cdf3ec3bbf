"""Files of earlier attempts go, those of this attempt, of later ones and of other runs stay."""

from typing import Any

import boto3
import pytest

from record_run.old_attempts import Superseded
from tests.lambdas.local_aws import BUCKET
from tonearm_pipeline.keys import curated_key, quarantine_key

RUN_ID = "20261120T090000Z-abc123"
OTHER = "20261120T100000Z-def456"
DATE = "2026-11-20"


@pytest.fixture
def s3(aws: None) -> Any:
    return boto3.client("s3")


def keys_in(s3: Any) -> set[str]:
    return {item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])}


def test_only_files_of_earlier_attempts_of_the_run_are_removed(s3: Any) -> None:
    earlier = {
        curated_key("albums", DATE, RUN_ID, 1, 0),
        curated_key("albums", DATE, RUN_ID, 1, 1),
        curated_key("songs", DATE, RUN_ID, 2, 0),
        quarantine_key("songs", DATE, RUN_ID, 1, 0),
    }
    stay = {
        curated_key("albums", DATE, RUN_ID, 3, 0),
        curated_key("albums", DATE, RUN_ID, 12, 0),
        curated_key("albums", DATE, OTHER, 1, 0),
        curated_key("albums", "2026-11-21", RUN_ID, 1, 0),
        f"staged/{RUN_ID}/1/albums/part.parquet",
    }
    for key in earlier | stay:
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    superseded = Superseded(s3, BUCKET)

    assert superseded.remove(RUN_ID, DATE, 3) == len(earlier)
    assert keys_in(s3) == stay
    assert superseded.remove(RUN_ID, DATE, 3) == 0


def test_a_first_attempt_supersedes_nothing(s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key=curated_key("albums", DATE, RUN_ID, 1, 0), Body=b"x")

    assert Superseded(s3, BUCKET).remove(RUN_ID, DATE, 1) == 0
    assert len(keys_in(s3)) == 1
