from typing import Any

import pytest

from confirm_load.confirming import Confirming
from confirm_load.request import ConfirmRequest
from tests.lambdas.confirm_load.conftest import MAX_TRIES, PUBLISHED_KEY, FakeWarehouse
from tests.lambdas.local_aws import FakeClock
from tests.lambdas.tonearm_pipeline.finished_run import ROWS, RUN_ID, key_of, published_manifest
from tonearm_pipeline.errors import BadEventError, LoadFailedError, LoadPendingError
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.load_status import HistoryLine
from tonearm_pipeline.load_way import RepairKind

LOAD_KEY = f"runs/{RUN_ID}/load.json"


def ask(confirming: Confirming, tries: int = 0) -> dict[str, Any]:
    event = {"run_id": RUN_ID, "published_key": PUBLISHED_KEY, "tries": tries}
    return confirming.run(ConfirmRequest.from_event(event)).as_event()


def load_json(store: JsonStore) -> dict[str, Any]:
    document = store.get(LOAD_KEY)
    assert isinstance(document, dict)
    return document


def test_a_run_whose_files_are_all_there_is_loaded(
    confirming: Confirming, warehouse: FakeWarehouse, store: JsonStore
) -> None:
    warehouse.load_all()

    answer = ask(confirming)

    assert answer == {"status": "loaded", "load_key": LOAD_KEY, "files_loaded": 5, "files": 5}
    assert load_json(store)["entities"] == {
        name: {"loaded": rows, "warehouse": rows} for name, rows in ROWS.items()
    }
    assert warehouse.sessions == 1


def test_a_file_that_has_not_come_yet_is_pending(
    confirming: Confirming, warehouse: FakeWarehouse, store: JsonStore
) -> None:
    for entity in list(ROWS)[:-1]:
        warehouse.load(entity)

    answer = ask(confirming)

    assert (answer["status"], answer["files_loaded"]) == ("pending", 4)
    assert load_json(store)["files"][-1]["status"] == "pending"
    assert warehouse.repairs == []


def test_a_refused_file_stops_the_run_with_its_first_error(
    confirming: Confirming, warehouse: FakeWarehouse, store: JsonStore
) -> None:
    warehouse.load_all()
    name = key_of("songs").rsplit("/", 1)[1]
    warehouse.landing["songs"] = []
    warehouse.histories["songs"] = [
        HistoryLine(f"snapshot_date=2026-11-22/{name}", "Load failed", 0, "no such column", 3)
    ]

    with pytest.raises(LoadFailedError) as caught:
        ask(confirming)

    assert str(caught.value) == f"load songs {key_of('songs')}: no such column (line 3)"
    assert load_json(store)["status"] == "failed"


def test_all_refused_files_are_counted(confirming: Confirming, warehouse: FakeWarehouse) -> None:
    for entity in ROWS:
        name = key_of(entity).rsplit("/", 1)[1]
        warehouse.histories[entity] = [HistoryLine(name, "Load failed", 0, "no")]

    with pytest.raises(LoadFailedError, match="no; and 4 more files"):
        ask(confirming)


def test_a_run_without_files_is_loaded_without_asking(
    confirming: Confirming, warehouse: FakeWarehouse, store: JsonStore
) -> None:
    manifest = published_manifest()
    for figures in manifest["entities"].values():
        figures["files"] = []
    store.put(PUBLISHED_KEY, manifest)

    answer = ask(confirming)

    assert answer == {"status": "loaded", "load_key": LOAD_KEY, "files_loaded": 0, "files": 0}
    assert load_json(store)["entities"]["songs"] == {"loaded": 0, "warehouse": 0}
    assert warehouse.sessions == 0


def test_history_is_asked_before_rows_are_counted(
    confirming: Confirming, warehouse: FakeWarehouse
) -> None:
    # The other way round, a file loaded in between would be called loaded and its rows missing.
    warehouse.load_all()

    ask(confirming)

    for entity in ROWS:
        questions = [question for question, of in warehouse.asked if of == entity]
        assert questions == ["history", "landing"]


def test_a_lost_event_is_repaired_once_and_written_down(
    confirming: Confirming, warehouse: FakeWarehouse, clock: FakeClock, store: JsonStore
) -> None:
    warehouse.load_all()
    del warehouse.histories["albums"], warehouse.landing["albums"]
    assert ask(confirming, tries=0)["status"] == "pending"

    clock.move(minutes=11)
    assert ask(confirming, tries=1)["status"] == "pending"
    assert ask(confirming, tries=2)["status"] == "pending"

    assert [(one.entity, one.kind) for one in warehouse.repairs] == [("albums", RepairKind.REFRESH)]
    assert load_json(store)["repairs"] == [warehouse.repairs[0].as_dict()]
    warehouse.load("albums")
    assert ask(confirming, tries=3)["status"] == "loaded"
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
