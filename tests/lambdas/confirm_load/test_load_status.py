from datetime import timedelta

import pytest

from confirm_load.load_status import (
    FileLoad,
    FileStatus,
    HistoryLine,
    LandingCount,
    PublishedFile,
    Repair,
    due_repairs,
    file_loads,
    last_try,
    overall_status,
    published_files,
)
from confirm_load.load_way import RepairKind
from tests.lambdas.tonearm_pipeline.finished_run import ROWS, key_of, published_manifest

SONGS = PublishedFile("songs", key_of("songs"), 6)
ALBUMS = PublishedFile("albums", key_of("albums"), 4)
# Snowflake names the file relative to the stage in its history, relative to the bucket in the rows.
HISTORY_NAME = SONGS.key.removeprefix("curated/")
MINUTE = timedelta(minutes=1)


def line(status: str, rows: int = 6, error: str = "", at: int | None = None) -> HistoryLine:
    return HistoryLine(HISTORY_NAME, status, rows, error, at)


def load_of(history: list[HistoryLine], landing: list[LandingCount]) -> FileLoad:
    return file_loads([SONGS], history, landing)[0]


def pending(file: PublishedFile = SONGS) -> FileLoad:
    return FileLoad(file, FileStatus.PENDING, 0, 0)


def test_every_file_of_the_manifest_is_followed() -> None:
    files = published_files(published_manifest())

    assert {file.entity: (file.key, file.rows) for file in files} == {
        name: (key_of(name), rows) for name, rows in ROWS.items()
    }


def test_a_loaded_file_is_loaded_with_its_rows() -> None:
    load = load_of([line("Loaded")], [LandingCount(SONGS.key, 6, 6)])

    assert (load.status, load.rows_loaded, load.rows_in_landing) == (FileStatus.LOADED, 6, 6)


def test_a_file_nobody_knows_of_is_pending() -> None:
    assert load_of([], []).status is FileStatus.PENDING


def test_another_files_lines_say_nothing_about_this_one() -> None:
    other = HistoryLine(HISTORY_NAME.replace("00000", "00001"), "Loaded", 6)

    assert load_of([other], [LandingCount(key_of("songs", 1), 6, 6)]).status is FileStatus.PENDING


@pytest.mark.parametrize("status", ["Load in progress", "LOAD_IN_PROGRESS", "Load skipped"])
def test_a_file_under_way_is_pending(status: str) -> None:
    assert load_of([line(status, 0)], []).status is FileStatus.PENDING


@pytest.mark.parametrize("status", ["Load failed", "LOAD_FAILED", "Partially loaded"])
def test_a_refused_file_is_failed_with_its_first_error(status: str) -> None:
    load = load_of([line(status, 0, "Numeric value 'x' is not recognized", 17)], [])

    assert load.status is FileStatus.FAILED
    assert load.first_error == "Numeric value 'x' is not recognized (line 17)"


def test_a_refused_file_without_a_message_tells_its_status() -> None:
    assert load_of([line("Load failed", 0)], []).first_error == "Load failed"


def test_a_file_refused_first_and_loaded_later_is_loaded() -> None:
    load = load_of([line("Load failed", 0, "no"), line("Loaded")], [LandingCount(SONGS.key, 6, 6)])

    assert (load.status, load.first_error) == (FileStatus.LOADED, "")


def test_rows_that_are_all_there_are_loaded_though_history_has_forgotten() -> None:
    load = load_of([], [LandingCount(SONGS.key, 6, 6)])

    assert (load.status, load.rows_loaded) == (FileStatus.LOADED, 6)


def test_rows_that_are_not_all_there_are_not_loaded_without_history() -> None:
    assert load_of([], [LandingCount(SONGS.key, 5, 5)]).status is FileStatus.PENDING


def test_a_file_loaded_twice_counts_once_and_says_so() -> None:
    load = load_of([line("Loaded"), line("Loaded")], [LandingCount(SONGS.key, 6, 12)])

    assert (load.rows_loaded, load.rows_in_landing, load.repeated_rows) == (6, 6, 6)


def test_one_failed_file_fails_the_run_before_pending_ones() -> None:
    failed = FileLoad(ALBUMS, FileStatus.FAILED, 0, 0, first_error="no")
    loaded = FileLoad(ALBUMS, FileStatus.LOADED, 4, 4)

    assert overall_status([pending(), failed, loaded]) is FileStatus.FAILED
    assert overall_status([pending(), loaded]) is FileStatus.PENDING
    assert overall_status([loaded]) is FileStatus.LOADED
    assert overall_status([]) is FileStatus.LOADED


def test_no_repair_before_the_event_has_had_its_time() -> None:
    assert due_repairs([pending()], [], 4 * MINUTE, 5 * MINUTE, tries=9) == []


def test_a_lost_event_is_repaired_by_the_pipes_refresh_once() -> None:
    first = due_repairs([pending(), pending(ALBUMS)], [], 6 * MINUTE, 5 * MINUTE, tries=18)

    assert [(one.entity, one.kind, one.keys, one.tries) for one in first] == [
        ("songs", RepairKind.REFRESH, (SONGS.key,), 18),
        ("albums", RepairKind.REFRESH, (ALBUMS.key,), 18),
    ]
    assert "not loaded 360 s after publishing" in first[0].why
    again = due_repairs([pending(), pending(ALBUMS)], first, 7 * MINUTE, 5 * MINUTE, tries=21)
    assert again == []


def test_loaded_and_failed_files_are_not_repaired() -> None:
    loads = [
        FileLoad(SONGS, FileStatus.LOADED, 6, 6),
        FileLoad(ALBUMS, FileStatus.FAILED, 0, 0),
    ]

    assert due_repairs(loads, [], 6 * MINUTE, 5 * MINUTE, tries=1) == []


@pytest.mark.parametrize(
    ("age", "kind"),
    [(timedelta(days=6, hours=22), RepairKind.REFRESH), (timedelta(days=7), RepairKind.COPY)],
)
def test_files_a_refresh_does_not_reach_are_copied_by_name(
    age: timedelta, kind: RepairKind
) -> None:
    repair = due_repairs([pending()], [], age, 5 * MINUTE, tries=0)[0]

    assert repair.kind is kind
    reason = "a refresh reaches files of seven days" if kind == "refresh" else "copied by name"
    assert reason in repair.why


def test_a_repair_earns_as_many_tries_again() -> None:
    repair = Repair("songs", RepairKind.REFRESH, "why", 44, (SONGS.key,))

    assert last_try(45, []) == 45
    assert last_try(45, [repair]) == 89


def test_a_repair_survives_being_written() -> None:
    repair = Repair("songs", RepairKind.COPY, "why", 3, (SONGS.key,))

    assert Repair.from_dict(repair.as_dict()) == repair
