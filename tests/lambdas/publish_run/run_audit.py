"""Spoil a sound run in every way there is and see each caught, at its step and by its name.

uv run python tests/lambdas/publish_run/run_audit.py
"""

import logging
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT), str(ROOT / "glue_jobs"), str(ROOT / "lambdas")]

import boto3  # noqa: E402
from moto import mock_aws  # noqa: E402

from tests.lambdas.local_aws import BUCKET, TABLE, FakeClock, make_stores  # noqa: E402
from tests.lambdas.publish_run.conftest import DATABASE, publishing_over  # noqa: E402
from tests.lambdas.publish_run.corruptions import CASES, Verdict, judge  # noqa: E402
from tests.lambdas.publish_run.spoilt import Case  # noqa: E402
from tonearm_pipeline.json_store import JsonStore  # noqa: E402
from tonearm_pipeline.state.table import StateTable  # noqa: E402

_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "eu-central-1",
}
_WIDTH = 120


def main() -> int:
    """Judge every case, print the table and the sum; 0 when all were caught."""
    os.environ.pop("AWS_ENDPOINT_URL", None)
    os.environ.update(_ENVIRONMENT)
    logging.disable(logging.CRITICAL)
    _show("corruption", "caught in", "name given")
    caught = 0
    for case in CASES:
        verdict = _verdict(case)
        caught += not verdict.wrong
        _show(case.id, verdict.step or "-", verdict.wrong or verdict.said)
    print(f"audit: {caught} of {len(CASES)} caught")
    return 0 if caught == len(CASES) else 1


def _show(corruption: str, step: str, name: str) -> None:
    shown = name if len(name) <= _WIDTH else f"{name[:_WIDTH]}…"
    print(f"{corruption:<38} {step:<11} {shown}", flush=True)


def _verdict(case: Case) -> Verdict:
    with mock_aws():
        make_stores()
        boto3.client("glue").create_database(DatabaseInput={"Name": DATABASE})
        store = JsonStore(boto3.client("s3"), BUCKET)
        table = StateTable(boto3.client("dynamodb"), TABLE)
        return judge(publishing_over(store, table, FakeClock()), store, case)


if __name__ == "__main__":
    sys.exit(main())
