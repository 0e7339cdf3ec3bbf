"""The Spark jobs agree with the plain-Python reference, row for row and column for column."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pyspark.sql import SparkSession

from tests.glue_jobs.comparing import differences, entries_in, reference_of
from tests.glue_jobs.generated import generated_run
from tests.glue_jobs.jobs import JOBS, Staged, run_jobs
from tests.glue_jobs.raw_files import RUN_ID, RawRun, recorded_run
from tests.glue_jobs.run_reference import EXAMPLES, recordings
from tests.glue_jobs.strategies import over_drawn_runs


class MadeUp(NamedTuple):
    """A made-up run through the jobs: how large its raw parts are, and how much was read."""

    run: RawRun
    staged: Staged
    raw_bytes: int
    bytes_read: int


pytestmark = pytest.mark.spark
BATCHES = 2  # `make reference` draws eight


def test_every_recorded_file_gives_what_the_reference_gives(
    spark: SparkSession, tmp_path: Path
) -> None:
    folder = recordings()
    if not folder.is_dir():
        pytest.skip(f"no recorded responses at {folder} (set TONEARM_RECORDED)")
    run, files = recorded_run(folder)

    staged = run_jobs(run, tmp_path)

    reference = reference_of(run)
    assert differences(staged, reference) == []
    assert files > 100
    assert entries_in(reference) > 2500


@pytest.fixture(scope="module")
def made_up(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> MadeUp:
    bucket, run = tmp_path_factory.mktemp("bucket"), generated_run(EXAMPLES)
    before = bytes_read(spark)
    staged = run_jobs(run, bucket)
    raw = sum(file.stat().st_size for file in bucket.glob("raw/**/*.[gj]*"))
    return MadeUp(run, staged, raw, bytes_read(spark) - before)


def test_made_up_entries_of_every_oddity_give_what_the_reference_gives(made_up: MadeUp) -> None:
    staged = made_up.staged

    assert differences(staged, reference_of(made_up.run)) == []
    seen = {row["entry_kind"] for row in staged.tables["playlist_entries"]}
    assert seen == {"song", "episode", "local_file", "unavailable"}
    assert {row["reason_code"] for row in staged.quarantine} == {
        "not_an_object",
        "entry_without_content",
        "content_type_unknown",
        "track_without_id",
        "track_not_a_song",
        "album_without_id",
        "artist_without_id",
        "response_without_items",
        "playlist_without_pages",
    }


def test_each_job_reads_the_raw_parts_once(made_up: MadeUp) -> None:
    read_by_a_job = made_up.bytes_read / len(JOBS)

    assert made_up.raw_bytes <= read_by_a_job < 1.5 * made_up.raw_bytes


def test_a_playlist_that_lost_its_pages_is_in_quarantine_and_points_to_the_manifest(
    made_up: MadeUp,
) -> None:
    lost = [row for row in made_up.staged.quarantine if row["entity"] == "playlists"]

    assert {row["reason_code"] for row in lost} == {"playlist_without_pages"}
    assert {row["raw_key"] for row in lost} == {f"raw/{RUN_ID}/manifest.json"}
    assert all(row["playlist_id"] for row in lost)
    counts = made_up.staged.counts["songs"]["entities"]["playlists"]
    assert counts["quarantined"] == len(lost) > 0
    assert counts["read"] == counts["accepted"] + counts["repeats"] + counts["quarantined"]


@pytest.mark.timeout(900)
@over_drawn_runs(BATCHES)
def test_values_nobody_thought_of_give_what_the_reference_gives(
    spark: SparkSession, tmp_path_factory: pytest.TempPathFactory, run: RawRun
) -> None:
    staged = run_jobs(run, tmp_path_factory.mktemp("bucket"))

    assert differences(staged, reference_of(run)) == []


def bytes_read(spark: SparkSession) -> int:
    """What Hadoop's file systems have read in this session; shuffles do not go through them."""
    session: Any = spark
    jvm = session.sparkContext._jvm
    read = jvm.org.apache.hadoop.fs.FileSystem.getAllStatistics()
    return sum(int(one.getBytesRead()) for one in read)
