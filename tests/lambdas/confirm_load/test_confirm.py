from datetime import timedelta
from typing import Any

import pytest

from confirm_load.confirm import Confirming
from confirm_load.events import ConfirmRequest
from confirm_load.load_core import (
    DYNAMIC_TABLE,
    FAILED,
    RUNNING,
    SUCCEEDED,
    TASK,
    Scheduled,
)
from confirm_load.load_status import HistoryLine
from confirm_load.load_way import RepairKind
from tests.lambdas.confirm_load.conftest import MAX_TRIES, PUBLISHED_KEY, TABLES, FakeWarehouse
from tests.lambdas.local_aws import FakeClock
from tests.lambdas.tonearm_pipeline.finished_run import ROWS, RUN_ID, key_of, published_manifest
from tonearm_pipeline.errors import (
    BadEventError,
    CoreNotRefreshedError,
    LoadFailedError,
    LoadPendingError,
    WarehouseNotWiredError,
)
from tonearm_pipeline.json_store import JsonStore

LOAD_KEY = f"runs/{RUN_ID}/load.json"


def ask(confirming: Confirming, tries: int = 0) -> dict[str, Any]:
    event = {"run_id": RUN_ID, "published_key": PUBLISHED_KEY, "tries": tries}
    return confirming.run(ConfirmRequest.from_event(event)).as_event()


def follow(confirming: Confirming, clock: FakeClock, tries: int = 0) -> list[str]:
    """Ask until the run is neither pending nor refreshing; the statuses."""
    statuses = [ask(confirming, tries)["status"]]
    while statuses[-1] in ("pending", "refreshing"):
        clock.move(seconds=20)
        tries += 1
        statuses.append(ask(confirming, tries)["status"])
    return statuses


def load_json(store: JsonStore) -> dict[str, Any]:
    document = store.get(LOAD_KEY)
    assert isinstance(document, dict)
    return document


def test_a_run_is_loaded_once_core_was_refreshed_from_its_files(
    confirming: Confirming, warehouse: FakeWarehouse, store: JsonStore, clock: FakeClock
) -> None:
    warehouse.load_all()

    first = ask(confirming)
    clock.move(seconds=20)
    second = ask(confirming, tries=1)

    assert (first["status"], warehouse.asked[-1]) == ("refreshing", "core")
    assert second == {"status": "loaded", "load_key": LOAD_KEY, "files_loaded": 5, "files": 5}
    assert warehouse.refreshes == [sorted(TABLES)]
    assert load_json(store)["entities"] == {
        name: {"loaded": rows, "landing": rows, "warehouse": rows} for name, rows in ROWS.items()
    }


def test_what_core_lacks_is_in_the_ledgers_last_column(
    confirming: Confirming, warehouse: FakeWarehouse, store: JsonStore, clock: FakeClock
) -> None:
    warehouse.load_all()
    warehouse.core["songs"] -= 1

    follow(confirming, clock)

    songs = load_json(store)["entities"]["songs"]
    assert songs == {"loaded": 6, "landing": 6, "warehouse": 5}


def test_the_purge_is_started_before_the_refresh_and_once(
    confirming: Confirming, warehouse: FakeWarehouse, clock: FakeClock
) -> None:
    warehouse.load_all()

    assert follow(confirming, clock) == ["refreshing", "loaded"]

    assert warehouse.asked == ["pipes", "histories", "landing", "purge", "refresh", "core"]


def test_a_run_about_an_earlier_date_starts_no_purge(
    confirming: Confirming, warehouse: FakeWarehouse, store: JsonStore, clock: FakeClock
) -> None:
    # It could delete the very rows that were just loaded.
    manifest = store.get(PUBLISHED_KEY)
    assert manifest is not None
    store.put(PUBLISHED_KEY, {**manifest, "snapshot_date": "2025-01-02"})
    warehouse.load_all()

    assert follow(confirming, clock) == ["loaded"]

    assert "purge" not in warehouse.asked


def test_a_purge_that_cannot_be_started_is_told_and_turns_no_run_red(
    confirming: Confirming, warehouse: FakeWarehouse, store: JsonStore, clock: FakeClock
) -> None:
    warehouse.load_all()
    warehouse.purge_error = "there is no task"

    assert follow(confirming, clock)[-1] == "loaded"

    assert load_json(store)["core"]["purge_error"] == "there is no task"


def test_a_refresh_is_waited_for_and_not_started_again(
    confirming: Confirming, warehouse: FakeWarehouse, clock: FakeClock
) -> None:
    warehouse.load_all()
    warehouse.refresh = (RUNNING, "")
    statuses = []
    for tries in range(4):
        statuses.append(ask(confirming, tries)["status"])
        clock.move(seconds=20)
    warehouse.refresh = (SUCCEEDED, "")
    statuses.append(ask(confirming, 4)["status"])

    assert statuses == [*["refreshing"] * 4, "loaded"]
    assert len(warehouse.refreshes) == 1
    assert warehouse.asked.count("histories") == 1


def test_a_refresh_that_does_not_end_is_red_with_its_query(
    confirming: Confirming, warehouse: FakeWarehouse, clock: FakeClock
) -> None:
    warehouse.load_all()
    warehouse.refresh = (RUNNING, "")
    ask(confirming)
    ask(confirming, tries=1)
    clock.move(minutes=46)

    with pytest.raises(CoreNotRefreshedError, match="query query-1 runs since"):
        ask(confirming, tries=2)


def test_a_refresh_that_failed_is_red_and_names_the_tables(
    confirming: Confirming, warehouse: FakeWarehouse, store: JsonStore, clock: FakeClock
) -> None:
    warehouse.load_all()
    warehouse.refresh = (FAILED, "Division by zero")
    warehouse.tables[1] = suspended("TONEARM.CORE.SONGS", clock, days=3)
    ask(confirming)

    with pytest.raises(CoreNotRefreshedError) as caught:
        ask(confirming, tries=1)

    told = str(caught.value)
    assert "core was not refreshed: Division by zero" in told
    assert "SONGS: FAILED division by zero" in told
    assert "run `drop dynamic table TONEARM.CORE.SONGS`, then `tonearm snowflake deploy`" in told
    assert load_json(store)["status"] == "refreshing"


def test_a_failed_refresh_is_started_anew_when_the_run_goes_on(
    confirming: Confirming, warehouse: FakeWarehouse, clock: FakeClock
) -> None:
    warehouse.load_all()
    warehouse.refresh = (FAILED, "Division by zero")
    ask(confirming)
    with pytest.raises(CoreNotRefreshedError):
        ask(confirming, tries=1)
    warehouse.refresh = (SUCCEEDED, "")

    assert ask(confirming, tries=1)["status"] == "loaded"
    assert len(warehouse.refreshes) == 2


def test_what_stands_still_is_named_with_what_heals_it(
    confirming: Confirming, warehouse: FakeWarehouse, store: JsonStore, clock: FakeClock
) -> None:
    # The run is green: a suspended dynamic table can be refreshed by hand.
    warehouse.load_all()
    warehouse.tables[1] = suspended("TONEARM.CORE.SONGS", clock, days=3, fresh=0)
    warehouse.purge_tasks = [
        Scheduled(
            TASK, "TONEARM.OPS.PURGE", "suspended", clock.now(), reason="SUSPENDED_DUE_TO_ERRORS"
        )
    ]

    assert follow(confirming, clock)[-1] == "loaded"

    found = load_json(store)["core"]["suspended"]
    assert [(one["kind"], one["name"], one["reason"]) for one in found] == [
        ("dynamic table", "TONEARM.CORE.SONGS", ""),
        ("task", "TONEARM.OPS.PURGE", "SUSPENDED_DUE_TO_ERRORS"),
    ]
    assert "`alter dynamic table TONEARM.CORE.SONGS resume`" in found[0]["fix"]
    assert "system$task_dependents_enable('TONEARM.OPS.PURGE')" in found[1]["fix"]


def test_a_loader_that_sees_no_core_table_says_what_to_run(
    confirming: Confirming, warehouse: FakeWarehouse
) -> None:
    warehouse.load_all()
    warehouse.tables = []
    ask(confirming)

    with pytest.raises(WarehouseNotWiredError, match="tonearm snowflake deploy"):
        ask(confirming, tries=1)


def suspended(name: str, clock: FakeClock, days: int, fresh: int | None = None) -> Scheduled:
    since = clock.now() - timedelta(days=days)
    fresh_at = since if fresh is None else clock.now() - timedelta(days=fresh)
    return Scheduled(DYNAMIC_TABLE, name, "SUSPENDED", since, fresh_at)


def test_the_warehouse_sleeps_until_the_pipes_have_news(
    confirming: Confirming, warehouse: FakeWarehouse, clock: FakeClock
) -> None:
    assert ask(confirming)["status"] == "pending"
    warehouse.load_all()
    warehouse.waiting_in_pipes = 2
    clock.move(seconds=20)
    assert ask(confirming, tries=1)["status"] == "pending"
    asked_before = list(warehouse.asked)
    warehouse.waiting_in_pipes = 0
    ask(confirming, tries=2)

    assert asked_before == ["pipes", "pipes"]
    assert warehouse.asked[3:5] == ["histories", "landing"]


def test_a_resumed_run_asks_the_warehouse_at_once(
    confirming: Confirming, warehouse: FakeWarehouse, store: JsonStore, clock: FakeClock
) -> None:
    ask(confirming)
    warehouse.asked.clear()

    ask(confirming)

    assert warehouse.asked == ["histories", "landing"]


def test_a_load_json_of_an_earlier_version_is_no_hindrance(
    confirming: Confirming, warehouse: FakeWarehouse, store: JsonStore, clock: FakeClock
) -> None:
    ask(confirming)
    before = load_json(store)
    del before["core"], before["warehouse_asked_at"]
    store.put(LOAD_KEY, before)
    warehouse.load_all()

    assert follow(confirming, clock, tries=1)[-1] == "loaded"


def test_a_file_that_has_not_come_yet_is_pending(
    confirming: Confirming, warehouse: FakeWarehouse, store: JsonStore, clock: FakeClock
) -> None:
    for entity in list(ROWS)[:-1]:
        warehouse.load(entity)

    unasked = ask(confirming)
    repairs = list(warehouse.repairs)
    clock.move(minutes=11)
    asked = ask(confirming, tries=1)

    assert (unasked["status"], unasked["files_loaded"], repairs) == ("pending", 0, [])
    assert (asked["status"], asked["files_loaded"]) == ("pending", 4)
    assert load_json(store)["files"][-1]["status"] == "pending"


def test_a_refused_file_stops_the_run_with_its_first_error(
    confirming: Confirming, warehouse: FakeWarehouse, store: JsonStore
) -> None:
    warehouse.load_all()
    name = key_of("songs").rsplit("/", 1)[1]
    warehouse.landing["songs"] = []
    warehouse.histories_of["songs"] = [
        HistoryLine(f"snapshot_date=2026-11-22/{name}", "Load failed", 0, "no such column", 3)
    ]

    with pytest.raises(LoadFailedError) as caught:
        ask(confirming)

    assert str(caught.value) == f"load songs {key_of('songs')}: no such column (line 3)"
    assert load_json(store)["status"] == "failed"


def test_all_refused_files_are_counted(
    confirming: Confirming, warehouse: FakeWarehouse, clock: FakeClock
) -> None:
    for entity in ROWS:
        name = key_of(entity).rsplit("/", 1)[1]
        warehouse.histories_of[entity] = [HistoryLine(name, "Load failed", 0, "no")]
    ask(confirming)  # nothing was loaded, so the pipes tell no news
    clock.move(minutes=11)

    with pytest.raises(LoadFailedError, match="no; and 4 more files"):
        ask(confirming, tries=1)


def test_a_run_without_files_is_loaded_without_asking(
    confirming: Confirming, warehouse: FakeWarehouse, store: JsonStore
) -> None:
    manifest = published_manifest()
    for figures in manifest["entities"].values():
        figures["files"] = []
    store.put(PUBLISHED_KEY, manifest)

    answer = ask(confirming)

    assert answer == {"status": "loaded", "load_key": LOAD_KEY, "files_loaded": 0, "files": 0}
    assert load_json(store)["entities"]["songs"] == {
        "loaded": 0,
        "landing": 0,
        "warehouse": 0,
    }
    assert warehouse.sessions == 0


def test_history_is_asked_before_rows_are_counted(
    confirming: Confirming, warehouse: FakeWarehouse
) -> None:
    # The other way round, a file loaded in between would be called loaded and its rows missing.
    warehouse.load_all()

    ask(confirming)

    assert warehouse.asked[:3] == ["pipes", "histories", "landing"]


def test_a_lost_event_is_repaired_once_and_written_down(
    confirming: Confirming, warehouse: FakeWarehouse, clock: FakeClock, store: JsonStore
) -> None:
    warehouse.load_all()
    del warehouse.histories_of["albums"], warehouse.landing["albums"]
    assert ask(confirming, tries=0)["status"] == "pending"

    clock.move(minutes=11)
    assert ask(confirming, tries=1)["status"] == "pending"
    assert ask(confirming, tries=2)["status"] == "pending"

    assert [(one.entity, one.kind) for one in warehouse.repairs] == [("albums", RepairKind.REFRESH)]
    assert load_json(store)["repairs"] == [warehouse.repairs[0].as_dict()]
    warehouse.load("albums")
    assert follow(confirming, clock, tries=3)[-1] == "loaded"
    assert load_json(store)["repairs"] == [warehouse.repairs[0].as_dict()]


def test_files_that_never_come_end_the_run_after_the_repair_had_its_tries(
    confirming: Confirming, warehouse: FakeWarehouse, clock: FakeClock
) -> None:
    clock.move(minutes=11)
    for tries in range(MAX_TRIES):
        assert ask(confirming, tries)["status"] == "pending"
    with pytest.raises(LoadPendingError) as caught:
        ask(confirming, MAX_TRIES)

    assert len(warehouse.repairs) == len(ROWS)
    told = str(caught.value)
    assert key_of("albums") in told
    assert "and 4 more not loaded after 3 tries" in told
    assert "refresh of albums" in told
    assert "executionState" in told


def test_young_files_end_the_run_without_a_repair_when_the_tries_are_used_up(
    confirming: Confirming, warehouse: FakeWarehouse
) -> None:
    assert ask(confirming, MAX_TRIES - 1)["status"] == "pending"
    with pytest.raises(LoadPendingError, match="not loaded after 3 tries"):
        ask(confirming, MAX_TRIES)

    assert warehouse.repairs == []


def test_a_late_try_still_repairs_before_it_gives_up(
    confirming: Confirming, warehouse: FakeWarehouse, clock: FakeClock
) -> None:
    clock.move(minutes=11)

    assert ask(confirming, MAX_TRIES + 1)["status"] == "pending"
    assert len(warehouse.repairs) == len(ROWS)


def test_files_of_last_week_are_copied_by_name(
    confirming: Confirming, warehouse: FakeWarehouse, clock: FakeClock
) -> None:
    clock.move(days=8)

    ask(confirming)

    assert {repair.kind for repair in warehouse.repairs} == {RepairKind.COPY}


def test_repairs_of_another_attempt_are_not_counted(
    confirming: Confirming, warehouse: FakeWarehouse, clock: FakeClock, store: JsonStore
) -> None:
    clock.move(minutes=11)
    ask(confirming)
    store.put(LOAD_KEY, load_json(store) | {"attempt": 7})

    ask(confirming)

    assert len(warehouse.repairs) == 2 * len(ROWS)


def test_a_published_key_that_names_nothing_is_a_bad_event(
    confirming: Confirming, store: JsonStore
) -> None:
    store.s3.delete_object(Bucket=store.bucket, Key=PUBLISHED_KEY)

    with pytest.raises(BadEventError, match=PUBLISHED_KEY):
        ask(confirming)


@pytest.mark.parametrize("field", ["run_id", "published_key", "tries"])
def test_a_missing_field_is_named(field: str) -> None:
    event = {"run_id": "r", "published_key": "p", "tries": 0}
    del event[field]

    with pytest.raises(BadEventError, match=field):
        ConfirmRequest.from_event(event)
