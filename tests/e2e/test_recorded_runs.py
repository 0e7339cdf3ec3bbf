"""Recorded responses through the whole pipeline: ledgers, history, oddities."""

import io
import json
from collections import Counter
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.e2e.local_cloud import Cloud, different_lines
from tonearm.local.days import Day, DayResult

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

TOP_50 = "playlist/danielmschaves_top50_global_{}.json"


@pytest.fixture(scope="session")
def two_days(
    cloud: Cloud, sample_runs: list[DayResult], recorded: Path
) -> tuple[DayResult, DayResult]:
    """Two recordings of one playlist, each served on its own day."""
    first, second = (
        cloud.run(Day(day, recorded / TOP_50.format(day)))
        for day in (date(2024, 5, 2), date(2024, 5, 11))
    )
    return first, second


@pytest.fixture(scope="session")
def whole_folder(cloud: Cloud, two_days: tuple[DayResult, DayResult], recorded: Path) -> DayResult:
    """Every recorded playlist in one run."""
    return cloud.run(Day(date(2026, 11, 22), recorded))


def entries_of(path: Path) -> dict[tuple[str, int], int]:
    """Position of each (uri, n-th time it stands in the list), straight from the recording."""
    seen: Counter[str] = Counter()
    positions = {}
    for position, item in enumerate(json.loads(path.read_text())["tracks"]["items"]):
        uri = item["track"]["uri"]
        positions[(uri, seen[uri])] = position
        seen[uri] += 1
    return positions


def expected_changes(recorded: Path) -> set[tuple[str, str, int | None, int | None]]:
    before = entries_of(recorded / TOP_50.format("2024-05-02"))
    after = entries_of(recorded / TOP_50.format("2024-05-11"))
    added = {("added", k[0], None, after[k]) for k in after.keys() - before.keys()}
    removed = {("removed", k[0], before[k], None) for k in before.keys() - after.keys()}
    both = before.keys() & after.keys()
    moved = {("moved", k[0], before[k], after[k]) for k in both if before[k] != after[k]}
    return added | removed | moved


def test_history_shows_exactly_what_was_added_removed_and_moved(
    cloud: Cloud, two_days: tuple[DayResult, DayResult], recorded: Path
) -> None:
    [playlist] = (two_days[1].ledger or {})["playlists"]

    rows = cloud.query(
        "select change, uri, old_position, new_position from tonearm.mart.playlist_changes"
        f" where playlist_id = '{playlist['playlist_id']}' and snapshot_date = '2024-05-11'"
    )

    assert len(rows) == len(set(rows))
    assert set(rows) == expected_changes(recorded)
    assert Counter(row[0] for row in rows)["added"] > 0


def test_the_present_is_the_second_recording(
    cloud: Cloud, two_days: tuple[DayResult, DayResult], recorded: Path
) -> None:
    [playlist] = (two_days[1].ledger or {})["playlists"]

    rows = cloud.query(
        "select position, uri from tonearm.core.playlist_entries"
        f" where playlist_id = '{playlist['playlist_id']}' order by position"
    )

    after = entries_of(recorded / TOP_50.format("2024-05-11"))
    assert rows == sorted((position, uri) for (uri, _), position in after.items())


def test_the_second_day_again_changes_no_table(
    cloud: Cloud, whole_folder: DayResult, recorded: Path, tmp_path: Path
) -> None:
    before = cloud.export(tmp_path / "before")

    again = cloud.run(Day(date(2026, 11, 22), recorded))

    assert again.finished.is_green, again.finished.cause
    assert different_lines(before, cloud.export(tmp_path / "after")) == {}


def test_every_recorded_playlist_goes_through_and_balances(
    cloud: Cloud, whole_folder: DayResult
) -> None:
    assert whole_folder.finished.is_green, whole_folder.finished.cause
    ledger = whole_folder.ledger or {}
    assert ledger["balances"] is True
    assert all(playlist["balances"] for playlist in ledger["playlists"])
    assert len(ledger["playlists"]) > 45
    totals: Counter[str] = Counter()
    for playlist in ledger["playlists"]:
        for kind in ("songs", "episodes", "local_files", "unavailable", "malformed"):
            totals[kind] += playlist[kind]
    assert totals["songs"] > 1500
    assert all(totals[kind] for kind in ("episodes", "local_files", "unavailable", "malformed"))


def test_quarantined_rows_say_why_and_where(cloud: Cloud, whole_folder: DayResult) -> None:
    s3 = cloud.stack.client("s3")
    keys = [key for key in cloud.keys("quarantine/") if whole_folder.run_id in key]
    rows = []
    for key in keys:
        body = s3.get_object(Bucket=cloud.stack.outputs["Bucket"], Key=key)["Body"].read()
        rows += pq.read_table(io.BytesIO(body)).to_pylist()

    counted = sum(row["quarantined"] for row in (whole_folder.ledger or {})["entities"].values())
    assert len(rows) == counted > 0
    for row in rows:
        assert row["reason_code"]
        assert row["raw_key"].startswith(f"raw/{whole_folder.run_id}/pages/")
        assert row["line"] >= 0
