"""The pages over an empty warehouse and over one with awkward rows."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from dashboard_pages import PAGES
from dashboard_words import NOT_AVAILABLE
from tests.snowflake.dashboard.browsing import Dashboard, window_on
from tests.snowflake.dashboard.serving import dashboard_over
from tests.snowflake.landing_rows import a_playlist, a_run, a_song, an_album, an_artist, an_entry
from tests.snowflake.reads import RunFile, a_read, files_of
from tonearm_glue.contract import ALBUMS, ARTISTS, PLAYLIST_ENTRIES, PLAYLISTS, SONGS

pytestmark = pytest.mark.browser

HOSTILE = "[x](javascript:alert(1)) <b>$a$ :smile: *B*"


def awkward_run() -> list[RunFile]:
    """Names that look like markup, values nobody gives, a popularity that really is 0."""
    run = a_run("2024-05-02")
    url = "https://open.spotify.com/artist/h"
    credited = [{"artist_id": artist, "name": artist} for artist in ("h", "j")]
    rows = {
        PLAYLISTS: [
            a_playlist(playlist_id="list-2", name=HOSTILE, api_total=2, songs=2, **run),
            a_playlist(playlist_id="list-3", name="Mine", api_total=0, songs=0, **run),
        ],
        PLAYLIST_ENTRIES: [
            an_entry(playlist_id="list-2", position=at, track_id=track, **run)
            for at, track in enumerate("xy")
        ],
        SONGS: [
            a_song(track_id="x", album_id="undated", artists=credited, **run),
            a_song(track_id="y", artists=[{"artist_id": "z", "name": "Z"}], **run),
        ],
        ALBUMS: [
            an_album(album_id="undated", name=None, release_date=None, popularity=0, **run),
            an_album(**run),
        ],
        ARTISTS: [
            an_artist(artist_id="h", name=HOSTILE, spotify_url=url, followers=1234567, **run),
            an_artist(artist_id="j", name="J", spotify_url="javascript:alert(1)", **run),
            an_artist(artist_id="z", name="Zed", popularity=0, **run),
        ],
    }
    return files_of(run, rows)


@pytest.fixture(scope="module")
def empty(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    folder = tmp_path_factory.mktemp("empty-dashboard")
    with dashboard_over(folder, []) as url:
        window = window_on(browser, url, folder)
        window.open()
        yield window


@pytest.fixture(scope="module")
def filled(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    folder = tmp_path_factory.mktemp("dashboard")
    runs = [a_read("2024-05-01", "abc"), awkward_run(), a_read("2024-05-03", "cad")]
    with dashboard_over(folder, runs) as url:
        window = window_on(browser, url, folder)
        window.open()
        yield window


def test_every_page_of_an_empty_warehouse_says_so_in_words(empty: Dashboard) -> None:
    for name in PAGES:
        empty.choose(name)

        assert "run" in empty.text() or "baseline" in empty.text()
        assert "Snowflake did not answer" not in empty.text()
        assert empty.tables() == []


def test_the_first_page_says_how_old_the_newest_data_is(filled: Dashboard) -> None:
    filled.choose("Overview")

    assert "0 min ago" in filled.text() or "1 min ago" in filled.text()
    assert filled.metrics()["playlists"] == "3"


def test_what_changed_is_told_entry_by_entry_with_links_to_spotify(filled: Dashboard) -> None:
    filled.choose("What changed")

    per_date, entries = filled.tables()
    assert per_date == [{"date": "2024-05-03", "added": "1", "removed": "1", "moved": "2"}]
    assert [(row["change"], row["entry"], row["from"], row["to"]) for row in entries] == [
        ("added", "D", "", "3"),
        ("removed", "B", "2", ""),
        ("moved", "C", "3", "1"),
        ("moved", "A", "1", "2"),
    ]
    assert "https://open.spotify.com/track/d" in filled.links()


def test_a_field_spotify_does_not_give_is_not_available_and_a_real_zero_is_0(
    filled: Dashboard,
) -> None:
    filled.choose("Artists and albums")

    artists, albums = filled.tables()
    told = {row["name"]: (row["followers"], row["popularity"]) for row in artists}
    assert told["Zed"] == (NOT_AVAILABLE, "0")
    assert told[HOSTILE] == ("1,234,567", NOT_AVAILABLE)
    undated = next(row for row in albums if row["name"] == NOT_AVAILABLE)
    assert (undated["release date"], undated["popularity"]) == (NOT_AVAILABLE, "0")


def test_names_stay_names_and_only_spotifys_pages_are_linked(filled: Dashboard) -> None:
    for name in PAGES:
        filled.choose(name)

        assert all(url.startswith("https://") and "spotify.com" in url for url in filled.links())
    filled.choose("Playlists over time")
    assert HOSTILE in {row["playlist"] for row in filled.tables()[0]}


def test_songs_without_a_date_are_not_put_into_a_year(filled: Dashboard) -> None:
    filled.choose("Release years")

    (years,) = filled.tables()
    assert {row["release year"]: row["songs"] for row in years} == {"1999": "4", "not known": "1"}


def test_health_names_the_fields_no_object_carries(filled: Dashboard) -> None:
    filled.choose("Health of the data")

    told = {(row["entity"], row["field"]): row["share"] for row in filled.tables()[0]}
    assert told["songs", "isrc"] == NOT_AVAILABLE
    assert told["songs", "name"] == "100.0%"
    assert filled.metrics() == {"reads that do not add up": "2", "playlists edited while read": "0"}


def test_spotify_is_named_on_every_page(filled: Dashboard) -> None:
    for name in PAGES:
        filled.choose(name)

        assert "https://www.spotify.com" in filled.links()
