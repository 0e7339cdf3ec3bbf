"""Files that go wrong on the way: each ends loaded once or reported, through the real pipes.

The SQL of the project runs on the local Snowflake, which the real connector asks; events go
through the Snowpipe loop.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from confirm_load.confirm import Confirming
from confirm_load.events import ConfirmRequest, ConfirmResult
from confirm_load.settings import WarehouseSettings
from confirm_load.warehouse import open_warehouse
from tests.lambdas.confirm_load.conftest import MAX_TRIES, PUBLISHED_KEY, REFRESH_AFTER
from tests.lambdas.tonearm_pipeline.finished_run import DATE, RUN_ID, key_of, published_manifest
from tests.snowflake.landing_rows import a_run, an_album
from tests.snowflake.local_account import BUCKET, LocalAccount, deployed_account, parquet
from tests.snowflake.served_account import KeyOf, ServersClock, served
from tonearm.local.snowpipe.loop import SnowpipeLoop
from tonearm_glue.contract import ALBUMS
from tonearm_pipeline.errors import LoadFailedError
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.keys import load_key

KEY = key_of("albums")
ALBUM_IDS = ("a", "b", "c")
DAYS_LATER = 15


@dataclass
class Road:
    """The way of one published file of albums from the bucket to the landing table."""

    account: LocalAccount
    loop: SnowpipeLoop
    confirming: Confirming
    clock: ServersClock
    asked: int = 0

    def put(self, content: bytes, days_old: int = 0) -> None:
        url = self.account.files.put(KEY, content)
        self.account.files.modified[url] = self.account.engine.clock.now() - timedelta(
            days=days_old
        )

    def tell(self) -> None:
        """One S3 event of the file."""
        record = {
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": BUCKET}, "object": {"key": KEY.replace("=", "%3D")}},
        }
        self.loop.handle(json.dumps({"Records": [record]}))

    def confirm(self) -> ConfirmResult:
        self.asked += 1
        return self.confirming.run(ConfirmRequest(RUN_ID, PUBLISHED_KEY, self.asked - 1))

    def follow(self) -> str:
        """Ask as the state machine does, until there is nothing to wait for."""
        while (status := self.confirm().status) != "loaded":
            self.clock.move(seconds=20)
        return status

    def written(self) -> dict[str, Any]:
        """The file's line of load.json, and the repairs."""
        load = self.confirming.store.get(load_key(RUN_ID))
        assert load is not None
        (line,) = load["files"]
        return {**line, "repairs": [repair["kind"] for repair in load["repairs"]]}

    def landed(self) -> list[str]:
        rows = self.account.rows("select album_id from tonearm.landing.albums order by 1")
        return [row["album_id"] for row in rows]

    def present(self) -> list[str]:
        rows = self.account.rows("select album_id from tonearm.core.albums order by 1")
        return [row["album_id"] for row in rows]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAccount]:
    with deployed_account(tmp_path_factory.mktemp("stage")) as account:
        yield account


@pytest.fixture(scope="module")
def settings(deployed: LocalAccount) -> Iterator[WarehouseSettings]:
    with served(deployed) as settings:
        yield settings


@pytest.fixture
def road(deployed: LocalAccount, settings: WarehouseSettings, store: JsonStore) -> Road:
    deployed.reset()
    clock, key = ServersClock(deployed.engine), KeyOf()
    manifest = published_manifest() | {"published_at": clock.now().isoformat()}
    for name, figures in manifest["entities"].items():
        files = [file | {"rows": len(ALBUM_IDS)} for file in figures["files"]]
        figures["files"] = files if name == "albums" else []
    store.put(PUBLISHED_KEY, manifest)
    loop = SnowpipeLoop(None, "", lambda: deployed.session, lambda _: None)  # type: ignore[arg-type, return-value]
    confirming = Confirming(
        store, lambda: open_warehouse(settings, key), clock, MAX_TRIES, REFRESH_AFTER
    )
    return Road(deployed, loop, confirming, clock)


def albums() -> list[dict[str, Any]]:
    run = a_run(DATE, run=RUN_ID) | {"snapshot_date": date.fromisoformat(DATE)}
    return [an_album(album_id=album_id, label="L", **run) for album_id in ALBUM_IDS]


def changed(change: Callable[[Any], Any]) -> bytes:
    """The file with its table changed."""
    table = change(pq.read_table(pa.BufferReader(parquet(ALBUMS, albums()))))
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    found: bytes = sink.getvalue().to_pybytes()
    return found


def test_a_good_file_is_loaded_and_confirmed(road: Road) -> None:
    road.put(parquet(ALBUMS, albums()))
    road.tell()

    assert road.follow() == "loaded"
    assert road.landed() == list(ALBUM_IDS)


def test_a_corrupt_file_is_reported_with_its_first_error(road: Road) -> None:
    road.put(parquet(ALBUMS, albums())[:-20])
    road.tell()

    with pytest.raises(LoadFailedError, match=f"{RUN_ID}.*[Pp]arquet"):
        road.follow()

    assert road.written()["status"] == "failed"
    assert road.written()["first_error"]
    assert road.landed() == []


def test_a_missing_column_is_null_and_an_extra_one_is_left_out(road: Road) -> None:
    road.put(changed(lambda t: t.drop_columns(["label"]).append_column("mood", t["name"])))
    road.tell()

    assert road.follow() == "loaded"
    assert road.landed() == list(ALBUM_IDS)
    assert road.account.value("select count(label) from tonearm.landing.albums") == 0


def test_a_required_column_that_is_missing_is_reported(road: Road) -> None:
    road.put(changed(lambda table: table.drop_columns(["album_id"])))
    road.tell()

    with pytest.raises(LoadFailedError, match=r"albums .*ALBUM_ID"):
        road.follow()

    assert road.landed() == []


def test_a_lost_event_is_repaired_by_the_pipes_refresh(road: Road) -> None:
    road.put(parquet(ALBUMS, albums()))
    assert road.confirm().status == "pending"

    road.clock.move(minutes=11)
    road.confirm()

    assert road.follow() == "loaded"
    assert road.landed() == list(ALBUM_IDS)
    assert road.written()["repairs"] == ["refresh"]


def test_a_doubled_event_loads_once(road: Road) -> None:
    road.put(parquet(ALBUMS, albums()))
    road.tell()
    road.tell()

    assert road.follow() == "loaded"
    assert road.landed() == list(ALBUM_IDS)
    assert road.written()["repeated_rows"] == 0


def test_a_file_of_15_days_is_copied_by_name(road: Road) -> None:
    road.put(parquet(ALBUMS, albums()), days_old=DAYS_LATER)
    road.clock.move(days=DAYS_LATER)
    road.confirm()

    assert road.follow() == "loaded"
    assert road.landed() == list(ALBUM_IDS)
    assert road.written()["repairs"] == ["copy"]


def test_a_file_told_again_after_15_days_is_there_twice_counted_once_and_said_so(
    road: Road,
) -> None:
    """A pipe forgets after 14 days; core takes each row of a file once."""
    road.put(parquet(ALBUMS, albums()))
    road.tell()
    road.clock.move(days=DAYS_LATER)
    road.tell()

    assert road.follow() == "loaded"
    assert road.landed() == sorted(ALBUM_IDS * 2)
    assert road.present() == list(ALBUM_IDS)
    assert road.written()["repeated_rows"] == len(ALBUM_IDS)
