import json

import pytest

from tests.lambdas.extraction import Extraction, positions
from tests.lambdas.scripted_spotify import Fault, an_entry
from tonearm_pipeline.errors import AccessRefusedError


def uris(count: int) -> list[str]:
    return [an_entry(number)["item"]["uri"] for number in range(count)]


def test_a_playlist_that_fits_one_answer_costs_one_call(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("small", 100)

    manifest = extraction.read(playlist.uri)

    assert extraction.spotify.questions() == [(f"playlists/{playlist.ident}", "")]
    (line,) = extraction.lines(manifest)
    assert list(line) == [
        "run_id",
        "kind",
        "fetched_at",
        "source",
        "read",
        "method",
        "path",
        "params",
        "status",
        "snapshot_id",
        "is_consistent",
        "body",
    ]
    assert line["is_consistent"] is True
    assert line["params"] == {"additional_types": "track,episode"}
    assert line["fetched_at"].endswith("Z")
    assert positions([line], playlist.uri) == uris(100)
    assert manifest["playlists"] == [
        {
            "playlist_id": playlist.ident,
            "source": playlist.uri,
            "read": 1,
            "api_total": 100,
            "collected": 100,
            "snapshot_id": "v1",
            "is_consistent": True,
            "fingerprint": manifest["playlists"][0]["fingerprint"],
            "lines": 1,
        }
    ]
    assert manifest["changed"] is True


def test_a_long_playlist_takes_its_first_page_from_the_playlist_itself(
    extraction: Extraction,
) -> None:
    playlist = extraction.spotify.world.add_playlist("long", 230)

    manifest = extraction.read(playlist.uri)

    path = f"playlists/{playlist.ident}"
    assert extraction.spotify.questions() == [
        (path, ""),
        (f"{path}/items", "100"),
        (f"{path}/items", "150"),
        (f"{path}/items", "200"),
        (path, ""),
    ]
    lines = extraction.lines(manifest)
    assert positions(lines, playlist.uri) == uris(230)
    assert [line["is_consistent"] for line in lines] == [None, None, None, None, True]
    assert lines[1]["params"] == {
        "limit": 50,
        "offset": 100,
        "additional_types": "track,episode",
    }
    assert manifest["calls"]["by_endpoint"] == {"playlists/{id}": 2, "playlists/{id}/items": 3}


def test_the_shape_of_2025_is_read_too(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("old", 130, shape="tracks")

    manifest = extraction.read(playlist.uri)

    assert positions(extraction.lines(manifest), playlist.uri) == uris(130)
    assert manifest["playlists"][0]["collected"] == 130


def test_an_empty_playlist_is_complete(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("empty", 0)

    manifest = extraction.read(playlist.uri)

    assert manifest["playlists"][0]["collected"] == 0
    assert manifest["playlists"][0]["is_consistent"] is True


def test_offsets_follow_what_came_back_when_pages_are_short(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("short", 150)
    body = {"items": playlist.entries[100:130], "offset": 100, "total": 150}
    extraction.spotify.faults[2] = Fault(body=json.dumps(body).encode())

    manifest = extraction.read(playlist.uri)

    assert [offset for _, offset in extraction.spotify.questions()] == ["", "100", "130", ""]
    assert positions(extraction.lines(manifest), playlist.uri) == uris(150)


def test_an_unchanged_snapshot_costs_one_call_and_writes_nothing(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("same", 230)
    extraction.record(extraction.read(playlist.uri))
    extraction.spotify.forget_log()

    manifest = extraction.read(playlist.uri)

    assert len(extraction.spotify.log) == 1
    assert manifest["unchanged"] == [{"source": playlist.uri, "why": "snapshot"}]
    assert manifest["parts"] == []
    assert manifest["changed"] is False


def test_a_new_snapshot_over_the_same_entries_is_unchanged(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("cover", 130)
    extraction.record(extraction.read(playlist.uri))
    playlist.version += 1

    manifest = extraction.read(playlist.uri)

    assert manifest["unchanged"] == [{"source": playlist.uri, "why": "fingerprint"}]
    assert manifest["superseded"] == [{"source": playlist.uri, "read": 1}]
    assert manifest["sources"][0]["next_state"]["snapshot_id"] == "v2"
    assert manifest["changed"] is False


def test_a_new_name_is_a_change_though_the_entries_are_the_same(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("renamed", 3)
    extraction.record(extraction.read(playlist.uri))
    playlist.version, playlist.name = 2, "Another name"

    manifest = extraction.read(playlist.uri)

    assert manifest["changed"] is True


def test_a_run_that_was_not_recorded_is_read_again(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("again", 3)
    extraction.read(playlist.uri)

    manifest = extraction.read(playlist.uri)

    assert manifest["changed"] is True


def test_a_moved_entry_changes_the_fingerprint(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("moved", 3)
    extraction.record(extraction.read(playlist.uri))
    playlist.entries.reverse()
    playlist.version += 1

    assert extraction.read(playlist.uri)["changed"] is True


def test_a_full_check_is_due_after_some_days(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("checked", 130)
    extraction.record(extraction.read(playlist.uri))
    playlist.entries[0]["added_at"] = "2026-02-02T00:00:00Z"  # the snapshot stays

    extraction.clock.move(days=6, hours=23)
    assert extraction.read(playlist.uri)["unchanged"]
    extraction.clock.move(hours=1)
    manifest = extraction.read(playlist.uri)

    assert manifest["changed"] is True


def test_rows_of_what_never_changes_are_written_again_before_they_expire(
    extraction: Extraction,
) -> None:
    extraction.retention_days = 60
    playlist = extraction.spotify.world.add_playlist("untouched", 130)
    written: list[int] = []

    for day in range(0, 100, 5):
        manifest = extraction.read(playlist.uri)
        extraction.record(manifest)
        if manifest["changed"]:
            written.append(day)
        extraction.clock.move(days=5)

    # Compared every week, written anew at half of the retention: nothing is ever 60 days old.
    assert written == [0, 30, 60, 90]


def test_a_forced_run_publishes_what_did_not_change(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("forced", 3)
    extraction.record(extraction.read(playlist.uri))

    manifest = extraction.read(playlist.uri, force_full=True)

    assert manifest["changed"] is True
    assert manifest["unchanged"] == []


def test_the_snapshot_of_spotifys_own_list_is_not_trusted(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("editorial", 50, owner="spotify")
    extraction.record(extraction.read(playlist.uri))
    playlist.entries.reverse()  # and the snapshot stays

    assert extraction.read(playlist.uri)["changed"] is True


def test_a_playlist_without_entries_from_a_stranger_is_refused(extraction: Extraction) -> None:
    foreign = extraction.spotify.world.add_playlist("foreign", 10, owner="stranger")
    own = extraction.spotify.world.add_playlist("own", 10)

    manifest = extraction.read(foreign.uri, own.uri)

    (refused,) = manifest["refused"]
    assert (refused["source"], refused["status"]) == (foreign.uri, 200)
    assert refused["why"]
    assert refused["fix"]
    assert [one["source"] for one in manifest["playlists"]] == [own.uri]


def test_a_run_of_which_nothing_is_there_is_not_taken_for_a_refused_client(
    extraction: Extraction,
) -> None:
    gone = "spotify:playlist:" + "9" * 22

    manifest = extraction.read(gone)

    assert [(one["source"], one["status"]) for one in manifest["refused"]] == [(gone, 404)]
    assert extraction.cursor(manifest["run_id"])["forbidden"] == 0


def test_a_refused_client_is_told_how_many_sources_it_was_refused(extraction: Extraction) -> None:
    lists = [extraction.spotify.world.add_playlist(name, 3) for name in ("one", "two")]
    extraction.spotify.world.forbidden |= {one.ident for one in lists}

    with pytest.raises(AccessRefusedError, match=r"403 to all 2 source\(s\)"):
        extraction.read(*(one.uri for one in lists))


def test_403_and_404_are_told_apart_and_fail_nothing(extraction: Extraction) -> None:
    own = extraction.spotify.world.add_playlist("own", 130)
    closed = extraction.spotify.world.add_playlist("closed", 10)
    extraction.spotify.world.forbidden.add(closed.ident)
    gone = "spotify:playlist:" + "9" * 22

    manifest = extraction.read(closed.uri, gone, own.uri)

    assert [(one["source"], one["status"]) for one in manifest["refused"]] == [
        (closed.uri, 403),
        (gone, 404),
    ]
    assert manifest["playlists"][0]["collected"] == 130
    assert manifest["refused"][0]["why"] != manifest["refused"][1]["why"]


def test_a_playlist_refused_after_its_first_page_leaves_no_counted_line(
    extraction: Extraction,
) -> None:
    playlist = extraction.spotify.world.add_playlist("half", 130)
    extraction.spotify.faults[2] = Fault(status=403, body=b"")

    manifest = extraction.read(playlist.uri)

    assert manifest["refused"][0]["status"] == 403
    assert manifest["superseded"] == [{"source": playlist.uri, "read": 1}]
    assert manifest["sources"] == []


def test_personal_fields_are_dropped_before_anything_is_written(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("private", 130)

    dropped = json.dumps(extraction.lines(extraction.read(playlist.uri)))
    extraction.drop_personal_fields = False
    kept = json.dumps(extraction.lines(extraction.read(playlist.uri)))

    assert "added_by" not in dropped
    assert "Somebody" not in dropped
    assert "added_by" in kept
    assert "Somebody" in kept
