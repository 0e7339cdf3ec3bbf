from collections.abc import Callable
from typing import NamedTuple

import pytest

from tests.lambdas.extraction import Extraction
from tests.lambdas.scripted_spotify import World, spotify_id
from tonearm_pipeline.spotify.quota import AUTO, EXTENDED


def test_an_album_is_read_with_its_later_tracks(extraction: Extraction) -> None:
    album = extraction.spotify.world.add_album("boxset", 120)

    manifest = extraction.read(album)

    ident = spotify_id("boxset")
    assert extraction.spotify.questions() == [
        (f"albums/{ident}", ""),
        (f"albums/{ident}/tracks", "50"),
        (f"albums/{ident}/tracks", "100"),
    ]
    assert manifest["others"][0]["collected"] == 120
    assert manifest["changed"] is True


def test_an_album_whose_total_is_too_small_is_read_on_while_there_is_a_next_page(
    extraction: Extraction,
) -> None:
    album = extraction.spotify.world.add_album("boxset", 120)
    extraction.spotify.world.albums[spotify_id("boxset")]["embedded_total"] = 50

    manifest = extraction.read(album)

    (read,) = manifest["others"]
    assert (read["api_total"], read["collected"], read["lines"]) == (120, 120, 3)


@pytest.mark.parametrize("tracks", [0, 1, 49, 50])
def test_an_album_that_came_whole_costs_one_call(extraction: Extraction, tracks: int) -> None:
    manifest = extraction.read(extraction.spotify.world.add_album("short", tracks))

    (read,) = manifest["others"]
    assert (read["api_total"], read["collected"], read["lines"]) == (tracks, tracks, 1)
    assert manifest["calls"]["total"] == len(extraction.spotify.log) == 1


class Counted(NamedTuple):
    """What a read of something so long must count."""

    add: Callable[[World], str]
    lines: int
    collected: int


COUNTED = [
    pytest.param(Counted(lambda world: world.add_album("short", 50), 1, 50), id="album"),
    pytest.param(Counted(lambda world: world.add_album("long", 51), 2, 51), id="album of 2 pages"),
    pytest.param(Counted(lambda world: world.add_album("box", 120), 3, 120), id="album of 3 pages"),
    pytest.param(Counted(lambda world: world.add_artist("none", 0), 2, 0), id="artist of nothing"),
    pytest.param(Counted(lambda world: world.add_artist("one", 10), 2, 10), id="artist"),
    pytest.param(Counted(lambda world: world.add_artist("two", 25), 4, 25), id="artist of 3 pages"),
    pytest.param(Counted(lambda world: world.add_playlist("s", 100).uri, 1, 100), id="playlist"),
    pytest.param(
        Counted(lambda world: world.add_playlist("m", 101).uri, 3, 101), id="playlist of 2 pages"
    ),
    pytest.param(
        Counted(lambda world: world.add_playlist("l", 430).uri, 9, 430), id="playlist of 8 pages"
    ),
]


@pytest.mark.parametrize("counted", COUNTED)
def test_lines_and_calls_of_a_read_are_exact(extraction: Extraction, counted: Counted) -> None:
    source = counted.add(extraction.spotify.world)

    manifest = extraction.read(source)

    (read,) = manifest["playlists"] + manifest["others"]
    (state,) = manifest["sources"]
    assert (read["lines"], read["collected"]) == (counted.lines, counted.collected)
    assert len(extraction.lines(manifest)) == counted.lines
    assert (state["next_state"]["calls"], state["next_state"]["total"]) == (
        counted.lines,
        counted.collected,
    )
    assert manifest["calls"]["total"] == len(extraction.spotify.log) == counted.lines


def test_an_artist_is_read_with_the_whole_discography_ten_at_a_time(
    extraction: Extraction,
) -> None:
    artist = extraction.spotify.world.add_artist("busy", 25)

    manifest = extraction.read(artist)

    ident = spotify_id("busy")
    assert [(one.path, one.params.get("limit")) for one in extraction.spotify.log] == [
        (f"artists/{ident}", None),
        (f"artists/{ident}/albums", "10"),
        (f"artists/{ident}/albums", "10"),
        (f"artists/{ident}/albums", "10"),
    ]
    assert manifest["others"][0]["collected"] == 25


def test_an_artist_without_albums_is_complete(extraction: Extraction) -> None:
    artist = extraction.spotify.world.add_artist("silent", 0)

    assert extraction.read(artist)["others"][0]["collected"] == 0


def test_an_album_that_is_as_it_was_counts_as_unchanged(extraction: Extraction) -> None:
    album = extraction.spotify.world.add_album("same", 60)
    extraction.record(extraction.read(album))

    manifest = extraction.read(album)

    assert manifest["unchanged"] == [{"source": album, "why": "fingerprint"}]
    assert manifest["changed"] is False


def test_development_mode_never_asks_for_a_batch(extraction: Extraction) -> None:
    albums = [extraction.spotify.world.add_album(f"a{n}x", 3) for n in range(3)]
    extraction.spotify.world.has_batch = True

    extraction.read(*albums)

    assert len(extraction.spotify.log) == 3
    assert "albums" not in extraction.spotify.paths()


def test_extended_mode_reads_twenty_albums_with_one_call(extraction: Extraction) -> None:
    albums = [extraction.spotify.world.add_album(f"a{n}x", 3) for n in range(25)]
    long = extraction.spotify.world.add_album("long", 60)
    missing = "spotify:album:" + "9" * 22
    extraction.spotify.world.has_batch = True
    extraction.quota_mode = EXTENDED

    manifest = extraction.read(*albums, long, missing)

    assert extraction.spotify.paths() == [
        "albums",
        "albums",
        f"albums/{spotify_id('long')}/tracks",
    ]
    assert len(manifest["others"]) == 26
    assert [(one["source"], one["status"]) for one in manifest["refused"]] == [(missing, 404)]


def test_a_refused_batch_falls_back_once_and_is_remembered(extraction: Extraction) -> None:
    albums = [extraction.spotify.world.add_album(f"a{n}x", 3) for n in range(3)]
    extraction.quota_mode = AUTO

    first = extraction.read(*albums)
    paths_of_first = extraction.spotify.paths()
    extraction.spotify.forget_log()
    extraction.read(*albums)

    assert paths_of_first.count("albums") == 1
    assert len(first["others"]) == 3
    assert "albums" not in extraction.spotify.paths()


def test_a_refused_batch_is_tried_again_after_a_week(extraction: Extraction) -> None:
    albums = [extraction.spotify.world.add_album(f"a{n}x", 3) for n in range(3)]
    extraction.quota_mode = AUTO
    extraction.read(*albums)
    extraction.spotify.world.has_batch = True
    extraction.spotify.forget_log()
    extraction.clock.move(days=7, seconds=1)

    extraction.read(*albums)

    assert extraction.spotify.paths() == ["albums"]
