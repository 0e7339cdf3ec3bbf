"""The files behind a stage: listed, looked at and copied through the S3 API."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol


@dataclass(frozen=True)
class S3Access:
    """Where the S3 API answers and with which keys; the local cloud takes any."""

    endpoint: str = ""  # HOST:PORT
    region: str = "us-east-1"
    key_id: str = "test"
    secret: str = "test"  # noqa: S105 - the local cloud takes any key


@dataclass(frozen=True)
class StagedFile:
    """One object of a bucket."""

    url: str
    size: int
    content_key: str  # the ETag
    last_modified: datetime

    @property
    def key(self) -> str:
        """The path in the bucket, which is what METADATA$FILENAME holds."""
        return self.url.split("/", 3)[3]


class FileMissingError(Exception):
    """There is no such object."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(
            f"Remote file '{url}' was not found. There are several potential causes. The file might"
            " not exist. The required credentials may be missing or invalid."
        )


class Files(Protocol):
    """Anything that lists and looks up staged files."""

    def listed(self, prefix_url: str) -> Iterator[StagedFile]:
        """Every file whose URL starts with the given one."""

    def one(self, url: str) -> StagedFile:
        """One file; FileMissingError when there is no such object."""

    def local_copy(self, file: StagedFile) -> AbstractContextManager[str]:
        """A path at which a file can be read."""


class S3Files:
    """Reads what S3 says about objects."""

    def __init__(self, access: S3Access) -> None:
        self._access = access

    @cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3",
            endpoint_url=f"http://{self._access.endpoint}",
            region_name=self._access.region,
            aws_access_key_id=self._access.key_id,
            aws_secret_access_key=self._access.secret,
            config=Config(connect_timeout=5, read_timeout=30, retries={"max_attempts": 2}),
        )

    def listed(self, prefix_url: str) -> Iterator[StagedFile]:
        """Every file whose URL starts with the given one."""
        bucket, prefix = _parts(prefix_url)
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for page in pages:
            for item in page.get("Contents", ()):
                yield StagedFile(
                    f"s3://{bucket}/{item['Key']}",
                    int(item["Size"]),
                    str(item["ETag"]).strip('"'),
                    item["LastModified"],
                )

    def one(self, url: str) -> StagedFile:
        """One file.

        Raises:
            FileMissingError: there is no such object.
        """
        bucket, key = _parts(url)
        try:
            head = self._client.head_object(Bucket=bucket, Key=key)
        except self._client.exceptions.ClientError as exc:
            if exc.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound"):
                raise FileMissingError(url) from exc
            raise
        return StagedFile(
            url, int(head["ContentLength"]), str(head["ETag"]).strip('"'), head["LastModified"]
        )

    @contextmanager
    def local_copy(self, file: StagedFile) -> Iterator[str]:
        """A copy of a file on this disk, gone afterwards."""
        bucket, key = _parts(file.url)
        with TemporaryDirectory() as folder:
            path = Path(folder, key.rsplit("/", 1)[-1])
            self._client.download_file(bucket, key, str(path))
            yield str(path)


def _parts(url: str) -> tuple[str, str]:
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key
