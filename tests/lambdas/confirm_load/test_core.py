"""Green means that core has it: through the real connector, where nothing refreshes core by itself.

The local Snowflake is told to refresh dynamic tables by hand only, and which of them fail.
"""

from collections.abc import Iterator

import pytest

from confirm_load.confirm import Confirming
from confirm_load.events import ConfirmRequest
from confirm_load.settings import WarehouseSettings
from confirm_load.warehouse import open_warehouse
from tests.lambdas.confirm_load.conftest import MAX_TRIES, PUBLISHED_KEY, REFRESH_AFTER
from tests.lambdas.tonearm_pipeline.finished_run import published_manifest
from tests.snowflake.local_account import LocalAccount, deployed_account
from tests.snowflake.reads import RunFile, a_read
from tests.snowflake.served_account import KeyOf, ServersClock, served
from tonearm.local.snowflake_server.faults import EAGER, OFF
from tonearm_pipeline.errors import CoreNotRefreshedError
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.keys import load_key
from tonearm_pipeline.ledger import ENTITY_NAMES

SONGS = "TONEARM.CORE.SONG_VERSIONS"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAccount]:
    with deployed_account(tmp_path_factory.mktemp("stage")) as account:
        yield account


@pytest.fixture(scope="module")
def settings(deployed: LocalAccount) -> Iterator[WarehouseSettings]:
    with served(deployed) as settings:
        yield settings


@pytest.fixture
def account(deployed: LocalAccount) -> Iterator[LocalAccount]:
    """Core as of an empty landing; from now on nothing refreshes it."""
    deployed.engine.faults.switch({"schedule": OFF, "failing": []})
    deployed.reset()
    refresh_core(deployed)
    yield deployed
    deployed.engine.faults.switch({"schedule": EAGER, "failing": []})


def refresh_core(account: LocalAccount) -> None:
    shown = account.rows("show dynamic tables in schema tonearm.core")
    names = ", ".join(f"tonearm.core.{row['name']}" for row in shown)
    account.run(f"alter dynamic table {names} refresh")


class Run:
    """A run whose files are loaded, to be confirmed."""

    def __init__(self, account: LocalAccount, settings: WarehouseSettings, store: JsonStore):
        self.account, self.store, self.clock = account, store, ServersClock(account.engine)
        key = KeyOf()
        self.confirming = Confirming(
            store, lambda: open_warehouse(settings, key), self.clock, MAX_TRIES, REFRESH_AFTER
        )
        self.files = a_read(self.clock.now().date().isoformat(), "abc")
        self.run_id = str(self.files[0].rows[0]["run_id"])
        store.put(PUBLISHED_KEY, manifest_of(self.files, self.clock.now().isoformat()))
        for file in self.files:
            file.load(account)
        self.tries = 0

    def follow(self) -> str:
        """Ask until there is nothing to wait for."""
        while True:
            request = ConfirmRequest(self.run_id, PUBLISHED_KEY, self.tries)
            status = self.confirming.run(request).status
            self.tries += 1
            if status == "loaded":
                return status
            self.clock.move(seconds=20)

    def load(self) -> dict[str, object]:
        found = self.store.get(load_key(self.run_id))
        assert found is not None
        return dict(found)


def manifest_of(files: list[RunFile], published_at: str) -> dict[str, object]:
    by_entity = {file.entity.name: file for file in files}
    first = files[0].rows[0]
    figures = published_manifest()["entities"]
    for name in ENTITY_NAMES:
        file = by_entity[name]
        key = f"curated/{name}/{file.key}"
        figures[name]["files"] = [{"key": key, "rows": len(file.rows), "bytes": 1}]
    return {
        **published_manifest(),
        "run_id": first["run_id"],
        "snapshot_date": str(first["snapshot_date"]),
        "published_at": published_at,
        "entities": figures,
    }


@pytest.fixture
def run(account: LocalAccount, settings: WarehouseSettings, store: JsonStore) -> Run:
    return Run(account, settings, store)


def test_a_loaded_run_is_in_core_though_no_schedule_brought_it_there(
    run: Run, account: LocalAccount
) -> None:
    before = account.value("select count(*) from tonearm.core.songs")

    assert run.follow() == "loaded"

    assert (before, account.value("select count(*) from tonearm.core.songs")) == (0, 3)
    entities = run.load()["entities"]
    assert entities == {
        file.entity.name: dict.fromkeys(("loaded", "landing", "warehouse"), len(file.rows))
        for file in run.files
    }


def test_a_table_that_cannot_be_refreshed_is_red_by_name(run: Run, account: LocalAccount) -> None:
    account.engine.faults.switch({"failing": [SONGS]})

    with pytest.raises(CoreNotRefreshedError) as caught:
        run.follow()

    assert "SONG_VERSIONS: FAILED Refresh was canceled or timed out." in str(caught.value)
    assert "SONGS: UPSTREAM_FAILED" in str(caught.value)


def test_the_run_goes_on_when_its_cause_is_gone(run: Run, account: LocalAccount) -> None:
    account.engine.faults.switch({"failing": [SONGS]})
    with pytest.raises(CoreNotRefreshedError):
        run.follow()
    account.engine.faults.switch({"failing": []})

    assert run.follow() == "loaded"
    assert account.value("select count(*) from tonearm.core.songs") == 3


def test_a_suspended_table_is_refreshed_and_named_with_resume(
    run: Run, account: LocalAccount
) -> None:
    account.run("alter dynamic table tonearm.core.albums suspend")
    try:
        assert run.follow() == "loaded"
    finally:
        account.run("alter dynamic table tonearm.core.albums resume")

    (told,) = [
        one
        for one in run.load()["core"]["suspended"]  # type: ignore[index]
        if one["name"] == "TONEARM.CORE.ALBUMS"
    ]
    assert "`alter dynamic table TONEARM.CORE.ALBUMS resume`" in told["fix"]
    assert account.value("select count(*) from tonearm.core.albums") == 1


def test_a_table_suspended_for_too_long_is_red_and_to_be_made_anew(
    account: LocalAccount, settings: WarehouseSettings, store: JsonStore
) -> None:
    account.run("alter dynamic table tonearm.core.albums suspend")
    ServersClock(account.engine).move(days=2)
    run = Run(account, settings, store)
    try:
        with pytest.raises(CoreNotRefreshedError, match=r"drop dynamic table TONEARM\.CORE\.ALBUM"):
            run.follow()
    finally:
        account.run("drop dynamic table tonearm.core.album_artists")
        account.run("drop dynamic table tonearm.core.albums")
        account.engine.faults.switch({"schedule": EAGER})
        account.deploy()


def test_a_suspended_purge_is_started_and_named(run: Run, account: LocalAccount) -> None:
    account.run("alter task tonearm.ops.purge suspend")
    try:
        assert run.follow() == "loaded"
    finally:
        account.run("select system$task_dependents_enable('tonearm.ops.purge')")

    suspended = run.load()["core"]["suspended"]  # type: ignore[index]
    assert [one["name"] for one in suspended] == ["TONEARM.OPS.PURGE"]
