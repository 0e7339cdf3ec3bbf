"""Everything a session leaves behind that somebody could read, as text by place."""

import gzip
import io
import json
from collections.abc import Iterator
from typing import NamedTuple

import pyarrow.parquet as pq

from tests.e2e.local_cloud import Cloud

NO_COLUMN = ("", "")


class Trace(NamedTuple):
    """One place and what stands there.

    Attributes:
        place: S3 key, log stream, file or execution.
        text: all of it.
        column: entity and column of a Parquet file, whose columns are traces of their own.
    """

    place: str
    text: str
    column: tuple[str, str] = NO_COLUMN


def log_traces(cloud: Cloud) -> Iterator[Trace]:
    """Every event of every CloudWatch log group."""
    logs = cloud.stack.client("logs")
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            name = group["logGroupName"]
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=name)
            lines = [event["message"] for one in pages for event in one["events"]]
            yield Trace(name, "\n".join(lines))


def file_traces(cloud: Cloud) -> Iterator[Trace]:
    """The log files of all local processes."""
    for path in sorted(cloud.stack.folder.rglob("*.log")):
        yield Trace(str(path), path.read_text(errors="replace"))


def history_traces(cloud: Cloud) -> Iterator[Trace]:
    """Input, output, error and every event of every execution."""
    client = cloud.stack.client("stepfunctions")
    machine = cloud.stack.outputs["StateMachineArn"]
    for page in client.get_paginator("list_executions").paginate(stateMachineArn=machine):
        for execution in page["executions"]:
            arn = execution["executionArn"]
            pages = client.get_paginator("get_execution_history").paginate(executionArn=arn)
            events = [event for one in pages for event in one["events"]]
            told = [client.describe_execution(executionArn=arn), *events]
            yield Trace(arn, json.dumps(told, default=str, ensure_ascii=False))


def object_traces(cloud: Cloud) -> Iterator[Trace]:
    """Every object of the bucket; a Parquet file column by column."""
    s3, bucket = cloud.stack.client("s3"), cloud.stack.outputs["Bucket"]
    for key in cloud.keys(""):
        body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        if key.endswith(".parquet"):
            yield from _column_traces(key, body)
        else:
            body = gzip.decompress(body) if key.endswith(".gz") else body
            yield Trace(key, body.decode(errors="replace"))


def load_traces(cloud: Cloud, entities: set[str]) -> Iterator[Trace]:
    """What the warehouse says of the loads: statuses, errors and where they stand."""
    for entity in sorted(entities):
        lines = cloud.query(
            "select * from table(tonearm.information_schema.copy_history("
            f"table_name => 'TONEARM.LANDING.{entity.upper()}',"
            " start_time => dateadd('hour', -2, current_timestamp())))"
        )
        yield Trace(f"load history of {entity}", json.dumps(lines, default=str))


def _column_traces(key: str, body: bytes) -> Iterator[Trace]:
    table = pq.read_table(io.BytesIO(body))
    entity = key.split("/")[3 if key.startswith("staged/") else 1]
    for name in table.column_names:
        values = table.column(name).to_pylist()
        yield Trace(key, json.dumps(values, default=str, ensure_ascii=False), (entity, name))
