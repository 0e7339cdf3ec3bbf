from datetime import date
from typing import Any

import boto3
import pytest

from publish_run.audit_facts import QuarantineLimits
from publish_run.events import PublishRequest
from publish_run.publish import Publishing
from tests.lambdas.local_aws import BUCKET, FakeClock
from tests.lambdas.publish_run.conftest import DATABASE, publishing_over
from tests.lambdas.publish_run.staged_run import (
    DATE,
    RUN_ID,
    StagedRun,
    full_row,
    published,
)
from tonearm_glue.contract import ALBUMS, ENTITIES, SONGS
from tonearm_pipeline.errors import (
    QuarantineLimitError,
    RawCorruptError,
    SettingsError,
)
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.state.last_good import LastGoodRun
from tonearm_pipeline.state.table import StateTable

MANIFEST = f"runs/{RUN_ID}/manifest.json"
ENTRIES = "playlist_entries"


def run_it(publishing: Publishing, run: StagedRun) -> dict[str, Any]:
    return publishing.run(PublishRequest.from_event(run.event())).as_event()


def test_a_sound_run_is_published_under_deterministic_names(
    publishing: Publishing, store: JsonStore
) -> None:
    run = StagedRun.small()
    run.write(store)

    answer = run_it(publishing, run)

    files = run.files()
    expected = {
        f"curated/{name}/snapshot_date={DATE}/{name}-{RUN_ID}-00000.parquet": files[
            f"staged/{RUN_ID}/1/{name}/part-00000-x.snappy.parquet"
        ]
        for name in run.rows
    }
    expected[f"quarantine/{ENTRIES}/snapshot_date={DATE}/{ENTRIES}-{RUN_ID}-00000.parquet"] = files[
        f"staged/{RUN_ID}/1/quarantine/{ENTRIES}/part-00000-x.snappy.parquet"
    ]
    assert published(store) == expected
    assert answer == {
        "published_key": MANIFEST,
        "files": 5,
        "counts": {name: len(rows) for name, rows in run.rows.items()},
        "warnings": 0,
    }


def test_the_manifest_states_figures_files_and_playlists(
    publishing: Publishing, store: JsonStore
) -> None:
    run = StagedRun.small()
    run.write(store)

    run_it(publishing, run)

    manifest = store.get(MANIFEST)
    assert manifest is not None
    key = f"curated/songs/snapshot_date={DATE}/songs-{RUN_ID}-00000.parquet"
    body = published(store)[key]
    head = store.s3.head_object(Bucket=BUCKET, Key=key)
    songs = manifest["entities"]["songs"]
    assert {name: songs[name] for name in ("read", "accepted", "repeats", "quarantined")} == {
        "read": 15,
        "accepted": 12,
        "repeats": 3,
        "quarantined": 0,
    }
    assert (songs["staged"], songs["curated"]) == (12, 12)
    assert songs["files"] == [
        {
            "key": key,
            "source_key": f"staged/{RUN_ID}/1/songs/part-00000-x.snappy.parquet",
            "rows": 12,
            "bytes": len(body),
            "etag": head["ETag"].strip('"'),
        }
    ]
    assert [one["playlist_id"] for one in manifest["playlists"]] == ["playlist-a", "playlist-b"]
    assert manifest["quarantine"][ENTRIES][0]["rows"] == 1
    assert manifest["raw_manifest_key"] == f"raw/{RUN_ID}/manifest.json"
    assert manifest["published_at"] == "2026-11-22T09:00:00.000000Z"
    assert (manifest["attempt"], manifest["contract_version"]) == (1, 1)


def test_a_file_without_rows_is_not_published(publishing: Publishing, store: JsonStore) -> None:
    run = StagedRun.small()
    run.rows["albums"] = []
    run.counts["albums"]["entities"]["albums"] = {
        "read": 0,
        "accepted": 0,
        "repeats": 0,
        "quarantined": 0,
    }
    run.counts["albums"]["field_presence"] = {}
    run.write(store)

    answer = run_it(publishing, run)

    assert answer["files"] == 4
    assert not [key for key in published(store) if key.startswith("curated/albums/")]


def test_files_are_numbered_in_the_order_of_their_staged_names(
    publishing: Publishing, store: JsonStore
) -> None:
    run = StagedRun.small()
    run.write(store)
    first = f"staged/{RUN_ID}/1/songs/part-00000-x.snappy.parquet"
    halves = [StagedRun.small(), StagedRun.small()]
    halves[0].rows["songs"], halves[1].rows["songs"] = run.rows["songs"][:5], run.rows["songs"][5:]
    bodies = [half.files()[first] for half in halves]
    empty = StagedRun.small()
    empty.rows["songs"] = []
    for number, body in enumerate([bodies[0], empty.files()[first], bodies[1]]):
        store.s3.put_object(Bucket=BUCKET, Key=first.replace("00000", f"0000{number}"), Body=body)

    run_it(publishing, run)

    stem = f"curated/songs/snapshot_date={DATE}/songs-{RUN_ID}-0000"
    assert {key: body for key, body in published(store).items() if "/songs/" in key} == {
        f"{stem}0.parquet": bodies[0],
        f"{stem}1.parquet": bodies[1],
    }


def test_the_data_catalog_knows_each_table_and_its_partition(
    publishing: Publishing, store: JsonStore
) -> None:
    run = StagedRun.small()
    run.write(store)

    run_it(publishing, run)

    glue = boto3.client("glue")
    for entity in ENTITIES:
        table = glue.get_table(DatabaseName=DATABASE, Name=entity.name)["Table"]
        columns = [column["Name"] for column in table["StorageDescriptor"]["Columns"]]
        assert columns == [name for name in entity.names if name != "snapshot_date"]
        assert [key["Name"] for key in table["PartitionKeys"]] == ["snapshot_date"]
        partitions = glue.get_partitions(DatabaseName=DATABASE, TableName=entity.name)["Partitions"]
        assert [partition["Values"] for partition in partitions] == [[DATE]]
        location = partitions[0]["StorageDescriptor"]["Location"]
        assert location == f"s3://{BUCKET}/curated/{entity.name}/snapshot_date={DATE}/"


def test_a_missing_catalog_database_is_a_setting_that_is_wrong(
    store: JsonStore, table: StateTable, clock: FakeClock
) -> None:
    run = StagedRun.small()
    run.write(store)

    with pytest.raises(SettingsError, match="GLUE_DATABASE: the Data Catalog has no database"):
        run_it(publishing_over(store, table, clock), run)

    assert store.get(MANIFEST) is None


def test_too_much_in_quarantine_stops_the_run(
    publishing: Publishing, store: JsonStore, table: StateTable, clock: FakeClock
) -> None:
    run = StagedRun.small()
    run.write(store)
    strict = publishing_over(store, table, clock, QuarantineLimits(share=0.05, rows=0))

    with pytest.raises(QuarantineLimitError, match="quarantine playlist_entries: 1 of 34 rows"):
        run_it(strict, run)

    assert published(store) == {}


def test_no_raw_manifest_is_named(publishing: Publishing, store: JsonStore) -> None:
    run = StagedRun.small()

    with pytest.raises(RawCorruptError, match=f"raw/{RUN_ID}/manifest.json"):
        run_it(publishing, run)


def test_a_jump_of_nulls_against_the_last_good_run_is_a_warning(
    publishing: Publishing, store: JsonStore, table: StateTable
) -> None:
    run = StagedRun.small()
    run.write(store)
    run_it(publishing, run)
    store.put("runs/last/manifest.json", store.get(MANIFEST))
    LastGoodRun(table).remember("20261121T090000Z-abc123", "runs/last/manifest.json")
    store.s3.delete_object(Bucket=BUCKET, Key=MANIFEST)
    later = StagedRun.small(attempt=2)
    for row in later.rows["songs"]:
        row["popularity"] = None
    later.counts["songs"]["field_presence"]["songs"]["popularity"] = [0, 12]
    later.write(store)

    answer = run_it(publishing, later)

    manifest = store.get(MANIFEST)
    assert manifest is not None
    assert answer["warnings"] == 1
    assert manifest["warnings"] == [
        {
            "step": "nulls",
            "entity": "songs",
            "what": f"share of NULLs in popularity (run {RUN_ID})",
            "expected": 0.0,
            "found": 1.0,
        }
    ]


def test_a_large_staged_file_is_read_in_ranges(
    publishing: Publishing, store: JsonStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tonearm_pipeline.staged._WHOLE_FILE_BYTES", 1000)
    monkeypatch.setattr("tonearm_pipeline.staged._READ_AHEAD_BYTES", 500)
    run = StagedRun.small()
    run.write(store)

    answer = run_it(publishing, run)

    assert answer["counts"]["songs"] == 12


def test_the_output_stays_small_with_five_thousand_playlists(
    publishing: Publishing, store: JsonStore
) -> None:
    run = StagedRun.small()
    ids = [f"playlist-{number:05d}" for number in range(5000)]
    many_playlists(run, ids)
    run.write(store)

    answer = run_it(publishing, run)

    assert len(str(answer)) < 1000
    assert answer["counts"]["playlists"] == 5000


def many_playlists(run: StagedRun, ids: list[str]) -> None:
    """Replace the run's playlists by many of one song each."""
    entries = run.rows[ENTRIES][:1] * len(ids)
    row = run.rows["playlists"][0]
    kinds = {"api_total": 1, "songs": 1}
    kinds |= dict.fromkeys(("episodes", "local_files", "unavailable", "malformed"), 0)
    run.quarantine = {}
    run.rows[ENTRIES] = [
        {**entry, "playlist_id": one} for entry, one in zip(entries, ids, strict=True)
    ]
    run.rows["playlists"] = [{**row, "playlist_id": one, **kinds} for one in ids]
    read = run.manifest["playlists"][0]
    run.manifest["playlists"] = [
        {**read, "playlist_id": one, "api_total": 1, "collected": 1} for one in ids
    ]
    songs = run.counts["songs"]
    songs["playlists"] = [{"playlist_id": one, **kinds} for one in ids]
    for name in (ENTRIES, "playlists"):
        songs["entities"][name] = {
            "read": len(ids),
            "accepted": len(ids),
            "repeats": 0,
            "quarantined": 0,
        }
        songs["field_presence"][name] = {}


def test_rows_are_dates_and_numbers_as_the_contract_says() -> None:
    # The fixture itself: a row has every column of the contract, and no other.
    assert tuple(full_row(SONGS)) == SONGS.names
    assert full_row(ALBUMS)["release_date"] == date(2020, 2, 1)
