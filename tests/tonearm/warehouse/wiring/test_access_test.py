"""The test read, over the answers SYSTEM$VALIDATE_STORAGE_INTEGRATION is documented to give."""

import json
from typing import Any

import pytest

from tests.tonearm.warehouse.wiring.local_sides import LocalSides
from tonearm.warehouse.wiring.access_test import read_test
from tonearm.warehouse.wiring.options import Names
from tonearm.warehouse.wiring.session import Account, RefusedError

NAMES = Names("TONEARM", "TONEARM_WH")
KEY = "curated/albums/snapshot_date=2024-05-01/a.parquet"
SUCCESS = {"status": "success", "actions": {"LIST": {"status": "success"}}}


class Answering(Account):
    """Gives the answers in turn; remembers the calls."""

    def __init__(self, *answers: dict[str, Any] | RefusedError) -> None:
        super().__init__(None)
        self.answers = list(answers)
        self.asked: list[str] = []

    def rows(self, sql: str) -> list[dict[str, Any]]:
        self.asked.append(sql)
        answer = self.answers.pop(0)
        if isinstance(answer, RefusedError):
            raise answer
        return [{"answer": json.dumps(answer)}]


def test_the_bucket_is_listed_and_a_file_is_opened() -> None:
    account = Answering(SUCCESS, SUCCESS)

    test = read_test(account, NAMES, "b", KEY)

    assert test.findings == []
    assert test.is_checked
    assert "'TONEARM_S3', 's3://b/curated/', 'no-such-file', 'list'" in account.asked[0]
    file = "albums/snapshot_date=2024-05-01/a.parquet"
    assert f"'TONEARM_S3', 's3://b/curated/', '{file}', 'read'" in account.asked[1]


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "failure", "message": "no trust"},
        {"status": "failure", "actions": {"LIST": {"status": "failure", "message": "no trust"}}},
        {"status": "failure", "actions": [{"status": "failure", "message": "no trust"}]},
        {
            "status": "failure",
            "actions": {"LIST": {"status": "failure", "message": "no trust"}},
            "message": "Some of the integration checks failed.",
        },
    ],
)
def test_a_failed_read_is_a_finding_with_its_reason(answer: dict[str, Any]) -> None:
    (finding,) = read_test(Answering(answer), NAMES, "b", "").findings

    assert finding.what == "Snowflake cannot read: list s3://b/curated/: no trust"
    assert finding.fix


def test_an_account_without_the_function_is_not_checked() -> None:
    test = read_test(Answering(RefusedError("Unknown function", 2140, "x")), NAMES, "b", "")

    assert not test.is_checked
    assert test.findings == []
    assert "not checked" in test.told


def test_a_refusal_is_a_finding() -> None:
    test = read_test(Answering(RefusedError("not authorized", 3001, "x")), NAMES, "b", "")

    assert "not authorized" in test.findings[0].what


@pytest.mark.parametrize(
    ("message", "fix"),
    [
        ("Location 's3://b/curated/' is not allowed by integration", "sets the integration's"),
        ("Integration 'TONEARM_S3' is disabled", "enables the integration"),
        ("Error assuming AWS_ROLE: User is not authorized: sts:AssumeRole", "trust written again"),
        ("Access Denied (Status Code: 403; Error Code: AccessDenied)", "lacks s3:ListBucket"),
        ("AccessDenied: not authorized to perform kms:Decrypt", "decrypt with the bucket's key"),
        ("The bucket does not exist (404; NoSuchBucket)", "deploy the stack that owns the bucket"),
        ("NoSuchKey (Status Code: 404)", "was deleted meanwhile"),
        ("something new", "look at the role's trust and policy"),
    ],
)
def test_a_failure_is_explained_with_what_heals_it(message: str, fix: str) -> None:
    answer = {"status": "failure", "actions": {"LIST": {"status": "failure", "message": message}}}

    (finding,) = read_test(Answering(answer), NAMES, "b", "").findings

    assert message in finding.what
    assert fix in finding.fix


def test_the_local_server_takes_no_path_below_an_allowed_location(wired: LocalSides) -> None:
    """As the page has it: the path must be a URL in the integration's list."""
    call = "select system$validate_storage_integration('TONEARM_S3', '{}', 'x', 'list') as told"
    bucket = wired.stack.output("Bucket")

    told = [
        json.loads(wired.rows(call.format(f"s3://{bucket}/{path}"))[0]["told"])
        for path in ("curated/", "curated/albums/")
    ]

    assert [each["status"] for each in told] == ["success", "failure"]
    assert "is not allowed" in told[1]["actions"]["LIST"]["message"]
