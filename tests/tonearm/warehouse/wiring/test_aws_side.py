"""Trust policies and notifications as AWS gives them, and what an operator may not see."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from tonearm.errors import OperatorError
from tonearm.stack import Stack
from tonearm.warehouse.keys import new_key_pair
from tonearm.warehouse.wiring import aws_checks
from tonearm.warehouse.wiring.aws_side import notifies, read_aws, trusts

USER = "arn:aws:iam::111111111111:user/abc1-s"
QUEUE = "arn:aws:sqs:eu-west-1:222222222222:sf-snowpipe-x"
OUTPUTS = {
    "Bucket": "b",
    "SnowflakeReadRoleArn": "arn:aws:iam::1:role/t-snowflake-read",
    "SnowflakeNotifyRoleArn": "arn:aws:iam::1:role/t-snowflake-notify",
    "SnowflakeKeySecretArn": "arn:secret",
}


def a_statement(**overrides: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"AWS": USER},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "ours"}},
        **overrides,
    }


class Policy(NamedTuple):
    """One statement, and whether it lets our principal in."""

    id: str
    statement: Mapping[str, Any]
    is_trusting: bool


POLICIES = [
    Policy("as-deployed", a_statement(), True),
    Policy("lists", a_statement(Principal={"AWS": [USER]}, Action=["sts:AssumeRole"]), True),
    Policy("denies", a_statement(Effect="Deny"), False),
    Policy("another-principal", a_statement(Principal={"AWS": USER + "x"}), False),
    Policy("deleted-principal", a_statement(Principal={"AWS": "AIDAEXAMPLE"}), False),
    Policy("a-service", a_statement(Principal={"Service": "glue.amazonaws.com"}), False),
    Policy("no-condition", a_statement(Condition={}), False),
    Policy(
        "another-id",
        a_statement(Condition={"StringEquals": {"sts:ExternalId": ["a", "b"]}}),
        False,
    ),
]


@pytest.mark.parametrize("case", POLICIES, ids=[case.id for case in POLICIES])
def test_a_role_trusts_only_the_principal_with_the_external_id(case: Policy) -> None:
    assert trusts({"Statement": [case.statement]}, USER, "ours") is case.is_trusting


def a_configuration(**overrides: Any) -> dict[str, Any]:
    rules = [{"Name": "Prefix", "Value": "curated/"}, {"Name": "Suffix", "Value": ".parquet"}]
    return {
        "QueueArn": QUEUE,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": rules}},
        **overrides,
    }


def test_a_notification_needs_queue_event_and_filter() -> None:
    assert notifies([a_configuration()], QUEUE)
    assert not notifies([], QUEUE)
    assert not notifies([a_configuration(QueueArn=QUEUE + "2")], QUEUE)
    assert not notifies([a_configuration(Events=["s3:ObjectCreated:Put"])], QUEUE)
    assert not notifies([a_configuration(Filter={})], QUEUE)


class Denying:
    """AWS for an operator who may read nothing but the secret."""

    def __init__(self, secret: str | None, code: str = "AccessDenied") -> None:
        self.secret = secret
        self.code = code

    def __call__(self, service: str) -> "Denying":
        return self

    def get_secret_value(self, **_: str) -> dict[str, str]:
        if self.secret is None:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetSecretValue")
        return {"SecretString": self.secret}

    def get_role(self, **_: str) -> dict[str, Any]:
        raise ClientError({"Error": {"Code": self.code}}, "GetRole")

    def get_bucket_notification_configuration(self, **_: str) -> dict[str, Any]:
        raise ClientError({"Error": {"Code": self.code}}, "GetBucketNotificationConfiguration")


STACK = Stack("t", "arn:stack/t/uuid", "CREATE_COMPLETE", {}, OUTPUTS)


def test_what_may_not_be_seen_is_said_to_be_unchecked() -> None:
    aws = read_aws(Denying(new_key_pair().private_pem.decode()), STACK)

    assert aws.key is not None
    trust, notification = aws_checks.unseen(aws)
    assert "trust policies: not checked" in trust
    assert "bucket notification: not checked" in notification


def test_a_resource_that_is_gone_is_an_error() -> None:
    with pytest.raises(OperatorError, match="role t-snowflake-read cannot be read"):
        read_aws(Denying("", code="NoSuchEntity"), STACK)


@pytest.mark.parametrize(("secret", "is_empty"), [(None, True), ("", True), ("changeme", False)])
def test_a_secret_without_a_key_is_told_from_an_empty_one(
    secret: str | None, is_empty: bool
) -> None:
    aws = read_aws(Denying(secret), STACK)

    assert aws.key is None
    assert aws.is_secret_empty is is_empty
