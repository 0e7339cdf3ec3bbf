"""The dashboard over the demo's data: its numbers are SQL's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from dashboard_words import NOT_AVAILABLE
from tests.e2e.local_cloud import Cloud
from tests.snowflake.dashboard.browsing import Dashboard, window_on
from tonearm.local import dashboard
from tonearm.local.days import DayResult
from tonearm.local.processes import free_port

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def window(
    cloud: Cloud,
    sample_runs: list[DayResult],
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Dashboard]:
    port = free_port()
    service = dashboard.start(cloud.stack.folder, cloud.stack.ports.snowflake, port)
    shots = tmp_path_factory.mktemp("screenshots")
    window = window_on(browser, f"http://127.0.0.1:{port}", Path(shots))
    window.open()
    yield window
    service.stop()


def number(value: Any) -> str:
    return NOT_AVAILABLE if value is None else f"{int(value):,}"


def words(name: str | None) -> str:
    """A name as a page shows it, which draws runs of blanks together."""
    return NOT_AVAILABLE if name is None else " ".join(name.split())


def test_the_totals_are_what_sql_counts(cloud: Cloud, window: Dashboard) -> None:
    window.choose("Overview")

    names = ("playlists", "playlist_entries", "songs", "albums", "artists")
    for name in names:
        ((counted,),) = cloud.query(f"select count(*) from tonearm.core.{name}")
        assert window.metrics()[name.replace("_", " ")] == number(counted)
    _, runs = window.tables()
    found = cloud.query(
        "select run_id, playlist_entries, songs from tonearm.mart.runs_and_freshness"
        " order by last_loaded_at desc, run_id desc limit 10"
    )
    told = [(row["run"], row["playlist entries"], row["songs"]) for row in runs]
    assert told == [(run, number(entries), number(songs)) for run, entries, songs in found]


def test_every_playlists_numbers_are_sqls(cloud: Cloud, window: Dashboard) -> None:
    window.choose("Playlists over time")

    found = cloud.query("select name, api_total, songs, followers from tonearm.core.playlists")
    (rows,) = window.tables()
    told = sorted((r["playlist"], r["entries"], r["songs"], r["followers"]) for r in rows)
    assert told == sorted((words(name), *map(number, numbers)) for name, *numbers in found)


def test_artists_and_albums_stand_in_sqls_order_with_its_shares(
    cloud: Cloud, window: Dashboard
) -> None:
    window.choose("Artists and albums")

    for at, (view, name) in enumerate(
        (("artists_by_share", "artist_name"), ("albums_by_share", "album_name"))
    ):
        found = cloud.query(
            f"select {name}, entries, share_of_entries from tonearm.mart.{view}"
            f" order by entries desc, {name}, {name.replace('name', 'id')} limit 20"
        )
        told = [(r["name"], r["entries"], r["share"]) for r in window.tables()[at]]
        assert told == [(words(n), number(e), f"{float(s):.1%}") for n, e, s in found]
        assert len(told) == 20


def test_years_and_changes_are_sqls(cloud: Cloud, window: Dashboard) -> None:
    window.choose("Release years")
    years = {row["release year"]: row["songs"] for row in window.tables()[0]}
    window.choose("What changed")
    changes = window.tables()[0]

    found = cloud.query("select release_year, songs from tonearm.mart.release_years")
    assert years == {str(year or "not known"): number(songs) for year, songs in found}
    counted = cloud.query(
        "select snapshot_date, change, count(*) from tonearm.mart.playlist_changes group by 1, 2"
    )
    told = {(row["date"], word): row[word] for row in changes for word in ("added", "removed")}
    sql = {(str(day), word): number(count) for day, word, count in counted if word != "moved"}
    assert {key: count for key, count in told.items() if count != "0"} == sql


def test_pictures_of_every_page_are_kept(window: Dashboard) -> None:
    from dashboard_pages import PAGES

    for name in PAGES:
        window.choose(name)

    sizes = {path.stem: path.stat().st_size for path in window.shots.glob("*.png")}
    assert set(sizes) == {name.replace(" ", "-") for name in PAGES}
    assert min(sizes.values()) > 20_000  # an empty page of this size is far smaller
