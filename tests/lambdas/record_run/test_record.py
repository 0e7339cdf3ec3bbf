import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
import pytest

from record_run.events import RecordRequest
from record_run.notify import Topic
from record_run.record import Recording
from record_run.usage import RunMeter
from tests.lambdas.local_aws import FakeClock
from tests.lambdas.record_run.conftest import (
    LOAD_KEY,
    MANIFEST_KEY,
    PUBLISHED_KEY,
    success_event,
)
from tests.lambdas.tonearm_pipeline.finished_run import ROWS, RUN_ID, load_document, raw_manifest
from tonearm_pipeline.errors import BadEventError, LedgerUnbalancedError, RawCorruptError
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.keys import curated_key
from tonearm_pipeline.prices import cost_of
from tonearm_pipeline.state.last_good import LastGoodRun
from tonearm_pipeline.state.sources import SourceState, SourceStates
from tonearm_pipeline.state.table import StateTable

LEDGER_KEY = f"runs/{RUN_ID}/ledger.json"
RECEIPT_KEY = f"runs/{RUN_ID}/receipt.json"
READ = "spotify:playlist:playlist-a"
Notes = Callable[[], list[dict[str, Any]]]


def record(recording: Recording, **overrides: Any) -> dict[str, Any]:
    return recording.run(RecordRequest.from_event(success_event(**overrides))).as_event()


def states(table: StateTable) -> dict[str, SourceState]:
    return SourceStates(table).read([READ, "spotify:playlist:same"])


def spoil(store: JsonStore) -> None:
    load = load_document()
    load["entities"]["songs"]["warehouse"] = 5
    store.put(LOAD_KEY, load)


def test_a_good_run_writes_ledger_and_receipt(recording: Recording, finished: JsonStore) -> None:
    answer = record(recording)

    assert answer == {
        "run_id": RUN_ID,
        "status": "succeeded",
        "ledger_key": LEDGER_KEY,
        "receipt_key": RECEIPT_KEY,
        "counts": ROWS,
    }
    ledger, receipt = finished.get(LEDGER_KEY), finished.get(RECEIPT_KEY)
    assert ledger is not None
    assert receipt is not None
    assert (ledger["balances"], ledger["status"]) == (True, "succeeded")
    assert (receipt["seconds"], receipt["calls"]["total"]) == (420.0, 5)


def test_a_good_run_advances_every_source_and_is_the_last_good_one(
    recording: Recording, finished: JsonStore, table: StateTable
) -> None:
    record(recording)

    found = states(table)
    assert found[READ].snapshot_id == "s2"
    assert found["spotify:playlist:same"].last_run_id == RUN_ID
    assert LastGoodRun(table).published_key() == PUBLISHED_KEY


def test_the_topic_hears_of_a_good_run(
    recording: Recording, finished: JsonStore, heard: Notes
) -> None:
    record(recording)

    (note,) = heard()
    assert note["Subject"] == f"Tonearm run {RUN_ID}: succeeded"
    assert note["MessageAttributes"]["outcome"]["Value"] == "succeeded"
    assert "songs 6" in note["Message"]
    assert "Playlists read 2, unchanged 1, refused 1; API calls 5; 420 s" in note["Message"]


def test_an_unbalanced_run_is_red_after_its_ledger_is_written(
    recording: Recording, finished: JsonStore, table: StateTable, heard: Notes
) -> None:
    spoil(finished)

    with pytest.raises(LedgerUnbalancedError) as caught:
        record(recording)

    assert str(caught.value) == "warehouse songs: rows: expected 6, found 5"
    ledger = finished.get(LEDGER_KEY)
    assert ledger is not None
    assert (ledger["balances"], ledger["status"]) == (False, "unbalanced")
    assert states(table) == {}
    assert LastGoodRun(table).published_key() is None
    assert heard() == []


def test_a_run_that_balances_later_is_recorded_then(
    recording: Recording, finished: JsonStore, table: StateTable
) -> None:
    spoil(finished)
    with pytest.raises(LedgerUnbalancedError):
        record(recording)
    finished.put(LOAD_KEY, load_document())

    assert record(recording)["status"] == "succeeded"
    assert states(table)[READ].snapshot_id == "s2"


def test_recording_again_changes_nothing_but_the_time(
    recording: Recording, finished: JsonStore, table: StateTable, clock: FakeClock
) -> None:
    first = record(recording)
    ledger, before = finished.get(LEDGER_KEY), states(table)

    clock.move(minutes=3)
    second = record(recording)

    assert second == first
    assert finished.get(LEDGER_KEY) == ledger
    assert states(table) == before


def test_an_older_run_that_ends_late_does_not_take_sources_back(
    recording: Recording, finished: JsonStore, table: StateTable
) -> None:
    newer = {"snapshot_id": "s9", "last_read_at": "2026-11-23T09:00:00.000000Z"}
    SourceStates(table).advance(READ, newer)

    record(recording)

    assert states(table)[READ].snapshot_id == "s9"
    assert states(table)["spotify:playlist:same"].snapshot_id == "s1"


def test_an_unchanged_run_is_recorded_without_publishing(
    recording: Recording, store: JsonStore, table: StateTable, heard: Notes
) -> None:
    store.put(MANIFEST_KEY, {**raw_manifest(), "changed": False, "playlists": []})

    answer = record(recording, published_key="")

    assert answer["status"] == "unchanged"
    assert answer["counts"] == dict.fromkeys(ROWS, 0)
    assert states(table)["spotify:playlist:same"].last_run_id == RUN_ID
    assert LastGoodRun(table).published_key() is None
    (note,) = heard()
    assert note["MessageAttributes"]["outcome"]["Value"] == "unchanged"


def test_a_note_that_cannot_be_sent_does_not_turn_the_run_red(
    recording: Recording, finished: JsonStore
) -> None:
    nowhere = Topic(boto3.client("sns"), "arn:aws:sns:eu-central-1:123456789012:nowhere")

    answer = record(replace(recording, topic=nowhere))

    assert answer["status"] == "succeeded"


def test_figures_go_to_the_log(
    recording: Recording, finished: JsonStore, capsys: pytest.CaptureFixture[str]
) -> None:
    record(recording)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert {line["run_id"] for line in lines} == {RUN_ID}
    figures = {name: line[name] for line in lines for name in line}
    assert figures["RunsSucceeded"] == [1.0]
    assert figures["AccessLost"] == [0.0]


def test_no_raw_manifest_is_named(recording: Recording) -> None:
    with pytest.raises(RawCorruptError, match=MANIFEST_KEY):
        record(recording)


def test_a_published_key_that_names_nothing_is_a_bad_event(
    recording: Recording, store: JsonStore
) -> None:
    store.put(MANIFEST_KEY, raw_manifest())

    with pytest.raises(BadEventError, match=PUBLISHED_KEY):
        record(recording)


def test_the_output_stays_small_with_five_thousand_playlists(
    recording: Recording, finished: JsonStore
) -> None:
    raw = raw_manifest()
    published = finished.get(PUBLISHED_KEY)
    assert published is not None
    ids = [f"playlist-{number:05d}" for number in range(5000)]
    raw["playlists"] = [{**raw["playlists"][1], "playlist_id": one} for one in ids]
    counted = published["playlists"][1]
    published["playlists"] = [{**counted, "playlist_id": one} for one in ids]
    finished.put(MANIFEST_KEY, raw)
    finished.put(PUBLISHED_KEY, published)

    answer = record(recording)

    assert len(json.dumps(answer)) < 1000


@pytest.mark.parametrize(
    "field", ["run_id", "snapshot_date", "attempt", "manifest_key", "execution_id", "started_at"]
)
def test_a_missing_field_is_named(field: str) -> None:
    event = success_event()
    del event[field]

    with pytest.raises(BadEventError, match=field):
        RecordRequest.from_event(event)


def test_the_receipt_holds_usage_and_cost(recording: Recording, finished: JsonStore) -> None:
    recording.run(RecordRequest.from_event(success_event()))

    receipt = finished.get(f"runs/{RUN_ID}/receipt.json")
    assert receipt["usage"]["glue"] == {"runs": 2, "dpu_seconds": 300.0}
    assert receipt["usage"]["lambda"]["invocations"] == 4
    assert receipt["cost"] == cost_of(receipt["usage"])
    assert receipt["state_seconds"]["ExtractSpotify"] == 10


def test_a_history_that_may_not_be_read_does_not_turn_a_run_red(
    recording: Recording, finished: JsonStore
) -> None:
    meter = RunMeter(boto3.client("stepfunctions"), finished.s3, finished.bucket)

    result = replace(recording, meter=meter).run(RecordRequest.from_event(success_event()))

    assert result.status == "succeeded"
    receipt = finished.get(f"runs/{RUN_ID}/receipt.json")
    assert (receipt["usage"], receipt["cost"]) == (None, None)


def test_a_replay_that_balances_takes_the_files_of_earlier_attempts_away(
    recording: Recording, finished: JsonStore
) -> None:
    old, new = (curated_key("songs", "2026-11-22", RUN_ID, attempt, 0) for attempt in (1, 2))
    for key in (old, new):
        finished.put(key, {})
    for key in (PUBLISHED_KEY, LOAD_KEY):
        finished.put(key, finished.get(key) | {"attempt": 2})

    record(recording, attempt=2)

    assert finished.get(old) is None
    assert finished.get(new) == {}


def test_an_unbalanced_replay_leaves_every_file(recording: Recording, finished: JsonStore) -> None:
    old = curated_key("songs", "2026-11-22", RUN_ID, 1, 0)
    finished.put(old, {})

    with pytest.raises(LedgerUnbalancedError, match="attempt of the manifest"):
        record(recording, attempt=2)

    assert finished.get(old) == {}
