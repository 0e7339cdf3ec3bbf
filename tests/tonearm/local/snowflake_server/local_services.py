"""Processes of the local runtime for tests: started on free ports, stopped at the end."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import snowflake.connector
from snowflake.connector import SnowflakeConnection

ROOT = Path(__file__).resolve().parents[4]
START_SECONDS = 60.0  # far more than it takes, for a machine that is busy


@contextmanager
def process(module: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A Python module as a process; asked to stop, then made to."""
    started = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        try:
            started.communicate(timeout=START_SECONDS)
        except subprocess.TimeoutExpired:
            started.kill()
            started.communicate()


def first_line(started: "subprocess.Popen[str]") -> str:
    """The first line a process prints."""
    assert started.stdout is not None
    line = started.stdout.readline().strip()
    assert line, started.communicate()[1]
    return line


@contextmanager
def snowflake_server(*arguments: str) -> Iterator[int]:
    """A local Snowflake; its port."""
    module = "tonearm.local.snowflake_server"
    with process(module, "--port", "0", *arguments) as started:
        yield int(first_line(started).rsplit(":", maxsplit=1)[-1])


@contextmanager
def session(port: int, **options: Any) -> Iterator[SnowflakeConnection]:
    """A connector session on a local Snowflake, by default as an unknown user."""
    given: dict[str, Any] = {"account": "local", "user": "admin", "password": "any", **options}
    connection = snowflake.connector.connect(
        host="127.0.0.1",
        port=port,
        protocol="http",
        login_timeout=20,
        network_timeout=20,
        **given,
    )
    try:
        yield connection
    finally:
        connection.close()


def fetched(connection: SnowflakeConnection, sql: str) -> list[Any]:
    """All rows of a query."""
    cursor = connection.cursor()
    cursor.execute(sql)
    return list(cursor.fetchall())


@contextmanager
def local_aws() -> Iterator[str]:
    """S3 and SQS of the local cloud; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"GATEWAY_PORT": str(port), "SERVICES": "s3,sqs"}
    started = subprocess.Popen(
        [sys.executable, "-m", "ministack"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/_ministack/health")
        yield address
    finally:
        started.terminate()
        started.wait(START_SECONDS)


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def aws_client(service: Any, address: str) -> Any:
    """A client of the local cloud."""
    return boto3.client(
        service,
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
