"""The loop on the local cloud: real S3 events, the server's own pipes, the real connector."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from snowflake.connector.errors import OperationalError

from tests.snowflake.landing_rows import a_run, an_album
from tests.snowflake.local_account import VALUES, parquet
from tests.tonearm.local.snowflake_server.local_services import (
    aws_client,
    fetched,
    first_line,
    local_aws,
    process,
    session,
    snowflake_server,
)
from tonearm.local.snowpipe.loop import Handled, SnowpipeLoop
from tonearm.warehouse.deploy import apply_sql
from tonearm_glue.contract import ALBUMS

BUCKET = VALUES["bucket"]
FOLDER = "curated/albums/snapshot_date=2024-05-01"
SECONDS = 60.0


@dataclass
class Cloud:
    """A bucket that tells a queue of new files, and an account whose pipes read it."""

    s3: Any
    sqs: Any
    queue_url: str
    address: str
    port: int
    sql: Callable[[str], list[Any]]

    def put(self, key: str, *albums: str) -> None:
        rows = [an_album(album_id=album, **a_run("2024-05-01")) for album in albums]
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=parquet(ALBUMS, rows))

    def history(self) -> dict[str, tuple[str, int, str | None]]:
        """What became of each file, by its bare name."""
        rows = self.sql(
            "select file_name, status, row_count, first_error_message"
            " from table(tonearm.information_schema.copy_history("
            "table_name => 'TONEARM.LANDING.ALBUMS',"
            " start_time => dateadd('hour', -1, current_timestamp())))"
        )
        return {row[0].split("/")[-1].removesuffix(".parquet"): tuple(row[1:]) for row in rows}

    def wait_for(self, *names: str) -> dict[str, tuple[str, int, str | None]]:
        """The history, once it tells of these files."""
        deadline = time.monotonic() + SECONDS
        while set(names) - (found := self.history()).keys() and time.monotonic() < deadline:
            time.sleep(0.05)
        return found


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with local_aws() as address:
        s3, sqs = aws_client("s3", address), aws_client("sqs", address)
        s3.create_bucket(Bucket=BUCKET)
        queue_url = sqs.create_queue(QueueName="sf-snowpipe")["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
        arn = attributes["Attributes"]["QueueArn"]
        rules = [{"Name": "prefix", "Value": "curated/"}, {"Name": "suffix", "Value": ".parquet"}]
        s3.put_bucket_notification_configuration(
            Bucket=BUCKET,
            NotificationConfiguration={
                "QueueConfigurations": [
                    {
                        "QueueArn": arn,
                        "Events": ["s3:ObjectCreated:*"],
                        "Filter": {"Key": {"FilterRules": rules}},
                    }
                ]
            },
        )
        endpoint = address.removeprefix("http://")
        with (
            snowflake_server("--s3-endpoint", endpoint, "--notification-channel", arn) as port,
            session(port) as connection,
        ):
            apply_sql(connection, VALUES)
            sql = partial(fetched, connection)
            yield Cloud(s3, sqs, queue_url, address, port, sql)


@pytest.fixture(scope="module")
def loop(cloud: Cloud) -> Iterator[None]:
    module = "tonearm.local.snowpipe"
    arguments = ["--snowflake-port", str(cloud.port), "--queue-url", cloud.queue_url]
    with process(module, *arguments, "--aws-endpoint", cloud.address) as started:
        assert first_line(started).startswith("waiting for events")
        yield
    assert started.returncode == 0


@pytest.mark.usefixtures("loop")
def test_every_new_file_is_loaded_once_and_a_bad_one_is_reported(cloud: Cloud) -> None:
    cloud.put(f"{FOLDER}/p a+rt=é.parquet", "a", "b")
    cloud.s3.put_object(Bucket=BUCKET, Key=f"{FOLDER}/bad.parquet", Body=b"PAR1 no PAR1")
    cloud.put("curated/unknown/x.parquet", "d")
    cloud.wait_for("p a+rt=é", "bad")

    cloud.put(f"{FOLDER}/p a+rt=é.parquet", "e")  # the same path again: not loaded
    cloud.put(f"{FOLDER}/later.parquet", "f")
    found = cloud.wait_for("later")

    assert found["p a+rt=é"] == ("Loaded", 2, None)
    assert found["later"] == ("Loaded", 1, None)
    status, rows, error = found["bad"]
    assert (status, rows) == ("Load failed", 0)
    assert "bad.parquet" in str(error)
    albums = cloud.sql(
        "select album_id from tonearm.landing.albums where album_id in ('a', 'b', 'd', 'e', 'f')"
    )
    assert sorted(album for (album,) in albums) == ["a", "b", "f"]


@pytest.mark.usefixtures("loop")
def test_a_file_is_visible_soon_after_it_was_put(cloud: Cloud) -> None:
    """Typically well under half a second; the limit is for a machine that is busy."""
    waits = []
    for at in range(5):
        started = time.monotonic()
        cloud.put(f"{FOLDER}/quick-{at}.parquet", f"q{at}")
        cloud.wait_for(f"quick-{at}")
        waits.append(time.monotonic() - started)

    assert sorted(waits)[2] < 5


def test_a_message_is_kept_while_the_warehouse_does_not_answer() -> None:
    queue = ScriptedQueue()
    reported: list[Handled] = []

    def refuse() -> Any:
        raise OperationalError(msg="no connection")

    loop = SnowpipeLoop(queue, "url", refuse, reported.append, retry_seconds=0)
    loop.run(lambda: queue.asked == 2)

    assert [one.status for one in reported] == ["RETRY", "RETRY"]
    assert queue.deleted == []


@dataclass
class ScriptedQueue:
    """Always has one message; remembers what was deleted."""

    asked: int = 0
    deleted: list[str] = field(default_factory=list)

    def receive_message(self, **_: Any) -> dict[str, Any]:
        self.asked += 1
        record = {
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": "b"}, "object": {"key": "k"}},
        }
        body = json.dumps({"Records": [record]})
        return {"Messages": [{"Body": body, "ReceiptHandle": "r"}]}

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> None:  # noqa: N803
        self.deleted.append(f"{QueueUrl} {ReceiptHandle}")
