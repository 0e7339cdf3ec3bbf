"""Full albums and artists for left-over calls: never at the expense of anything else."""

import random
from typing import Any

import pytest

from extract_spotify import raw_parts
from tests.lambdas.extraction import CountedDeadline, Extraction, KilledError, dying_at
from tests.lambdas.scripted_spotify import FakePlaylist, json_fault, spotify_id
from tonearm_pipeline.keys import enrichment_key
from tonearm_pipeline.spotify.quota import EXTENDED, QuotaLedger

ALBUMS = 12
KILLS = 12


@pytest.fixture
def playlist(extraction: Extraction) -> FakePlaylist:
    """A playlist of twelve songs, each from an album and an artist of its own."""
    world = extraction.spotify.world
    made = world.add_playlist("mixed", ALBUMS)
    for number, entry in enumerate(made.entries):
        album = world.add_album(f"al{number}x", 2).rpartition(":")[2]
        artist = world.add_artist(f"ar{number}x", 0).rpartition(":")[2]
        entry["item"]["album"] = {"id": album, "type": "album", "artists": [{"id": artist}]}
        entry["item"]["artists"] = [{"id": artist, "type": "artist"}]
    return made


def asked_for(extraction: Extraction, kind: str) -> list[str]:
    return [path for path in extraction.spotify.paths() if path.startswith(f"{kind}/")]


def spent(extraction: Extraction, left: int) -> None:
    """Leave so many calls in the window."""
    ledger = QuotaLedger(extraction.table, extraction.clock)
    ledger.spend(ledger.left(extraction.quota_mode) - left)


def test_it_is_off_by_default(extraction: Extraction, playlist: FakePlaylist) -> None:
    manifest = extraction.read(playlist.uri)

    assert extraction.spotify.paths() == [f"playlists/{playlist.ident}"]
    assert manifest["enrichment"] == {}


@pytest.mark.parametrize(
    ("choice", "albums", "artists"),
    [("albums", ALBUMS, 0), ("artists", 0, ALBUMS), ("all", ALBUMS, ALBUMS)],
)
def test_each_object_is_asked_for_once(
    extraction: Extraction, playlist: FakePlaylist, choice: str, albums: int, artists: int
) -> None:
    extraction.enrich = choice

    manifest = extraction.read(playlist.uri)

    assert len(set(asked_for(extraction, "albums"))) == len(asked_for(extraction, "albums"))
    assert len(asked_for(extraction, "albums")) == albums
    assert len(asked_for(extraction, "artists")) == artists
    lines = extraction.lines(manifest)
    assert sum(line["kind"] == "album" for line in lines) == albums
    assert sum(line["kind"] == "artist" for line in lines) == artists
    assert manifest["enrichment"]["waiting"] == 0
    assert manifest["calls"]["total"] == len(extraction.spotify.log) == 1 + albums + artists


def test_only_left_over_calls_are_spent_and_the_rest_waits(
    extraction: Extraction, playlist: FakePlaylist
) -> None:
    extraction.enrich = "albums"
    # One for the playlist, one kept back for the next run: five are left over.
    spent(extraction, left=7)

    first = extraction.read(playlist.uri)

    assert first["enrichment"] == {
        "taken": {"album": 5},
        "unknown": 0,
        "waiting": 7,
        "stopped_by": "",
    }
    assert first["playlists"][0]["collected"] == ALBUMS


def test_a_later_run_goes_on_where_the_budget_ended(
    extraction: Extraction, playlist: FakePlaylist
) -> None:
    extraction.enrich = "albums"
    spent(extraction, left=7)
    extraction.record(extraction.read(playlist.uri))
    before = asked_for(extraction, "albums")
    extraction.clock.move(days=2)
    playlist.edit()
    extraction.spotify.forget_log()

    manifest = extraction.read(playlist.uri)

    after = asked_for(extraction, "albums")
    assert not set(before) & set(after)
    assert len(before) + len([path for path in after if "al" in path]) >= ALBUMS
    assert manifest["enrichment"]["waiting"] == 0


def test_what_a_failed_run_got_is_asked_for_again(
    extraction: Extraction, playlist: FakePlaylist
) -> None:
    extraction.enrich = "albums"
    extraction.read(playlist.uri)  # never recorded: its ledger did not balance
    extraction.spotify.forget_log()

    extraction.read(playlist.uri)

    assert len(asked_for(extraction, "albums")) == ALBUMS


@pytest.mark.parametrize(
    ("enrich_days", "retention_days"),
    [(90, 400), pytest.param(365, 180, id="its rows expire sooner")],
)
def test_an_object_is_good_for_its_time_to_live(
    extraction: Extraction, playlist: FakePlaylist, enrich_days: int, retention_days: int
) -> None:
    extraction.enrich = "albums"
    extraction.enrich_days, extraction.retention_days = enrich_days, retention_days
    extraction.record(extraction.read(playlist.uri))
    extraction.spotify.forget_log()

    playlist.edit()
    extraction.clock.move(days=89)
    extraction.record(extraction.read(playlist.uri))
    early = len(asked_for(extraction, "albums"))
    playlist.edit()
    extraction.clock.move(days=2)
    extraction.read(playlist.uri)

    # The edits added one song of the scripted world's own album.
    assert early == 1
    assert len(asked_for(extraction, "albums")) == 1 + ALBUMS


def test_an_unchanged_run_spends_nothing(extraction: Extraction, playlist: FakePlaylist) -> None:
    extraction.record(extraction.read(playlist.uri))
    extraction.enrich = "all"
    extraction.spotify.forget_log()

    manifest = extraction.read(playlist.uri)

    assert len(extraction.spotify.log) == 1
    assert manifest["changed"] is False


def test_a_quota_that_ends_during_it_ends_it_and_not_the_run(
    extraction: Extraction, playlist: FakePlaylist
) -> None:
    extraction.enrich = "albums"
    extraction.spotify.faults[4] = json_fault(429, "QUOTA_EXCEEDED", Retry_After="46800")

    manifest = extraction.read(playlist.uri)

    assert manifest["enrichment"]["taken"] == {"album": 2}
    assert manifest["enrichment"]["stopped_by"] == "RateLimitedError"
    assert manifest["calls"]["waited_seconds"] == 0
    # All runs know of it.
    assert QuotaLedger(extraction.table, extraction.clock).cool_down() is not None


@pytest.mark.parametrize("status", [405, 500])
def test_an_outage_during_it_does_not_fail_the_run(
    extraction: Extraction, playlist: FakePlaylist, status: int
) -> None:
    extraction.enrich = "albums"
    extraction.spotify.faults = {number: json_fault(status) for number in range(3, 9)}

    manifest = extraction.read(playlist.uri)

    assert manifest["enrichment"]["taken"] == {"album": 1}
    assert manifest["enrichment"]["stopped_by"]
    assert manifest["playlists"][0]["collected"] == ALBUMS


def test_an_object_spotify_does_not_know_is_counted_and_not_asked_for_again(
    extraction: Extraction, playlist: FakePlaylist
) -> None:
    extraction.enrich = "albums"
    del extraction.spotify.world.albums[spotify_id("al3x")]

    manifest = extraction.read(playlist.uri)
    extraction.record(manifest)
    extraction.spotify.forget_log()
    playlist.edit()
    extraction.read(playlist.uri)

    assert (manifest["enrichment"]["unknown"], manifest["refused"]) == (1, [])
    assert f"albums/{spotify_id('al3x')}" not in extraction.spotify.paths()


def test_extended_mode_asks_for_many_at_once(
    extraction: Extraction, playlist: FakePlaylist
) -> None:
    extraction.enrich, extraction.quota_mode = "albums", EXTENDED
    extraction.spotify.world.has_batch = True
    del extraction.spotify.world.albums[spotify_id("al3x")]

    manifest = extraction.read(playlist.uri)

    assert extraction.spotify.paths() == [f"playlists/{playlist.ident}", "albums"]
    assert manifest["enrichment"]["taken"] == {"album": ALBUMS - 1}
    assert manifest["enrichment"]["unknown"] == 1


def test_a_refused_batch_falls_back_to_single_objects(
    extraction: Extraction, playlist: FakePlaylist
) -> None:
    extraction.enrich, extraction.quota_mode = "albums", EXTENDED

    manifest = extraction.read(playlist.uri)

    assert extraction.spotify.paths().count("albums") == 1
    assert manifest["enrichment"]["taken"] == {"album": ALBUMS}


def test_it_is_resumed_at_its_place(extraction: Extraction, playlist: FakePlaylist) -> None:
    extraction.enrich = "all"
    run_id = extraction.plan(playlist.uri)

    statuses = [extraction.invoke(run_id, CountedDeadline(4)).status for _ in range(3)]
    manifest = extraction.finish(run_id)

    assert statuses == ["more"] * 3
    asked = extraction.spotify.paths()
    assert len(asked) == len(set(asked)) == 1 + 2 * ALBUMS
    assert manifest["enrichment"]["taken"] == {"album": ALBUMS, "artist": ALBUMS}


def test_killed_in_the_middle_of_it_nothing_is_lost_or_doubled(
    extraction: Extraction, playlist: FakePlaylist, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw_parts, "MAX_PART_LINES", 3)
    extraction.enrich = "albums"
    unkilled = extraction.plan(playlist.uri)
    with dying_at(extraction, 0) as seen:
        untouched = extraction.finish(unkilled)

    for moment in random.Random(7).sample(range(8, seen[0] + 1), k=KILLS):
        run_id = extraction.plan(playlist.uri)
        with pytest.raises(KilledError), dying_at(extraction, moment):
            extraction.finish(run_id)
        manifest = extraction.finish(run_id)

        assert extraction.content(manifest) == extraction.content(untouched), moment
        assert manifest["enrichment"] == untouched["enrichment"], moment


def test_what_waits_is_kept_between_runs(extraction: Extraction, playlist: FakePlaylist) -> None:
    extraction.enrich = "albums"
    spent(extraction, left=2)

    extraction.read(playlist.uri)

    waiting: dict[str, Any] = extraction.store.get(enrichment_key())
    assert len(waiting["album"]) == ALBUMS
    assert asked_for(extraction, "albums") == []
