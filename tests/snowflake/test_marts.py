"""The questions people ask, on a few rows one can count by hand."""

from datetime import UTC, date, datetime

import pytest

from tests.snowflake.landing_rows import a_playlist, a_run, a_song, an_album, an_artist, an_entry
from tests.snowflake.local_account import LocalAccount
from tests.snowflake.reads import a_read, files_of, load
from tonearm_glue.contract import ALBUMS, ARTISTS, PLAYLIST_ENTRIES, PLAYLISTS, SONGS

VIEWS = [
    "playlist_changes",
    "newest_songs",
    "artists_by_share",
    "albums_by_share",
    "release_years",
    "time_in_playlist",
    "additions_per_week",
    "runs_and_freshness",
    "field_presence",
]


@pytest.mark.parametrize("view", VIEWS)
def test_an_empty_warehouse_answers_with_no_rows(account: LocalAccount, view: str) -> None:
    assert account.rows(f"select * from tonearm.mart.{view}") == []


def test_the_newest_song_comes_first_with_its_album_and_artists(account: LocalAccount) -> None:
    run = a_run("2024-05-01")
    older, newer = (datetime(2024, 4, day, 12, tzinfo=UTC) for day in (1, 2))
    rows = {
        PLAYLISTS: [a_playlist(**run)],
        PLAYLIST_ENTRIES: [
            an_entry(position=0, track_id="old", added_at=older, **run),
            an_entry(position=1, track_id="new", added_at=newer, **run),
            an_entry(position=2, track_id=None, entry_kind="local_file", **run),
        ],
        SONGS: [a_song(track_id="old", **run), a_song(track_id="new", name="New", **run)],
        ALBUMS: [an_album(**run)],
        ARTISTS: [an_artist(**run), an_artist(artist_id="artist-2", name="Two, Too", **run)],
    }

    load(account, files_of(run, rows))

    found = account.rows("select * from tonearm.mart.newest_songs order by added_at desc")
    assert [row["track_id"] for row in found] == ["new", "old"]
    assert found[0] | {"spotify_url": None} == {
        "track_id": "new",
        "name": "New",
        "artists": "One, Two, Too",
        "album_name": "First",
        "release_date": date(1999, 1, 1),
        "added_at": newer,
        "first_added_at": newer,
        "playlists": 1,
        "spotify_url": None,
    }


def test_shares_are_of_song_entries(account: LocalAccount) -> None:
    run = a_run("2024-05-01")
    solo = [{"artist_id": "artist-1", "name": "One"}]
    rows = {
        PLAYLISTS: [a_playlist(**run)],
        PLAYLIST_ENTRIES: [
            an_entry(position=at, track_id=track, **run) for at, track in enumerate("aab")
        ],
        SONGS: [
            a_song(track_id="a", artists=solo, **run),
            a_song(track_id="b", album_id="album-2", **run),
        ],
        ALBUMS: [an_album(**run), an_album(album_id="album-2", release_date=None, **run)],
        ARTISTS: [an_artist(**run), an_artist(artist_id="artist-2", name="Two", **run)],
    }

    load(account, files_of(run, rows))

    artists = account.rows("select * from tonearm.mart.artists_by_share order by entries desc")
    assert [(row["artist_name"], row["entries"], row["songs"]) for row in artists] == [
        ("One", 3, 2),
        ("Two", 1, 1),
    ]
    assert [round(float(row["share_of_entries"]), 3) for row in artists] == [1.0, 0.333]
    albums = account.rows("select * from tonearm.mart.albums_by_share order by entries desc")
    assert [(row["album_id"], row["entries"]) for row in albums] == [("album-1", 2), ("album-2", 1)]
    years = account.rows("select * from tonearm.mart.release_years order by release_year")
    assert [(row["release_year"], row["songs"]) for row in years] == [(1999, 1), (None, 1)]


def test_days_in_a_playlist_add_up_over_moves_and_returns(account: LocalAccount) -> None:
    load(
        account,
        a_read("2024-05-01", "ab"),
        a_read("2024-05-03", "ba"),
        a_read("2024-05-04", "b"),
        a_read("2024-05-10", "ba"),
        a_read("2024-05-12", "ba"),
    )

    rows = account.rows("select * from tonearm.mart.time_in_playlist order by name")

    assert [
        (row["name"], row["days_in_playlist"], row["times_added"], row["is_present"])
        for row in rows
    ] == [("A", 3 + 2, 2, True), ("B", 11, 1, True)]
    assert rows[0]["left_date"] is None


def test_a_song_that_left_says_when(account: LocalAccount) -> None:
    load(account, a_read("2024-05-01", "ab"), a_read("2024-05-03", "b"))

    (row,) = account.rows("select * from tonearm.mart.time_in_playlist where name = 'A'")
    assert (row["left_date"], row["is_present"]) == (date(2024, 5, 3), False)


def test_additions_are_counted_by_the_utc_week_spotify_gives(account: LocalAccount) -> None:
    run = a_run("2024-05-08")
    sunday_night = datetime(2024, 5, 5, 23, 59, tzinfo=UTC)
    monday = datetime(2024, 5, 6, 0, 1, tzinfo=UTC)
    rows = {
        PLAYLISTS: [a_playlist(**run)],
        PLAYLIST_ENTRIES: [
            an_entry(position=0, uri="a", added_at=sunday_night, **run),
            an_entry(position=1, uri="b", added_at=monday, **run),
            an_entry(position=2, uri="c", added_at=None, **run),
        ],
    }

    load(account, files_of(run, rows))

    found = account.rows("select * from tonearm.mart.additions_per_week order by week_start_date")
    assert [(row["week_start_date"], row["additions"]) for row in found] == [
        (date(2024, 4, 29), 1),
        (date(2024, 5, 6), 1),
    ]


def test_a_run_is_counted_once_and_its_age_is_told(account: LocalAccount) -> None:
    load(account, a_read("2024-05-01", "ab"), a_read("2024-05-01", "a", attempt=2))

    (row,) = account.rows("select * from tonearm.mart.runs_and_freshness")
    counts = ("attempt", "albums", "artists", "songs", "playlists", "playlist_entries")
    assert [int(row[name]) for name in counts] == [2, 1, 2, 1, 1, 1]
    assert 0 <= row["minutes_since_load"] <= 5


def test_a_field_nobody_gives_any_more_is_absent_not_zero(account: LocalAccount) -> None:
    run = a_run("2024-05-01")
    songs = [a_song(track_id="a", popularity=0, **run), a_song(track_id="b", **run)]
    load(account, files_of(run, {SONGS: songs}))

    rows = account.rows("select * from tonearm.mart.field_presence where entity = 'songs'")

    told = {row["field"]: (row["objects"], row["present"]) for row in rows}
    assert told["popularity"] == (2, 1)
    assert told["isrc"] == (2, 0)
    assert told["name"] == (2, 2)
