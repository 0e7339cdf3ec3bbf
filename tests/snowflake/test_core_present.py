"""What core says of the present, whatever the order and repetition of loads."""

from datetime import date

from tests.snowflake.landing_rows import a_run, an_album, an_artist
from tests.snowflake.local_account import LocalAccount
from tests.snowflake.reads import a_read, files_of, load
from tonearm_glue.contract import ALBUMS, ARTISTS, PLAYLISTS

ENTRIES = "select position, track_id from tonearm.core.playlist_entries order by position"


def _tracks(account: LocalAccount) -> str:
    return "".join(row["track_id"] for row in account.rows(ENTRIES))


def test_the_newest_read_is_the_present(account: LocalAccount) -> None:
    load(account, a_read("2024-05-01", "abc"), a_read("2024-05-02", "cb"))

    assert _tracks(account) == "cb"


def test_a_read_that_is_loaded_late_does_not_become_the_present(account: LocalAccount) -> None:
    load(account, a_read("2024-05-02", "cb"), a_read("2024-05-01", "abc"))

    assert _tracks(account) == "cb"


def test_an_emptied_playlist_has_no_entries(account: LocalAccount) -> None:
    load(account, a_read("2024-05-01", "abc"), a_read("2024-05-02", ""))

    assert _tracks(account) == ""
    assert account.value("select api_total from tonearm.core.playlists") == 0


def test_the_highest_attempt_of_a_run_counts(account: LocalAccount) -> None:
    load(account, a_read("2024-05-01", "ab", attempt=2), a_read("2024-05-01", "abc"))

    assert _tracks(account) == "ab"
    assert account.value("select attempt from tonearm.core.run_attempts") == 2


def test_a_replay_without_rows_of_an_entity_displaces_the_first_attempts_rows(
    account: LocalAccount,
) -> None:
    first = a_read("2024-05-01", "ab")
    replay = [file for file in a_read("2024-05-01", "ab", attempt=2) if file.entity is not ALBUMS]

    load(account, first, replay)

    assert account.value("select count(*) from tonearm.core.albums") == 0
    assert _tracks(account) == "ab"


def test_a_file_loaded_twice_changes_nothing(account: LocalAccount) -> None:
    read = a_read("2024-05-01", "aba")
    load(account, read)
    once = account.rows(ENTRIES)

    for file in read:
        account.recreate_pipe(file.entity.name)
    load(account, read)

    assert account.value("select count(*) from tonearm.landing.playlist_entries") == 6
    assert account.rows(ENTRIES) == once
    assert account.value("select playlist_entries from tonearm.mart.runs_and_freshness") == 3


def test_a_read_disturbed_by_an_edit_is_not_the_present_of_its_entries(
    account: LocalAccount,
) -> None:
    load(
        account,
        a_read("2024-05-01", "abc"),
        a_read("2024-05-02", "a", is_consistent=False, name="Renamed"),
    )

    assert _tracks(account) == "abc"
    assert account.value("select name from tonearm.core.playlists") == "Renamed"


def test_a_playlist_with_only_a_disturbed_read_shows_what_was_seen(account: LocalAccount) -> None:
    load(account, a_read("2024-05-01", "ab", is_consistent=False))

    assert _tracks(account) == "ab"
    assert account.value("select count(*) from tonearm.core.playlist_entry_history") == 0


def test_a_simplified_object_takes_nothing_from_what_a_full_one_told(
    account: LocalAccount,
) -> None:
    full = an_album(label="Label", popularity=10, is_full_object=True, **a_run("2024-05-01"))
    simplified = an_album(name="Renamed", **a_run("2024-05-02"))

    for album in (full, simplified):
        load(account, files_of(album, {ALBUMS: [album]}))

    (row,) = account.rows("select name, label, popularity, snapshot_date from tonearm.core.albums")
    assert row == {
        "name": "Renamed",
        "label": "Label",
        "popularity": 10,
        "snapshot_date": date(2024, 5, 2),
    }


def test_a_field_that_a_full_object_no_longer_has_is_unknown_not_kept(
    account: LocalAccount,
) -> None:
    before = an_artist(followers=7, is_full_object=True, **a_run("2024-05-01"))
    after = an_artist(is_full_object=True, **a_run("2024-05-02"))

    for artist in (before, after):
        load(account, files_of(artist, {ARTISTS: [artist]}))

    assert account.value("select followers from tonearm.core.artists") is None


def test_every_credited_artist_is_in_the_bridge_in_credit_order(account: LocalAccount) -> None:
    load(account, a_read("2024-05-01", "a"))

    rows = account.rows("select * from tonearm.core.song_artists order by credit_order")

    assert [(row["artist_id"], row["artist_name"]) for row in rows] == [
        ("artist-1", "One"),
        ("artist-2", "Two, Too"),
    ]
    assert account.value("select count(*) from tonearm.core.album_artists") == 1


def test_two_playlists_do_not_mix(account: LocalAccount) -> None:
    load(
        account,
        a_read("2024-05-01", "ab"),
        a_read("2024-05-01", "bc", playlist_id="list-2", run="20240501T070000Z-000002"),
    )

    rows = account.rows(
        "select playlist_id, count(*) as n from tonearm.core.playlist_entries group by 1 order by 1"
    )
    assert [tuple(row.values()) for row in rows] == [("list-1", 2), ("list-2", 2)]


def test_a_second_run_on_one_day_takes_the_first_ones_place(account: LocalAccount) -> None:
    load(
        account,
        a_read("2024-05-01", "abc"),
        a_read("2024-05-01", "ab", run="20240501T070000Z-000002"),
    )

    assert _tracks(account) == "ab"
    assert account.value("select count(*) from tonearm.core.playlist_reads") == 1
    assert account.value("select count(*) from tonearm.mart.playlist_changes") == 0


def test_a_playlist_row_without_entries_is_a_read_of_nothing(account: LocalAccount) -> None:
    run = a_run("2024-05-02")
    emptied = a_read("2024-05-02", "")[0].rows[0]
    load(account, a_read("2024-05-01", "a"), files_of(run, {PLAYLISTS: [emptied]}))

    (change,) = account.rows("select change, track_id from tonearm.mart.playlist_changes")
    assert change == {"change": "removed", "track_id": "a"}
