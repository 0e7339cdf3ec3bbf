"""What the tests of replays do to the local cloud: change a rule of the jobs, load afresh."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.e2e.local_cloud import Cloud
from tonearm.local import processes, tables
from tonearm.local.stack import SNOWFLAKE_DATABASE
from tonearm.warehouse.connect import connect
from tonearm.warehouse.deploy import apply_sql
from tonearm_glue.contract import ENTITIES

JOBS = ("albums", "artists", "songs")
PACKAGE = "--extra-py-files"
# What tells of the loads themselves differs between two loads of the same files: when rows came,
# and which attempts, whose files lie under curated/ no more, came before the present one.
OF_LOADS = {"mart.runs_and_freshness.csv", "core.rows_by_run.csv"}
PURGE = f"execute task {SNOWFLAKE_DATABASE}.ops.purge"


@contextmanager
def changed_rules(cloud: Cloud, edits: Mapping[str, tuple[str, str]]) -> Iterator[None]:
    """Let the jobs run with an edited package, as after a deploy; afterwards with the old one.

    Args:
        cloud: the local cloud.
        edits: per module of the package, a text that stands there once and what replaces it.
    """
    glue, s3 = cloud.stack.client("glue"), cloud.stack.client("s3")
    bucket = cloud.stack.outputs["Bucket"]
    names = [f"tonearm-local-{job}" for job in JOBS]
    before = {name: glue.get_job(JobName=name)["Job"]["DefaultArguments"] for name in names}
    key = before[names[0]][PACKAGE].removeprefix(f"s3://{bucket}/")
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    changed_key = "assets/glue/changed.zip"
    s3.put_object(Bucket=bucket, Key=changed_key, Body=edited_package(body, edits))
    try:
        for name, arguments in before.items():
            new = {**arguments, PACKAGE: f"s3://{bucket}/{changed_key}"}
            glue.update_job(JobName=name, JobUpdate={"DefaultArguments": new})
        yield
    finally:
        for name, arguments in before.items():
            glue.update_job(JobName=name, JobUpdate={"DefaultArguments": arguments})


def edited_package(package: bytes, edits: Mapping[str, tuple[str, str]]) -> bytes:
    """The zip with these modules edited; each edit must find its place."""
    sink, left = io.BytesIO(), dict(edits)
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(sink, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            if name in left:
                was, becomes = (text.encode() for text in left.pop(name))
                assert body.count(was) == 1, name
                body = body.replace(was, becomes)
            new.writestr(name, body)
    assert not left
    return sink.getvalue()


def fresh_load(cloud: Cloud, folder: Path) -> dict[str, str]:
    """What an empty warehouse holds after it has loaded all that lies under curated/.

    Rows older than the retention go, as they do in a warehouse at each run of the present.
    """
    port = processes.free_port()
    arguments = ["tonearm.local.snowflake_server", "--port", str(port)]
    arguments += ["--data", str(folder / "data")]
    arguments += ["--s3-endpoint", f"127.0.0.1:{cloud.stack.ports.aws}"]
    arguments += ["--notification-channel", "arn:aws:sqs:us-east-1:000000000000:nobody"]
    service = processes.start("fresh Snowflake", arguments, folder, cloud.stack.aws_env)
    try:
        service.wait_until(lambda: processes.listens(port))
        with connect(replace(cloud.stack.warehouse, port=port)) as connection:
            apply_sql(connection, cloud.stack.sql_values())
            for entity in ENTITIES:
                pipe = f"{SNOWFLAKE_DATABASE}.landing.{entity.name}_pipe"
                _run(connection, f"alter pipe {pipe} refresh")
            _run(connection, PURGE)
            written = tables.export(connection, SNOWFLAKE_DATABASE, folder / "exported")
    finally:
        service.stop()
    return timeless({path.name: path.read_text() for path in written})


def timeless(exported: dict[str, str]) -> dict[str, str]:
    """Exported tables without those that tell of loads."""
    return {name: text for name, text in exported.items() if name not in OF_LOADS}


def _run(connection: Any, sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
