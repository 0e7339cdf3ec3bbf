"""Which runs are replayed, and what a replay of them cannot reach."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tonearm.errors import OperatorError
from tonearm.replay.runs import Bucket, PastRun, chosen_runs, left_to_earlier_runs

NAME = "bucket"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket=NAME)
        yield Bucket(s3, NAME)


def put(bucket: Bucket, key: str, document: dict[str, Any]) -> None:
    bucket.s3.put_object(Bucket=NAME, Key=key, Body=json.dumps(document).encode())


def put_run(bucket: Bucket, run_id: str, on: str, *, is_published: bool = True) -> None:
    put(bucket, f"raw/{run_id}/manifest.json", {"snapshot_date": on})
    put(bucket, f"raw/{run_id}/pages/part-00000.json.gz", {})
    if is_published:
        put(bucket, f"runs/{run_id}/manifest.json", {"attempt": 1})


def ids(runs: list[PastRun]) -> list[str]:
    return [run.run_id for run in runs]


def test_dates_choose_the_published_runs_between_them_oldest_first(bucket: Bucket) -> None:
    put_run(bucket, "r4", "2026-11-18")
    put_run(bucket, "r1", "2026-11-19")
    put_run(bucket, "r2", "2026-11-20")
    put_run(bucket, "r3", "2026-11-21")
    put_run(bucket, "r5", "2026-11-20", is_published=False)

    between = chosen_runs(bucket, "", date(2026, 11, 19), date(2026, 11, 20))

    assert ids(between) == ["r1", "r2"]
    assert ids(chosen_runs(bucket, "", None, date(2026, 11, 19))) == ["r4", "r1"]
    assert ids(chosen_runs(bucket, "", date(2026, 11, 21), None)) == ["r3"]


def test_a_named_run_need_not_have_published(bucket: Bucket) -> None:
    put_run(bucket, "r5", "2026-11-20", is_published=False)

    [run] = chosen_runs(bucket, "r5", None, None)

    assert (run.snapshot_date, run.published) == ("2026-11-20", None)


def test_no_run_is_said_in_one_line(bucket: Bucket) -> None:
    with pytest.raises(OperatorError, match="run r9 has no raw data"):
        chosen_runs(bucket, "r9", None, None)
    with pytest.raises(OperatorError, match="between 2026-11-19 and today"):
        chosen_runs(bucket, "", date(2026, 11, 19), None)


def past(run_id: str, read: list[str], unchanged: list[str]) -> PastRun:
    raw = {
        "playlists": [{"source": source} for source in read],
        "unchanged": [{"source": source} for source in unchanged],
    }
    return PastRun(run_id, raw, None)


def test_a_source_last_read_before_these_runs_is_left_to_earlier_ones() -> None:
    runs = [past("r1", ["a"], ["b"]), past("r2", ["c"], ["a", "b"])]

    assert left_to_earlier_runs(runs) == {"b"}
    assert left_to_earlier_runs([past("r0", ["b"], []), *runs]) == set()
