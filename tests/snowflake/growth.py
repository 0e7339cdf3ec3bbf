"""Days of a made-up account of 10,000 landing rows each, and what modelling them takes."""

import time
from collections.abc import Iterator
from datetime import date, timedelta

from tests.snowflake.landing_rows import a_playlist, a_run, a_song, an_album, an_artist, an_entry
from tests.snowflake.local_account import LocalAccount
from tests.snowflake.reads import RunFile, files_of
from tonearm_glue.contract import ALBUMS, ARTISTS, PLAYLIST_ENTRIES, PLAYLISTS, SONGS

FIRST_DAY = date(2024, 1, 1)
LISTS, ENTRIES, SONG_COUNT, ALBUM_COUNT, ARTIST_COUNT = 20, 350, 2000, 600, 380
ROWS_PER_DAY = LISTS + LISTS * ENTRIES + SONG_COUNT + ALBUM_COUNT + ARTIST_COUNT
CHANGED_PER_DAY = 10  # entries that leave the head of each list, as many come at its end
PROBE = "tonearm.ops.growth_probe"


def a_day(number: int) -> list[RunFile]:
    """The files of the run of one day, from 0: every list read, a few of its entries changed."""
    run = a_run((FIRST_DAY + timedelta(days=number)).isoformat())
    return files_of(
        run,
        {
            PLAYLISTS: [
                a_playlist(playlist_id=f"list-{at}", api_total=ENTRIES, songs=ENTRIES, **run)
                for at in range(LISTS)
            ],
            PLAYLIST_ENTRIES: [row for at in range(LISTS) for row in _entries(at, number, run)],
            SONGS: [_song(at, number, run) for at in range(SONG_COUNT)],
            ALBUMS: [
                an_album(album_id=f"album-{at}", release_date=date(1960 + at % 60, 1, 1), **run)
                for at in range(ALBUM_COUNT)
            ],
            ARTISTS: [an_artist(artist_id=f"artist-{at}", **run) for at in range(ARTIST_COUNT)],
        },
    )


def _entries(at: int, number: int, run: dict[str, object]) -> Iterator[dict[str, object]]:
    for position in range(ENTRIES):
        track = (at * 97 + number * CHANGED_PER_DAY + position) % SONG_COUNT
        yield an_entry(
            playlist_id=f"list-{at}",
            position=position,
            track_id=f"song-{track}",
            uri=f"spotify:track:song-{track}",
            **run,
        )


def _song(at: int, number: int, run: dict[str, object]) -> dict[str, object]:
    artists = [{"artist_id": f"artist-{n % ARTIST_COUNT}", "name": "A"} for n in (at, at + 1)]
    return a_song(
        track_id=f"song-{at}",
        album_id=f"album-{at % ALBUM_COUNT}",
        name=f"Song {at}, take {(number + at) // 50}",  # a fiftieth is renamed each day
        artists=artists,
        **run,
    )


def load_days(account: LocalAccount, days: range) -> float:
    """Load the days through the pipes; seconds, without making the files."""
    seconds = 0.0
    for number in days:
        for file in a_day(number):
            url = account.put(file.entity, file.rows, file.key)
            began = time.monotonic()
            told = account.ingest(file.entity.name, url)
            seconds += time.monotonic() - began
            assert told["status"] == "LOADED", told
    return seconds


def model(account: LocalAccount, name: str) -> tuple[int, float]:
    """Compute a core or mart table whole, every column of it; its rows and the seconds."""
    began = time.monotonic()
    account.run(f"create or replace table {PROBE} as select * from tonearm.{name}")
    seconds = time.monotonic() - began
    rows = int(account.value(f"select count(*) from {PROBE}"))
    account.run(f"drop table {PROBE}")
    return rows, seconds


def landing_rows(account: LocalAccount) -> int:
    """Rows in all landing tables."""
    names = ("albums", "artists", "songs", "playlist_entries", "playlists")
    return sum(int(account.value(f"select count(*) from tonearm.landing.{name}")) for name in names)
