"""The adapter through the real connector, against the local Snowflake and an S3 on loopback."""

import io
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import snowflake.connector
import snowflake.connector.cursor as cursor_module
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError

from confirm_load.load_core import SUCCEEDED
from confirm_load.load_status import FileStatus, PublishedFile, Repair, file_loads
from confirm_load.load_way import RepairKind
from confirm_load.private_key import PrivateKey
from confirm_load.settings import WarehouseSettings
from confirm_load.statements import pipe_statuses
from confirm_load.warehouse import (
    COPY_SECONDS,
    METADATA_SECONDS,
    QUERY_SECONDS,
    SnowflakeWarehouse,
    open_warehouse,
)
from tests.snowflake.local_account import VALUES
from tests.snowflake.served_account import KeyOf
from tonearm.warehouse.deploy import apply_sql
from tonearm_pipeline.errors import WarehouseNotWiredError, WarehouseUnavailableError

ROOT = Path(__file__).parents[3]
BUCKET = "warehouse-bucket"
RUN_ID = "20261122T090000Z-abc123"
KEY = f"curated/albums/snapshot_date=2026-11-22/albums-{RUN_ID}-00000.parquet"
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def key() -> PrivateKey:
    return KeyOf()


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("s3")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "S3_DATA_DIR": str(folder),
        "TMPDIR": str(folder),
        "LOG_LEVEL": "ERROR",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "ministack"], cwd=folder, env=environment, stderr=subprocess.DEVNULL
    ) as server:
        client = boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{port}",
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"max_attempts": 0}),
        )
        wait_until_it_answers(server, client)
        yield client
        client.close()
        server.terminate()


def wait_until_it_answers(server: subprocess.Popen[bytes], s3: Any) -> None:
    for _ in range(600):
        assert server.poll() is None, "the local S3 stopped at its start"
        try:
            s3.create_bucket(Bucket=BUCKET)
        except EndpointConnectionError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the local S3 did not answer within a minute")


@pytest.fixture(scope="module")
def settings(s3: Any, key: PrivateKey) -> Iterator[WarehouseSettings]:
    endpoint = s3.meta.endpoint_url.removeprefix("http://")
    command = [sys.executable, "-m", "tonearm.local.snowflake_server", "--port", "0"]
    with subprocess.Popen(
        [*command, "--s3-endpoint", endpoint],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        ready = server.stdout.readline()
        port = int(ready.strip().rsplit(":", 1)[1])
        found = WarehouseSettings(
            account="local",
            user="pipeline",
            role="tonearm_loader",
            warehouse="tonearm_wh",
            database="TONEARM",
            key_secret_arn="arn:secret",
            host="127.0.0.1",
            port=port,
            protocol="http",
        )
        try:
            create_objects(found, key)
            yield found
        finally:
            server.terminate()


def create_objects(settings: WarehouseSettings, key: PrivateKey) -> None:
    """Apply the project's own SQL."""
    connection = snowflake.connector.connect(
        account=settings.account,
        user=settings.user,
        private_key=key.der(),
        host=settings.host,
        port=settings.port,
        protocol=settings.protocol,
    )
    apply_sql(connection, {**VALUES, "bucket": BUCKET})
    connection.close()


@pytest.fixture
def warehouse(settings: WarehouseSettings, key: PrivateKey) -> Iterator[SnowflakeWarehouse]:
    with open_warehouse(settings, key) as session:
        yield session


def put_albums(s3: Any, file_key: str, rows: int = 3) -> None:
    """Write a file with the columns that the landing table wants filled."""
    moment = pa.scalar(0, pa.timestamp("us", tz="UTC"))
    run_id = file_key.rsplit("/", 1)[1].removeprefix("albums-").rsplit("-", 1)[0]
    table = pa.table(
        {
            "album_id": [f"album-{number}" for number in range(rows)],
            "is_full_object": [True] * rows,
            "run_id": [run_id] * rows,
            "attempt": pa.array([1] * rows, pa.int32()),
            "snapshot_date": pa.array([20_000] * rows, pa.date32()),
            "extracted_at": pa.array([moment.as_py()] * rows, pa.timestamp("us", tz="UTC")),
        }
    )
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    s3.put_object(Bucket=BUCKET, Key=file_key, Body=buffer.getvalue())


def status_of(warehouse: SnowflakeWarehouse, file_key: str, run_id: str) -> Any:
    history = warehouse.histories(["albums"], run_id, HOUR)["albums"]
    landing = warehouse.landing_counts(["albums"], run_id, 1)["albums"]
    return file_loads([PublishedFile("albums", file_key, 3)], history, landing)[0]


def test_a_lost_file_is_pending_until_the_refresh_brings_it(
    warehouse: SnowflakeWarehouse, s3: Any
) -> None:
    put_albums(s3, KEY)
    before = status_of(warehouse, KEY, RUN_ID)
    warehouse.repair(Repair("albums", RepairKind.REFRESH, "lost", 0, (KEY,)))

    after = status_of(warehouse, KEY, RUN_ID)

    assert (before.status, before.rows_in_landing) == (FileStatus.PENDING, 0)
    assert (after.status, after.rows_loaded, after.rows_in_landing) == (FileStatus.LOADED, 3, 3)
    assert after.repeated_rows == 0


def test_one_refresh_brings_all_lost_files_of_a_run_and_of_no_other(
    warehouse: SnowflakeWarehouse, s3: Any
) -> None:
    run_id, other_run = "20261124T090000Z-aaa111", "20261124T090000Z-bbb222"
    first, second, foreign = (
        KEY.replace(RUN_ID, run_id),
        KEY.replace(RUN_ID, run_id).replace("00000", "00001"),
        KEY.replace(RUN_ID, other_run),
    )
    for file_key in (first, second, foreign):
        put_albums(s3, file_key)

    warehouse.repair(Repair("albums", RepairKind.REFRESH, "lost", 0, (first, second)))

    assert status_of(warehouse, first, run_id).status is FileStatus.LOADED
    assert status_of(warehouse, second, run_id).status is FileStatus.LOADED
    assert status_of(warehouse, foreign, other_run).status is FileStatus.PENDING


def test_an_old_file_is_copied_by_name(warehouse: SnowflakeWarehouse, s3: Any) -> None:
    run_id = "20261101T090000Z-def456"
    old = KEY.replace(RUN_ID, run_id)
    put_albums(s3, old)
    put_albums(s3, old.replace("00000", "00001"))

    warehouse.repair(Repair("albums", RepairKind.COPY, "old", 0, (old,)))

    assert status_of(warehouse, old, run_id).status is FileStatus.LOADED
    other = status_of(warehouse, old.replace("00000", "00001"), run_id)
    assert other.status is FileStatus.PENDING


def test_the_pipe_says_how_it_is(warehouse: SnowflakeWarehouse) -> None:
    assert '"executionState"' in warehouse.pipe_status("albums")


def test_a_missing_table_means_the_warehouse_is_not_wired(warehouse: SnowflakeWarehouse) -> None:
    with pytest.raises(WarehouseNotWiredError, match="refuses a statement"):
        warehouse.landing_counts(["mixtapes"], RUN_ID, 1)


def test_a_missing_pipe_means_the_warehouse_is_not_wired(warehouse: SnowflakeWarehouse) -> None:
    with pytest.raises(WarehouseNotWiredError, match=r"no pipe TONEARM.LANDING.MIXTAPES_PIPE"):
        warehouse.repair(Repair("mixtapes", RepairKind.COPY, "old", 0, (KEY,)))


def test_silence_is_not_a_refusal(
    settings: WarehouseSettings, key: PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("confirm_load.session.LOGIN_TIMEOUT_SECONDS", 1)
    nobody = WarehouseSettings(**{**vars(settings), "port": 9})

    with pytest.raises(WarehouseUnavailableError), open_warehouse(nobody, key):
        pass


def test_all_pipes_are_asked_at_once_and_without_a_table(
    warehouse: SnowflakeWarehouse, s3: Any
) -> None:
    news = warehouse.pipes(["albums", "songs"])

    assert [(pipe.entity, pipe.pending) for pipe in news] == [("albums", 0), ("songs", 0)]
    assert " from " not in pipe_statuses("TONEARM", ["albums", "songs"]).lower()


def test_one_statement_refreshes_all_of_core_and_its_end_is_known(
    warehouse: SnowflakeWarehouse, s3: Any
) -> None:
    run_id = "20261123T090000Z-abc123"
    file_key = KEY.replace(RUN_ID, run_id)
    put_albums(s3, file_key)
    warehouse.repair(Repair("albums", RepairKind.REFRESH, "lost", 0, (file_key,)))
    tables = warehouse.core_tables()

    query_id, refused = warehouse.start_refresh([table.name for table in tables])

    assert len(tables) == 17
    assert not any(table.is_suspended for table in tables)
    assert (refused, warehouse.refresh_state(query_id)) == ("", (SUCCEEDED, ""))
    assert warehouse.core_rows(run_id, 1) == {"albums": 3}


def test_a_refresh_of_a_table_that_is_gone_is_refused_by_name(
    warehouse: SnowflakeWarehouse,
) -> None:
    _, refused = warehouse.start_refresh(["TONEARM.CORE.MIXTAPES"])

    assert "MIXTAPES" in refused


def test_the_purge_is_started_and_its_tasks_are_seen(warehouse: SnowflakeWarehouse) -> None:
    warehouse.start_purge()

    assert {task.name for task in warehouse.tasks()} >= {
        "TONEARM.OPS.PURGE",
        "TONEARM.OPS.PURGE_SONGS",
    }
    assert not any(task.is_suspended for task in warehouse.tasks())


def test_the_landing_tables_say_how_long_they_keep_changes(warehouse: SnowflakeWarehouse) -> None:
    assert warehouse.retention_days() == 1


def test_every_statement_has_a_time_of_its_own(
    settings: WarehouseSettings,
    key: PrivateKey,
    s3: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The connector cancels whatever runs longer, and takes the network's time without one."""
    file_key = KEY.replace(RUN_ID, "20261122T090000Z-f1f1f1")
    put_albums(s3, file_key)
    timers: list[int] = []
    name = "_TrackedQueryCancellationTimer"
    real: Any = getattr(cursor_module, name)

    def noted(seconds: int, *rest: Any) -> Any:
        timers.append(seconds)
        return real(seconds, *rest)

    with open_warehouse(settings, key) as warehouse:
        monkeypatch.setattr(cursor_module, name, noted)
        warehouse.pipes(["albums"])
        warehouse.histories(["albums"], RUN_ID, HOUR)
        warehouse.landing_counts(["albums"], RUN_ID, 1)
        warehouse.core_tables()
        warehouse.start_refresh(["TONEARM.CORE.ALBUMS"])
        warehouse.repair(Repair("albums", RepairKind.COPY, "old", 0, (file_key,)))

    metadata, query = METADATA_SECONDS, QUERY_SECONDS
    assert timers == [metadata, query, query, metadata, metadata, metadata, COPY_SECONDS]
