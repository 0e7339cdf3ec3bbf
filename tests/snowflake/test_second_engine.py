"""Core and marts hold the same rows on an engine that is not ours."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.snowflake.landing_rows import a_playlist, a_run, a_song, an_album, an_artist, an_entry
from tests.snowflake.local_account import LocalAccount
from tests.snowflake.orders import the_runs
from tests.snowflake.reads import RunFile, files_of, load, runs_of_lists
from tests.snowflake.recordings import recorded_sequences
from tests.snowflake.second_engine import differing, queries
from tonearm_glue.contract import ALBUMS, ARTISTS, PLAYLIST_ENTRIES, PLAYLISTS, SONGS

pytestmark = pytest.mark.timeout(600)

_FLATTEN = "sqlglot 30.22 leaves a comma before the join that it makes of `lateral flatten`"
# What the second engine cannot run, and why. A table goes from here when it can.
UNTRANSLATED = {
    "core.song_artists": _FLATTEN,
    "core.album_artists": _FLATTEN,
    "mart.playlist_changes": _FLATTEN,
}


def a_library(day: str, added: date, **more: Any) -> list[RunFile]:
    """A run over songs of two albums, of which one says of its date no more than the year."""
    run = a_run(day)
    moment = datetime(added.year, added.month, added.day, 23, 30, tzinfo=UTC)
    year = {"release_date": date(1971, 1, 1), "release_date_text": "1971"}
    albums = [
        an_album(label=more.get("label"), **run),
        an_album(album_id="album-2", name="Second", release_date_precision="year", **year, **run),
    ]
    songs = [
        a_song(track_id="old", popularity=more.get("popularity"), **run),
        a_song(track_id="new", name=more.get("name", "New"), album_id="album-2", **run),
    ]
    entries = [
        an_entry(position=0, track_id="old", added_at=moment, **run),
        an_entry(position=3, track_id="old", added_at=moment - timedelta(days=400), **run),
        an_entry(position=1, track_id="new", uri="spotify:track:new", added_at=moment, **run),
        an_entry(position=2, track_id=None, entry_kind="local_file", added_at=None, **run),
    ]
    rows = {
        PLAYLISTS: [a_playlist(api_total=4, songs=3, local_files=1, **run)],
        PLAYLIST_ENTRIES: entries,
        SONGS: songs,
        ALBUMS: albums,
        ARTISTS: [an_artist(**run), an_artist(artist_id="artist-2", name="Two, Too", **run)],
    }
    return files_of(run, rows)


def libraries() -> list[list[RunFile]]:
    """Runs of a library whose songs and albums change from day to day."""
    return [
        a_library("2024-05-06", date(2023, 12, 31), label="First Label", popularity=7),
        a_library("2024-05-07", date(2024, 1, 1)),
        a_library("2024-06-01", date(2024, 2, 29), name="New, renamed", popularity=8),
    ]


def test_made_up_runs_give_the_same_rows_on_both_engines(account: LocalAccount) -> None:
    load(account, *the_runs(), *libraries())

    assert set(dict(differing(account, queries()))) == set(UNTRANSLATED)


def test_recorded_playlists_give_the_same_rows_on_both_engines(account: LocalAccount) -> None:
    load(account, *runs_of_lists(recorded_sequences()))

    assert set(dict(differing(account, queries()))) == set(UNTRANSLATED)


OTHER_RULES = (
    ("core.playlist_entries", "snapshot_date DESC", "snapshot_date ASC"),
    ("core.playlist_entry_history", "previous_position = position", "TRUE"),
    ("core.songs", "DESC", "ASC"),
    ("mart.newest_songs", "MAX(added_at)", "MIN(added_at)"),
)


def test_another_rule_on_one_engine_is_seen(account: LocalAccount) -> None:
    load(account, *the_runs(), *libraries())

    for table, rule, instead in OTHER_RULES:
        asked = queries()
        assert rule in asked[table]
        asked[table] = asked[table].replace(rule, instead)
        assert table in dict(differing(account, asked))
