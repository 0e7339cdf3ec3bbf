"""Names in the in-memory AWS of these tests, and a clock that a test moves."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

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


def make_stores() -> None:
    """Create the empty bucket and the empty table."""
    boto3.client("s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    boto3.client("dynamodb").create_table(
        TableName=TABLE,
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
