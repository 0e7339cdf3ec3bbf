"""The Spark jobs agree with the plain-Python reference, row for row and column for column."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.glue_jobs.comparing import differences, entries_in, reference_of
from tests.glue_jobs.generated import generated_run
from tests.glue_jobs.jobs import run_jobs
from tests.glue_jobs.raw_files import recorded_run
from tests.glue_jobs.run_reference import EXAMPLES, recordings

pytestmark = pytest.mark.spark


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


def test_made_up_entries_of_every_oddity_give_what_the_reference_gives(
    spark: SparkSession, tmp_path: Path
) -> None:
    run = generated_run(EXAMPLES)

    staged = run_jobs(run, tmp_path)

    reference = reference_of(run)
    assert differences(staged, reference) == []
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
