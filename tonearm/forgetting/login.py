"""The login to Spotify: the refresh token goes, the app's own id and secret stay."""

import json
from typing import Any

from botocore.exceptions import ClientError

from tonearm.forgetting.holding import Holding, aws_errors

FORGOTTEN = ("refresh_token", "authorized_at", "scope")


def login_holding(secrets: Any, arn: str) -> Holding:
    """The token in the stack's secret."""
    return Holding(
        "Spotify login", lambda: int(_has_token(secrets, arn)), lambda: _forget(secrets, arn)
    )


def _has_token(secrets: Any, arn: str) -> bool:
    return any(
        "refresh_token" in _fields(secrets, arn, stage) for stage in ("AWSCURRENT", "AWSPREVIOUS")
    )


def _forget(secrets: Any, arn: str) -> None:
    """Write what is left twice: after one write the token would still be the previous version.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
    """
    fields = _fields(secrets, arn, "AWSCURRENT")
    left = {name: value for name, value in fields.items() if name not in FORGOTTEN}
    with aws_errors("deleting the Spotify login"):
        for _ in range(2):
            secrets.put_secret_value(SecretId=arn, SecretString=json.dumps(left))


def _fields(secrets: Any, arn: str, stage: str) -> dict[str, Any]:
    with aws_errors("reading the Spotify login"):
        try:
            text = secrets.get_secret_value(SecretId=arn, VersionStage=stage)["SecretString"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return {}  # never logged in, or no such version
            raise
    found = json.loads(text or "{}")
    return found if isinstance(found, dict) else {}
