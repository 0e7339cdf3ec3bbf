"""JSON objects in one S3 bucket, with AWS failures told apart by what to do next."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from tonearm_pipeline.errors import AwsRefusedError, StorageUnavailableError

if TYPE_CHECKING:  # the stubs are not in the Lambda package
    from mypy_boto3_s3 import S3Client

_MISSING: Final = frozenset({"NoSuchKey", "404"})
# S3 answers a lost If-None-Match race with 412, or 409 while the other write is under way.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
_EXISTS: Final = frozenset({"PreconditionFailed", "412"})
_RETRYABLE: Final = frozenset(
    {
        "ConditionalRequestConflict",
        "InternalError",
        "InternalServerError",
        "InternalServiceError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "ThrottlingException",
        "TransactionConflictException",
    }
)
_SERVER_ERROR: Final = 500


@contextmanager
def storage_errors(what: str) -> Iterator[None]:
    """Tell what AWS did not do apart by whether trying again can help.

    Args:
        what: what was being done and with which resource, for the message.

    Raises:
        StorageUnavailableError: AWS did not answer, or asked to slow down.
        AwsRefusedError: AWS refused, and will again: a policy or a resource is missing.
    """
    try:
        yield
    except ClientError as exc:
        code = error_code(exc)
        if _is_retryable(exc):
            raise StorageUnavailableError(f"{what}: {code}") from exc
        message = str(exc.response.get("Error", {}).get("Message", ""))
        raise AwsRefusedError(what, exc.operation_name, code, message) from exc
    except BotoCoreError as exc:
        raise StorageUnavailableError(f"{what}: {type(exc).__name__}") from exc


def error_code(exc: ClientError) -> str:
    """Return AWS's own code for an error."""
    return str(exc.response.get("Error", {}).get("Code", ""))


def as_json(value: object) -> bytes:
    """Return compact UTF-8 JSON with keys in the order they have."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


class JsonStore:
    """Reads and writes objects of one bucket."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self.s3 = s3
        self.bucket = bucket

    def get(self, key: str) -> Any:
        """Return the parsed object, or None when there is none."""
        body = self.get_bytes(key)
        return None if body is None else json.loads(body)

    def put(self, key: str, value: object) -> None:
        """Write the object, replacing an older one."""
        with storage_errors(f"write {self._name(key)}"):
            self.s3.put_object(
                Bucket=self.bucket, Key=key, Body=as_json(value), ContentType="application/json"
            )

    def get_with_etag(self, key: str) -> tuple[Any, str] | None:
        """Return the parsed object and its ETag, or None when there is none."""
        with storage_errors(f"read {self._name(key)}"):
            try:
                answer = self.s3.get_object(Bucket=self.bucket, Key=key)
                return json.loads(answer["Body"].read()), answer["ETag"]
            except ClientError as exc:
                if error_code(exc) in _MISSING:
                    return None
                raise

    def put_if_unchanged(self, key: str, value: object, etag: str | None) -> str | None:
        """Replace the object only if it is still the one that was read.

        Args:
            key: the object's key.
            value: what to write, as JSON.
            etag: the ETag that was read; None when there was no object.

        Returns:
            The new ETag, or None when somebody else wrote in between.
        """
        condition: Any = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        with storage_errors(f"write {self._name(key)}"):
            try:
                answer = self.s3.put_object(
                    Bucket=self.bucket,
                    Key=key,
                    Body=as_json(value),
                    ContentType="application/json",
                    **condition,
                )
            except ClientError as exc:
                if error_code(exc) in _EXISTS | _MISSING:
                    return None
                raise
        return answer["ETag"]

    def put_once(self, key: str, value: object) -> bool:
        """Write the object unless the key exists; return whether this call wrote it."""
        return self.put_bytes_once(key, as_json(value), "application/json")

    def get_bytes(self, key: str) -> bytes | None:
        """Return the object's bytes, or None when there is none."""
        with storage_errors(f"read {self._name(key)}"):
            try:
                return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
            except ClientError as exc:
                if error_code(exc) in _MISSING:
                    return None
                raise

    def put_bytes_once(self, key: str, body: bytes, content_type: str) -> bool:
        """Write bytes unless the key exists; return whether this call wrote them."""
        with storage_errors(f"write {self._name(key)}"):
            try:
                self.s3.put_object(
                    Bucket=self.bucket,
                    Key=key,
                    Body=body,
                    ContentType=content_type,
                    IfNoneMatch="*",
                )
            except ClientError as exc:
                if error_code(exc) in _EXISTS:
                    return False
                raise
        return True

    def _name(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"


def _is_retryable(exc: ClientError) -> bool:
    status = exc.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error_code(exc) in _RETRYABLE or status >= _SERVER_ERROR
