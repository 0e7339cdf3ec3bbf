"""How many files a table has follows its size: about 128 MB each, one when it is small."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.glue_jobs.jobs import JOBS, job_script, staged_in
from tests.glue_jobs.raw_files import RUN_ID, job_arguments
from tests.glue_jobs.volume import Volume, write_volume
from tonearm_glue.contract import ENTITIES
from tonearm_glue.session import file_count

pytestmark = pytest.mark.spark
ENTRIES = 10_000
LARGEST_FILE = 128 << 20
SMALLEST_LARGE_FILE = 48 << 20


@pytest.fixture(scope="module")
def bucket(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("volume")
    write_volume(place, Volume(ENTRIES))
    for name in JOBS:
        job_script(name).main(job_arguments(place))
    return place


def test_a_run_of_this_size_has_one_file_a_table(bucket: Path) -> None:
    staged = staged_in(bucket / "staged" / RUN_ID / "1")

    assert len(staged.tables["playlist_entries"]) == ENTRIES
    assert [len(staged.files(entity.name)) for entity in ENTITIES] == [1] * len(ENTITIES)


def test_files_of_a_large_run_come_to_about_128_mb(bucket: Path) -> None:
    """The largest table's bytes for each byte of raw, as measured, at the size of a large run."""
    staged = staged_in(bucket / "staged" / RUN_ID / "1")
    raw = sum(part.stat().st_size for part in (bucket / "raw").rglob("*.gz"))
    written = [sum(one.stat().st_size for one in staged.files(each.name)) for each in ENTITIES]

    for large in (1 << 30, 10 << 30):
        file = large / file_count(large) * max(written) / raw
        assert SMALLEST_LARGE_FILE < file < LARGEST_FILE


def test_a_file_more_only_when_the_last_is_full() -> None:
    counts = [file_count(megabytes << 20) for megabytes in (0, 1, 150, 300, 1000)]

    assert counts[:3] == [1, 1, 1]
    assert counts == sorted(counts)
    assert counts[-1] > counts[-2] > 1
