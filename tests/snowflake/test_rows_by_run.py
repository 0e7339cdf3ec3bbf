"""How many of a run's rows core has: all once it is refreshed, also when later runs displace it."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.snowflake.local_account import VALUES, LocalAccount
from tests.snowflake.reads import RunFile, a_read, load
from tonearm.warehouse.deploy import plan

ENTITIES = ("albums", "artists", "playlist_entries", "playlists", "songs")


def held(account: LocalAccount, files: list[RunFile]) -> dict[str, tuple[int, int]]:
    """Rows loaded and rows in core, by entity, of the run that published the files."""
    run = files[0].rows[0]
    rows = account.rows(
        "select entity, rows_loaded, rows_in_core from tonearm.core.rows_by_run"
        f" where run_id = '{run['run_id']}' and attempt = {run['attempt']}"
    )
    return {row["entity"]: (int(row["rows_loaded"]), int(row["rows_in_core"])) for row in rows}


def is_whole(account: LocalAccount, files: list[RunFile]) -> bool:
    found = held(account, files)
    return bool(found) and all(loaded == there for loaded, there in found.values())


@contextmanager
def standing_still(account: LocalAccount, table: str) -> Iterator[None]:
    """Core as it would be had this table not been refreshed since."""
    name = f"tonearm.core.{table}"
    (create,) = [
        statement.sql
        for statement in plan(VALUES)
        if statement.sql.lower().startswith(f"create or alter dynamic table {name}\n")
    ]
    account.run(f"create table tonearm.ops.kept as select * from {name}")
    account.run(
        f"create or alter dynamic table {name} target_lag = '1 hour' warehouse = tonearm_wh"
        " refresh_mode = adaptive as select * from tonearm.ops.kept"
    )
    try:
        yield
    finally:
        account.run(create)
        account.run("drop table tonearm.ops.kept")


def test_a_run_is_whole_with_each_row_counted_once(account: LocalAccount) -> None:
    files = a_read("2026-11-20", "abca")
    load(account, files)
    account.recreate_pipe("songs")
    for file in files:
        if file.entity.name == "songs":
            file.load(account)  # a second time, under the same name

    found = held(account, files)

    assert found["playlist_entries"] == (4, 4)
    assert found["songs"] == (3, 3)
    assert set(found) == set(ENTITIES)


def test_earlier_and_later_dates_do_not_take_from_a_run(account: LocalAccount) -> None:
    first, second = a_read("2026-11-20", "abc"), a_read("2026-11-22", "cab")
    between = a_read("2026-11-21", "ad")
    load(account, first, second, between)

    assert [is_whole(account, files) for files in (first, between, second)] == [True] * 3


def test_a_later_run_of_the_same_date_displaces_and_both_are_whole(account: LocalAccount) -> None:
    first = a_read("2026-11-20", "abc", run="20261120T060000Z-aaaaaa")
    second = a_read("2026-11-20", "d", run="20261120T180000Z-bbbbbb")
    load(account, first, second)

    assert held(account, first)["playlist_entries"] == (3, 3)
    assert is_whole(account, first)
    assert is_whole(account, second)


def test_an_attempt_that_a_later_one_displaced_is_whole(account: LocalAccount) -> None:
    first, second = a_read("2026-11-20", "abc"), a_read("2026-11-20", "a", attempt=2)
    load(account, first, second)

    assert held(account, first)["songs"] == (3, 3)
    assert is_whole(account, second)


def test_a_read_that_was_disturbed_is_whole_though_nothing_is_concluded(
    account: LocalAccount,
) -> None:
    files = a_read("2026-11-20", "abc", is_consistent=False)
    load(account, files)

    assert held(account, files)["playlist_entries"] == (3, 3)
    assert is_whole(account, files)


def test_rows_core_was_not_refreshed_from_are_missing(account: LocalAccount) -> None:
    before, files = a_read("2026-11-20", "ab"), a_read("2026-11-21", "abc")
    load(account, before)
    with standing_still(account, "song_versions"):
        load(account, files)
        late = held(account, files)
        earlier = held(account, before)

    assert late["songs"] == (3, 0)
    assert late["albums"] == (1, 1)
    assert earlier["songs"] == (2, 2)
    assert is_whole(account, files)


def test_entries_whose_history_stands_still_are_missing(account: LocalAccount) -> None:
    before, files = a_read("2026-11-20", "ab"), a_read("2026-11-21", "abc")
    load(account, before)
    with standing_still(account, "playlist_entry_history"):
        load(account, files)
        late = held(account, files)

    # The two that were there before kept their place, but nobody looked whether they still do.
    assert late["playlist_entries"] == (3, 2)
    assert late["playlists"] == (1, 1)


def test_playlists_whose_reads_stand_still_are_missing(account: LocalAccount) -> None:
    before, files = a_read("2026-11-20", "ab"), a_read("2026-11-21", "abc")
    load(account, before)
    with standing_still(account, "playlist_reads"):
        load(account, files)
        late = held(account, files)

    assert late["playlists"] == (1, 0)
    assert late["playlist_entries"] == (3, 0)


def test_a_stale_attempt_is_missing(account: LocalAccount) -> None:
    first, second = a_read("2026-11-20", "ab"), a_read("2026-11-20", "abc", attempt=2)
    load(account, first)
    with standing_still(account, "album_versions"):
        load(account, second)
        late = held(account, second)

    assert late["albums"] == (1, 0)
