"""Carries a Glue job's files between the local S3 and the folders its `s3://` paths lead to.

Spark reads and writes `s3://bucket/…` through Hadoop's own overlay file system, which sends each
first path part to a local folder. What the arguments name is downloaded before the script runs, and
what the script wrote is uploaded through the S3 API afterwards, so events fire as on AWS.
"""

import os
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client

PY_FILES = "--extra-py-files"
INPUTS = ("--raw", "--manifest")
OUTPUTS = ("--staged",)
LOG_PREFIX = "--custom-logGroup-prefix"


@cache
def _s3() -> "S3Client":
    return boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])


@cache
def _logs() -> "CloudWatchLogsClient":
    return boto3.client("logs", endpoint_url=os.environ["AWS_ENDPOINT_URL"])


def stage_in(root: Path, args: dict[str, Any]) -> None:
    """Download every object under the job's inputs and its Python files."""
    for bucket, prefix in _places(args, INPUTS):
        for key in _keys(bucket, prefix):
            _download(bucket, key, _local(root, bucket, key))
    for uri in str(args.get(PY_FILES, "")).split(","):
        if uri:
            bucket, key = _split(uri)
            _download(bucket, key, _local(root, bucket, key))
    for targets in mounts(root, args).values():
        for folder in targets.values():
            Path(folder).mkdir(parents=True, exist_ok=True)


def fetch_script(root: Path, uri: str) -> Path:
    """Download a job's script into a file of this run alone."""
    bucket, key = _split(uri)
    path = root / "script" / Path(key).name
    _download(bucket, key, path)
    return path


def stage_out(root: Path, args: dict[str, Any]) -> None:
    """Make each output prefix in S3 hold what the script wrote into the folders it wrote.

    A job that overwrites its own folder leaves other names behind it, so what stands in S3 under a
    folder it wrote, and is not there now, is removed: just what the overwrite does on AWS.
    """
    for bucket, prefix in _places(args, OUTPUTS):
        folder = _local(root, bucket, prefix)
        written = {_key(root, bucket, path): path for path in _files(folder)}
        folders = {key.rpartition("/")[0] + "/" for key in written}
        for key in _keys(bucket, prefix):
            if key not in written and key.rpartition("/")[0] + "/" in folders:
                _s3().delete_object(Bucket=bucket, Key=key)
        for key, path in sorted(written.items()):
            _s3().upload_file(str(path), bucket, key)


def mounts(root: Path, args: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Per bucket, the local folder of each first path part that an argument names."""
    found: dict[str, dict[str, str]] = {}
    for bucket, key in _places(args, (*INPUTS, *OUTPUTS)):
        first = key.split("/", 1)[0]
        found.setdefault(bucket, {})[first] = str(root / "s3" / bucket / first)
    return found


def py_files(root: Path, args: dict[str, Any]) -> list[Path]:
    """Where the job's Python files were downloaded to."""
    uris = [uri for uri in str(args.get(PY_FILES, "")).split(",") if uri]
    return [_local(root, *_split(uri)) for uri in uris]


def ship_log(run_id: str, log: Path, args: dict[str, Any]) -> None:
    """Put what the script printed where Glue does: the driver's stream of the output group.

    https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html
    """
    prefix = str(args.get(LOG_PREFIX, ""))
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    if not prefix:
        return
    group, stream = f"{prefix}/output", f"{run_id}-driver"
    _logs().create_log_stream(logGroupName=group, logStreamName=stream)
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": line} for line in lines[-500:] if line]
    if events:
        _logs().put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)  # type: ignore[arg-type]


def _places(args: dict[str, Any], names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [_split(str(args[name])) for name in names if name in args]


def _split(uri: str) -> tuple[str, str]:
    parts = urlsplit(uri)
    return parts.netloc, parts.path.lstrip("/")


def _keys(bucket: str, prefix: str) -> list[str]:
    pages = _s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [item["Key"] for page in pages for item in page.get("Contents", [])]


def _download(bucket: str, key: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    _s3().download_file(bucket, key, str(path))


def _local(root: Path, bucket: str, key: str) -> Path:
    return root / "s3" / bucket / key


def _key(root: Path, bucket: str, path: Path) -> str:
    return str(path.relative_to(root / "s3" / bucket))


def _files(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file() and not p.name.endswith(".crc")]
