"""What AWS really has: the roles' trust, the bucket's notifications, the key in the secret."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tonearm.errors import OperatorError
from tonearm.stack import Clients, Stack
from tonearm.warehouse.keys import KeyPair, key_pair_of

PREFIX, SUFFIX = "curated/", ".parquet"
EVENT = "s3:ObjectCreated:*"
_DENIED = {"AccessDenied", "AccessDeniedException", "AllAccessDisabled"}
_EMPTY = {"ResourceNotFoundException", "NoSuchEntity"}


@dataclass(frozen=True)
class AwsSide:
    """The AWS resources of the wiring; None is what this operator may not see.

    Attributes:
        read_trust: the trust policy of the role that reads the bucket.
        notify_trust: the trust policy of the role that tells of refused files.
        notifications: the bucket's queue configurations.
        key: the key pair in the secret; None when it is empty or holds no key.
        is_secret_empty: whether the secret has no value at all.
    """

    read_trust: Mapping[str, Any] | None
    notify_trust: Mapping[str, Any] | None
    notifications: Sequence[Mapping[str, Any]] | None
    key: KeyPair | None
    is_secret_empty: bool


def read_aws(clients: Clients, stack: Stack) -> AwsSide:
    """Read them.

    Raises:
        OperatorError: the secret may not be read, or AWS cannot be reached.
    """
    secret = _secret_text(clients("secretsmanager"), stack.output("SnowflakeKeySecretArn"))
    return AwsSide(
        _trust(clients("iam"), stack.output("SnowflakeReadRoleArn")),
        _trust(clients("iam"), stack.output("SnowflakeNotifyRoleArn")),
        _notifications(clients("s3"), stack.output("Bucket")),
        _key(secret),
        not secret,
    )


def trusts(policy: Mapping[str, Any], principal: str, external_id: str) -> bool:
    """Whether a trust policy lets this principal assume the role with this external id."""
    return any(
        statement.get("Effect") == "Allow"
        and "sts:AssumeRole" in _listed(statement.get("Action"))
        and principal in _listed(_aws_principals(statement))
        and external_id in _external_ids(statement)
        for statement in policy.get("Statement", [])
    )


def notifies(configurations: Sequence[Mapping[str, Any]], queue_arn: str) -> bool:
    """Whether new Parquet files under curated/ are told to this queue."""
    return any(
        configuration["QueueArn"] == queue_arn
        and EVENT in configuration["Events"]
        and _filter(configuration) == {"prefix": PREFIX, "suffix": SUFFIX}
        for configuration in configurations
    )


def put_key(clients: Clients, stack: Stack, key: KeyPair) -> None:
    """Keep the private key where the functions read it.

    Raises:
        OperatorError: the secret may not be written, or AWS cannot be reached.
    """
    arn = stack.output("SnowflakeKeySecretArn")
    try:
        clients("secretsmanager").put_secret_value(
            SecretId=arn, SecretString=key.private_pem.decode()
        )
    except (BotoCoreError, ClientError) as error:
        raise _unusable("the secret of the private key cannot be written", error) from error


def _trust(iam: Any, role_arn: str) -> Mapping[str, Any] | None:
    name = role_arn.rsplit("/", 1)[-1]
    role = _seen(lambda: iam.get_role(RoleName=name)["Role"], f"role {name}")
    if role is None:
        return None
    policy: Mapping[str, Any] = role["AssumeRolePolicyDocument"]
    return policy


def _notifications(s3: Any, bucket: str) -> Sequence[Mapping[str, Any]] | None:
    found = _seen(
        lambda: s3.get_bucket_notification_configuration(Bucket=bucket), f"bucket {bucket}"
    )
    return None if found is None else found.get("QueueConfigurations", [])


def _secret_text(secretsmanager: Any, arn: str) -> str:
    try:
        return str(secretsmanager.get_secret_value(SecretId=arn).get("SecretString", ""))
    except ClientError as error:
        if error.response["Error"]["Code"] in _EMPTY:
            return ""
        raise _unusable("the secret of the private key cannot be read", error) from error
    except BotoCoreError as error:
        raise _unusable("the secret of the private key cannot be read", error) from error


def _key(secret: str) -> KeyPair | None:
    try:
        return key_pair_of(secret.strip().encode())
    except ValueError:
        return None


def _seen[T](read: Callable[[], T], what: str) -> T | None:
    try:
        return read()
    except ClientError as error:
        if error.response["Error"]["Code"] in _DENIED:
            return None
        raise _unusable(f"{what} cannot be read", error) from error
    except BotoCoreError as error:
        raise _unusable(f"{what} cannot be read", error) from error


def _unusable(what: str, error: Exception) -> OperatorError:
    return OperatorError(f"{what} ({error})", "check the AWS credentials, region and permissions")


def _aws_principals(statement: Mapping[str, Any]) -> Any:
    principal = statement.get("Principal", {})
    return principal.get("AWS", []) if isinstance(principal, Mapping) else principal


def _external_ids(statement: Mapping[str, Any]) -> list[str]:
    condition = statement.get("Condition", {}).get("StringEquals", {})
    return _listed(condition.get("sts:ExternalId", []))


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])


def _filter(configuration: Mapping[str, Any]) -> dict[str, str]:
    rules = configuration.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    return {rule["Name"].lower(): rule["Value"] for rule in rules}
