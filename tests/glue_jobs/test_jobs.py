"""What the jobs leave: figures that add up, pointers that lead back, exact file types."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from publish_run.parquet_facts import READABLE_CODECS
from tests.glue_jobs.jobs import Staged, parquet_files, run_jobs
from tests.glue_jobs.raw_files import RawRun, as_text, raw_line
from tonearm_glue import album_mentions, artist_mentions, song_mentions
from tonearm_glue.contract import ENTITIES, PARQUET_CODEC, Entity

pytestmark = pytest.mark.spark
LIST = "spotify:playlist:list"
_EACH = pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)


def a_track(**fields: Any) -> dict[str, Any]:
    track = {
        "id": "track1",
        "name": "One",
        "type": "track",
        "uri": "spotify:track:track1",
        "duration_ms": 210000,
        "artists": [{"id": "artist1", "name": "Ann"}],
        "album": {"id": "album1", "name": "", "release_date": "1983", "artists": []},
    }
    return {**track, **fields}


def a_page(*contents: Any, **fields: Any) -> dict[str, Any]:
    entries = [{"track": one, "added_at": "2021-02-26T14:30:31Z"} for one in contents]
    return raw_line("playlist_items", {"items": entries, "offset": 0}, LIST, **fields)


def a_run() -> RawRun:
    """Three parts with whole, odd, cut and superseded lines."""
    run = RawRun()
    # Its type is empty, which must not hide the null beside it.
    nameless = a_track(id=None, type="", uri="spotify:track:nameless")
    run.add_part([a_page(a_track(), a_track()), a_page(a_track(), nameless, read=1)])
    good = as_text(a_page(a_track()))
    cut, corrupt, unknown = good[: len(good) // 2], "{not json}", raw_line("news", {}, LIST)
    run.add_part([cut, a_page(None, nameless), corrupt, unknown])
    twins = good + as_text(a_page(a_track(id="lost")))
    run.add_part([raw_line("artists", {"artists": [None]}, "a"), _another_read(), twins])
    run.add_playlist("list", LIST, 6)
    run.superseded.append({"source": LIST, "read": 2})
    return run


def _another_read() -> dict[str, Any]:
    return a_page(a_track(id="superseded"), read=2)


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bucket")


@pytest.fixture(scope="module")
def staged(spark: SparkSession, bucket: Path) -> Staged:
    return run_jobs(a_run(), bucket)


def test_read_is_accepted_and_repeats_and_quarantined(staged: Staged) -> None:
    figures = [one for job in staged.counts.values() for one in job["entities"].values()]

    assert len(figures) == len(ENTITIES)
    for one in figures:
        assert one["read"] == one["accepted"] + one["repeats"] + one["quarantined"]
    assert staged.counts["songs"]["entities"]["songs"] == {
        "read": 3,
        "accepted": 1,
        "repeats": 2,
        "quarantined": 0,
    }


def test_accepted_is_what_is_in_the_files(staged: Staged) -> None:
    for job in staged.counts.values():
        for entity, one in job["entities"].items():
            assert one["accepted"] == len(staged.tables[entity])


def test_the_entries_of_a_playlist_add_up_to_what_the_api_said(staged: Staged) -> None:
    [one] = staged.counts["songs"]["playlists"]

    kinds = ("songs", "episodes", "local_files", "unavailable", "malformed")
    assert {name: one[name] for name in kinds} == dict(zip(kinds, (3, 0, 0, 1, 2), strict=True))
    assert sum(one[name] for name in kinds) == one["api_total"]


def test_a_pointer_leads_to_the_very_line_and_entry(staged: Staged, bucket: Path) -> None:
    refused = [row for row in staged.quarantine if row["entity"] == "playlist_entries"]

    assert len({row["raw_key"] for row in refused}) == 2
    for row in refused:
        lines = gzip.decompress((bucket / row["raw_key"]).read_bytes()).decode().splitlines()
        entry = json.loads(lines[row["line"]])["body"]["items"][row["entry"]]
        assert entry["track"]["id"] is None
        assert entry["track"]["uri"] == row["reason_detail"] == "spotify:track:nameless"


def test_an_artist_that_is_null_is_pointed_at(staged: Staged) -> None:
    [row] = [row for row in staged.quarantine if row["entity"] == "artists"]

    assert (row["reason_code"], row["line"], row["entry"]) == ("not_an_object", 0, 0)
    assert row["raw_key"].endswith("part-00002.json.gz")


def test_unusable_lines_are_counted_and_quarantined(staged: Staged) -> None:
    raw = [row for row in staged.quarantine if row["entity"] == "raw"]

    found = [(row["raw_key"][-15:-8], row["line"], row["reason_code"]) for row in raw]
    assert sorted(found) == [
        ("t-00001", 0, "raw_line_corrupt"),
        ("t-00001", 2, "raw_line_corrupt"),
        ("t-00001", 3, "raw_kind_unknown"),
        ("t-00002", 2, "raw_line_corrupt"),
    ]
    assert {job["corrupt_lines"] for job in staged.counts.values()} == {len(raw)}
    assert {job["raw_lines"] for job in staged.counts.values()} == {9}


def test_a_superseded_read_leaves_nothing_but_its_count(staged: Staged) -> None:
    assert [row["track_id"] for row in staged.tables["songs"]] == ["track1"]
    assert {job["ignored_lines"] for job in staged.counts.values()} == {1}


@_EACH
def test_files_hold_the_contracts_columns_in_order(staged: Staged, entity: Entity) -> None:
    [file] = staged.files(entity.name)

    assert tuple(pq.read_schema(file).names) == entity.names


def test_parquet_types_are_what_the_warehouse_reads_right(staged: Staged) -> None:
    [file] = staged.files("albums")
    written = pq.ParquetFile(file)

    names = [written.schema.column(n).name for n in range(len(written.schema))]
    extracted_at = written.schema.column(names.index("extracted_at"))
    assert extracted_at.physical_type == "INT64"
    assert pa.timestamp("us", tz="UTC") == written.schema_arrow.field("extracted_at").type
    assert written.schema_arrow.field("release_date").type == pa.date32()
    artists = written.schema_arrow.field("artists").type
    assert pa.types.is_list(artists)
    assert [one.name for one in artists.value_type] == ["artist_id", "name"]


def test_every_column_of_every_file_is_packed_as_the_audit_can_read_it(staged: Staged) -> None:
    files = sorted(staged.folder.rglob("*.parquet"))
    found = {codec for file in files for codec in codecs_in(file)}

    folders = {file.parent.name for file in files}
    assert folders == {*(one.name for one in ENTITIES), "raw"}  # tables, and quarantine of each
    assert found == {PARQUET_CODEC.upper()}
    assert found <= set(READABLE_CODECS)


def codecs_in(file: Path) -> list[str]:
    metadata = pq.read_metadata(file)
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    return [group.column(n).compression for group in groups for n in range(group.num_columns)]


def test_no_file_holds_an_int96(staged: Staged) -> None:
    for file in (one for entity in ENTITIES for one in staged.files(entity.name)):
        schema = pq.ParquetFile(file).schema
        assert {schema.column(n).physical_type for n in range(len(schema))} <= {
            *("BYTE_ARRAY", "INT32", "INT64", "BOOLEAN")
        }


def test_an_empty_text_is_null(staged: Staged) -> None:
    [album] = staged.tables["albums"]

    assert album["name"] is None


def test_plans_hold_no_product_and_no_nested_loop(spark: SparkSession, staged: Staged) -> None:
    plans = _plans_that_ran(spark)

    assert any("Scan text" in plan for plan in plans)
    for plan in plans:
        for word in ("CartesianProduct", "BroadcastNestedLoopJoin", "SortMergeJoin"):
            assert word not in plan


def test_rows_are_sorted_only_where_no_hash_table_can_hold_what_is_kept(
    spark: SparkSession, staged: Staged
) -> None:
    """Spark keeps values of fixed width alone in a hash table: not the winning copy, a struct."""
    # Other tests share the session; a job's plan begins with the raw lines.
    plans = [_steps_of(plan) for plan in _plans_that_ran(spark) if "Scan text" in plan]

    sorted_for = [text for steps in plans for text in steps.get("SortAggregate", [])]
    assert sorted_for
    assert all("max(struct(" in text for text in sorted_for)
    for steps in plans:
        sorts = [text for text in steps.get("Sort", []) if "[raw_key#" not in text]
        assert len(sorts) <= len(steps.get("SortAggregate", []))


def test_no_response_goes_into_a_shuffle(spark: SparkSession, staged: Staged) -> None:
    """Neither a line's text nor what was parsed of its body."""
    plans = [_steps_of(plan) for plan in _plans_that_ran(spark) if "Scan text" in plan]
    held = [_inputs_of(text) for steps in plans for text in steps.get("Exchange", [])]

    for key in ("album_id", "artist_id", "track_id"):
        assert any(key in names for names in held), "the copies of an object meet in a shuffle"
    wide = {
        *("value", "texts", "entries", "raw_contents"),
        *album_mentions.BODIES,
        *artist_mentions.BODIES,
        *song_mentions.BODIES,
    } - {"artists"}  # the credits have this name, too
    for names in held:
        assert not wide & names


def test_the_same_raw_gives_the_same_tables_and_as_many_files(
    staged: Staged, tmp_path: Path
) -> None:
    again = run_jobs(a_run(), tmp_path)

    assert again.tables == staged.tables
    assert again.quarantine == staged.quarantine
    assert again.counts == staged.counts
    for entity in ENTITIES:
        assert len(again.files(entity.name)) == len(staged.files(entity.name))


def test_a_run_without_lines_gives_tables_without_rows(spark: SparkSession, tmp_path: Path) -> None:
    run = RawRun()
    run.add_part([])

    empty = run_jobs(run, tmp_path)

    for entity in ENTITIES:
        [file] = empty.files(entity.name)
        assert tuple(pq.read_schema(file).names) == entity.names
        assert empty.tables[entity.name] == []
    assert {job["raw_lines"] for job in empty.counts.values()} == {0}
    assert not any(parquet_files(one) for one in (empty.folder / "quarantine").glob("*"))


def _plans_that_ran(spark: SparkSession) -> list[str]:
    """Every plan this session has run, as Spark's own record of its queries has it."""
    session: Any = spark
    session.sparkContext._jsc.sc().listenerBus().waitUntilEmpty()
    ran = session._jsparkSession.sharedState().statusStore().executionsList()
    return [ran.apply(n).physicalPlanDescription() for n in range(ran.size())]


def _inputs_of(step: str) -> set[str]:
    """The names of the columns that go into a step.

    Raises:
        AssertionError: Spark does not show all of them.
    """
    [shown] = re.findall(r"^Input \[\d+\]: \[(.*)\]", step, re.M)
    assert "more fields" not in shown
    return set(re.findall(r"(\w+)#\d+", shown))


def _steps_of(plan: str) -> dict[str, list[str]]:
    """The texts of a formatted plan's steps, by the step's name."""
    found: dict[str, list[str]] = {}
    for name, text in re.findall(r"^\(\d+\) (\w+)(.*?)(?=^\(\d+\) |\Z)", plan, re.M | re.S):
        found.setdefault(name, []).append(text)
    return found
