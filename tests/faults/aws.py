"""An AWS in memory for the stacks of these tests."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import boto3
from moto import mock_aws

from tests.lambdas.local_aws import REGION, SECRET


@dataclass(frozen=True)
class Aws:
    """The clients of an AWS in memory."""

    s3: Any
    dynamodb: Any
    secretsmanager: Any


@contextmanager
def an_aws() -> Iterator[Aws]:
    """An AWS in memory with an empty secret."""
    fake_keys = dict.fromkeys(
        ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"), "testing"
    )
    with patch.dict(os.environ, fake_keys | {"AWS_DEFAULT_REGION": REGION}), mock_aws():
        for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
            os.environ.pop(name, None)
        aws = Aws(boto3.client("s3"), boto3.client("dynamodb"), boto3.client("secretsmanager"))
        aws.secretsmanager.create_secret(Name=SECRET)
        yield aws
