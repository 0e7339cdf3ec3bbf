import json

import pytest

from extract_spotify.personal import account_mark
from tests.lambdas.extraction import Extraction, positions
from tests.lambdas.local_aws import put_secret
from tests.lambdas.scripted_spotify import ME, an_entry
from tonearm_pipeline.keys import cursor_key


def test_listed_playlists_are_read_once_and_strangers_are_refused(extraction: Extraction) -> None:
    world = extraction.spotify.world
    own = world.add_playlist("own", 5)
    shared = world.add_playlist("shared", 5, owner="friend", is_collaborative=True)
    foreign = world.add_playlist("foreign", 5, owner="friend")

    manifest = extraction.read(own.uri, "me/playlists")

    assert extraction.spotify.paths() == [
        "me",
        "me/playlists",
        f"playlists/{own.ident}",
        f"playlists/{shared.ident}",
    ]
    # The scripted Spotify withholds entries of other people's playlists.
    refused = {one["source"]: one["reason"] for one in manifest["refused"]}
    assert refused == {foreign.uri: "FOREIGN", shared.uri: "ITEMS_WITHHELD"}
    assert [one["source"] for one in manifest["playlists"]] == [own.uri]


def test_spotifys_own_list_is_read_again_though_the_listing_names_the_same_version(
    extraction: Extraction,
) -> None:
    playlist = extraction.spotify.world.add_playlist("editorial", 50, owner="spotify")
    extraction.record(extraction.read(playlist.uri, "me/playlists"))
    playlist.entries.reverse()  # and the snapshot stays

    assert extraction.read(playlist.uri, "me/playlists")["changed"] is True


def test_forty_playlists_of_which_three_changed_cost_the_fewest_calls(
    extraction: Extraction,
) -> None:
    world = extraction.spotify.world
    playlists = [world.add_playlist(f"list{n}x", 20) for n in range(39)]
    long = world.add_playlist("long", 957)
    cold = extraction.read("me/playlists")
    # me, one page of playlists, one call each, 18 more pages and a bracket for the long one.
    assert cold["calls"]["total"] == 1 + 1 + 40 + 18 + 1
    extraction.record(cold)
    for changed in (playlists[0], playlists[7], long):
        changed.edit()
    extraction.spotify.forget_log()

    manifest = extraction.read("me/playlists")

    # The account is known by now: one page of playlists, and the three that changed.
    assert len(extraction.spotify.log) == 1 + 1 + 1 + (1 + 18 + 1)
    assert len(manifest["unchanged"]) == 37
    assert {one["source"] for one in manifest["playlists"]} == {
        playlists[0].uri,
        playlists[7].uri,
        long.uri,
    }
    assert manifest["calls"]["total"] == len(extraction.spotify.log)


def test_a_list_of_more_than_fifty_playlists_is_walked_to_its_end(extraction: Extraction) -> None:
    for number in range(120):
        extraction.spotify.world.add_playlist(f"many{number}x", 1)

    manifest = extraction.read("me/playlists")

    offsets = [at for path, at in extraction.spotify.questions() if path == "me/playlists"]
    assert offsets == ["0", "50", "100"]
    assert len(manifest["playlists"]) == 120


def test_without_a_login_the_lists_of_the_account_are_refused_and_albums_go_on(
    extraction: Extraction,
) -> None:
    put_secret({"client_id": "app", "client_secret": "hush"})
    album = extraction.spotify.world.add_album("album", 3)

    manifest = extraction.read("me/playlists", "me/tracks", album)

    assert [one["reason"] for one in manifest["refused"]] == ["LOGIN_REQUIRED", "LOGIN_REQUIRED"]
    assert [one["source"] for one in manifest["others"]] == [album]
    assert extraction.spotify.desk.requests == [{"grant_type": "client_credentials"}]


def test_without_a_login_a_run_of_only_own_lists_needs_one(extraction: Extraction) -> None:
    put_secret({"client_id": "app", "client_secret": "hush"})
    run_id = extraction.plan("me/playlists", "me/tracks")

    assert extraction.invoke(run_id).status == "needs_login"
    assert extraction.spotify.log == []


def test_without_a_login_playlists_are_withheld_and_say_so(extraction: Extraction) -> None:
    put_secret({"client_id": "app", "client_secret": "hush"})
    # As Spotify does for an app's own token.
    playlist = extraction.spotify.world.add_playlist("public", 3, owner="stranger")
    album = extraction.spotify.world.add_album("album", 3)

    mixed = extraction.read(playlist.uri, album)
    alone = extraction.invoke(extraction.plan(playlist.uri))

    assert [one["reason"] for one in mixed["refused"]] == ["LOGIN_REQUIRED"]
    assert [one["source"] for one in mixed["others"]] == [album]
    assert alone.status == "needs_login"


def test_when_everything_is_forbidden_the_client_is_what_is_refused(
    extraction: Extraction,
) -> None:
    own = extraction.spotify.world.add_playlist("own", 5)
    extraction.spotify.world.forbidden |= {own.ident, "me", "me/tracks"}
    run_id = extraction.plan(own.uri, "me/playlists", "me/tracks")

    error = ""
    try:
        extraction.invoke(run_id)
    except Exception as exc:  # noqa: BLE001 - the name is the interface
        error = type(exc).__name__

    assert error == "AccessRefusedError"


def test_liked_songs_are_a_playlist_with_all_pages(extraction: Extraction) -> None:
    extraction.spotify.world.saved = [an_entry(number, "track") for number in range(120)]

    manifest = extraction.read("me/tracks")

    (entry,) = manifest["playlists"]
    assert entry["playlist_id"] == "saved_tracks"
    assert (entry["api_total"], entry["collected"], entry["is_consistent"]) == (120, 120, True)
    assert extraction.spotify.questions() == [
        ("me/tracks", "0"),
        ("me/tracks", "50"),
        ("me/tracks", "100"),
        ("me/tracks", "0"),
    ]
    lines = extraction.lines(manifest)
    assert [line["kind"] for line in lines] == ["saved_tracks"] * 3 + ["playlist_snapshot"]
    assert len(positions(lines, "me/tracks")) == 120
    assert lines[-1]["params"]["limit"] == 1


def test_unchanged_liked_songs_cost_one_call(extraction: Extraction) -> None:
    extraction.spotify.world.saved = [an_entry(number, "track") for number in range(120)]
    extraction.record(extraction.read("me/tracks"))
    extraction.spotify.forget_log()

    manifest = extraction.read("me/tracks")

    assert len(extraction.spotify.log) == 1
    assert manifest["unchanged"] == [{"source": "me/tracks", "why": "snapshot"}]
    assert manifest["parts"] == []


def test_a_song_unliked_deep_in_the_list_is_noticed(extraction: Extraction) -> None:
    extraction.spotify.world.saved = [an_entry(number, "track") for number in range(120)]
    extraction.record(extraction.read("me/tracks"))
    del extraction.spotify.world.saved[100]

    manifest = extraction.read("me/tracks")

    assert manifest["playlists"][0]["collected"] == 119


def test_the_account_in_raw_is_a_mark_and_nothing_personal(extraction: Extraction) -> None:
    extraction.spotify.world.add_playlist("own", 1)

    lines = extraction.lines(extraction.read("me/playlists"))

    assert lines[0]["kind"] == "me"
    assert lines[0]["body"] == {"id": account_mark(ME)}
    assert "Tener" not in json.dumps(lines)
    assert ME not in json.dumps(lines)


@pytest.mark.parametrize("is_dropping", [True, False])
def test_the_cursor_and_the_table_hold_a_mark_of_the_account(
    extraction: Extraction, is_dropping: bool
) -> None:
    extraction.spotify.world.add_playlist("own", 1)
    extraction.drop_personal_fields = is_dropping

    manifest = extraction.read("me/playlists")

    cursor = json.dumps(extraction.store.get(cursor_key(manifest["run_id"])))
    assert account_mark(ME) in cursor
    assert ME not in cursor


def test_a_list_of_ones_own_is_known_whether_ids_are_dropped_or_not(
    extraction: Extraction,
) -> None:
    own = extraction.spotify.world.add_playlist("own", 1)
    extraction.drop_personal_fields = False
    extraction.read("me/playlists")
    extraction.drop_personal_fields = True

    manifest = extraction.read("me/playlists")

    assert [one["source"] for one in manifest["playlists"]] == [own.uri]
    assert manifest["refused"] == []
