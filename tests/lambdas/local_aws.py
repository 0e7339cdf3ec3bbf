"""Names in the in-memory AWS of these tests, and a clock that a test moves."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import boto3
import pytest

REGION: Final = "eu-central-1"
BUCKET = "tonearm-test"
TABLE = "tonearm-state"
SECRET = "tonearm/spotify"
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class FakeClock:
    """A clock that only moves when somebody waits or a test moves it."""

    def __init__(self) -> None:
        self.moment = START
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.move(seconds=seconds)

    def move(self, **amount: float) -> None:
        self.moment += timedelta(**amount)


def use_test_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let clients sign with made-up keys, and reach no real AWS by any setting of this machine."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)


def make_stores() -> None:
    """Create the empty bucket and the empty table."""
    boto3.client("s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    create_state_table(boto3.client("dynamodb"), TABLE)


def create_state_table(dynamodb: Any, name: str) -> None:
    """Create an empty table with the keys of the stack's."""
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
    )


def put_secret(fields: dict[str, Any]) -> None:
    client = boto3.client("secretsmanager")
    text = json.dumps(fields)
    try:
        client.create_secret(Name=SECRET, SecretString=text)
    except client.exceptions.ResourceExistsException:
        client.put_secret_value(SecretId=SECRET, SecretString=text)


def read_secret() -> dict[str, Any]:
    answer = boto3.client("secretsmanager").get_secret_value(SecretId=SECRET)
    fields: dict[str, Any] = json.loads(answer["SecretString"])
    return fields
