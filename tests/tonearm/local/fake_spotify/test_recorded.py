"""The shared recordings: all of them are served, none of them is changed."""

import csv
import json
import time
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from tonearm.local.fake_spotify.catalogue import Access
from tonearm.local.fake_spotify.recorded import RecordedCatalogue, load_recorded
from tonearm.local.fake_spotify.recorded.findings import gather
from tonearm.local.fake_spotify.recorded.piece import Kind


@pytest.fixture(scope="module")
def catalogue(recorded: Path) -> RecordedCatalogue:
    return load_recorded(recorded)


def entries_in(file: Path) -> list[Any]:
    """The entries of a recorded playlist, page or list, read without the code under test."""
    value: Any = json.JSONDecoder().raw_decode(file.read_text("utf-8"))[0]
    value = value.get("items", value.get("tracks")) if isinstance(value, dict) else value
    value = value["items"] if isinstance(value, dict) else value
    return list(value)


def test_every_recorded_playlist_and_page_is_read_with_all_its_entries(recorded: Path) -> None:
    with (recorded / "INDEX.csv").open(encoding="utf-8", newline="") as index:
        rows = [row for row in csv.DictReader(index) if row["kind"].startswith("playlist")]
    expected = {r["file"]: int(r["items"]) for r in rows if r["kind"] != "playlist_history"}

    counted: Counter[str] = Counter()
    for pieces in gather(recorded).pieces[Kind.PLAYLIST].values():
        for piece in pieces:
            counted[piece.file] += len(piece.entries)

    found = {file: counted[file] for file in expected if file in counted}
    assert len(expected) > 60
    assert found == expected


def test_every_file_is_used_or_said_to_be_ignored(
    catalogue: RecordedCatalogue, recorded: Path
) -> None:
    findings = gather(recorded)
    used = {
        piece.file
        for by_id in findings.pieces.values()
        for pieces in by_id.values()
        for piece in pieces
    }
    ignored = {one["file"]: one["reason"] for one in catalogue.summary()["ignored"]}

    files = {f.relative_to(recorded).as_posix() for f in recorded.rglob("*") if f.is_file()}
    assert used | ignored.keys() == files
    assert not used & ignored.keys()
    assert all(ignored.values())
    assert {Path(file).parts[0] for file in ignored if "/" in file} == {
        "error",
        "other",
        "playlist_history",
        "search",
        "token",
    }


def test_entries_are_served_exactly_as_they_were_recorded(serve: Any, recorded: Path) -> None:
    spotify = serve(catalogue=recorded)
    summary = spotify.look("catalogue")

    for playlist in summary["playlists"]:
        path = f"playlists/{playlist['playlist_id']}"
        served = spotify.walk(f"{path}/items", limit=50)
        files = sorted(playlist["files"], key=lambda name: "offset_1" in name or "_next" in name)
        if "session" in files[0]:
            continue
        recordings = [entries_in(recorded / file) for file in files]
        longest = recordings[0] if len(recordings[0]) >= len(served) else list(chain(*recordings))
        assert served == longest[: len(served)], files
        assert len(served) == playlist["entries"]
        envelope = spotify.body(path)["items" if playlist["shape"] == "items" else "tracks"]
        assert envelope["items"] == served[:100]
        assert envelope["total"] == len(served)


def test_every_playlist_with_entries_is_readable_whoever_owns_it(
    serve: Any, recorded: Path
) -> None:
    spotify = serve(catalogue=recorded)
    summary = spotify.look("catalogue")
    held = {f"spotify:playlist:{playlist['playlist_id']}" for playlist in summary["playlists"]}
    listed = {one["uri"].rsplit(":", 1)[1] for one in spotify.walk("me/playlists", limit=50)}

    assert held <= set(spotify.look("sources"))
    assert {uri.rsplit(":", 1)[1] for uri in held} <= listed
    assert summary["entries"] == sum(playlist["entries"] for playlist in summary["playlists"])
    assert {p["name"] for p in summary["playlists"] if p["entries"] == 0} == {"New Playlist"}


def test_playlists_known_only_from_a_list_give_metadata_and_403(serve: Any, recorded: Path) -> None:
    spotify = serve(catalogue=recorded)
    known = spotify.look("catalogue")["metadata_only"]

    refused = [
        playlist_id
        for playlist_id in known[::5]
        if spotify.get(f"playlists/{playlist_id}/items").status_code == 403
    ]

    assert len(known) > 100
    assert len(refused) == len(known[::5])
    whole = spotify.body(f"playlists/{refused[0]}")
    assert whole["name"]
    assert "items" not in whole


def test_pages_are_joined_to_their_playlist_by_their_address(
    catalogue: RecordedCatalogue, recorded: Path
) -> None:
    described = {one["playlist_id"]: one for one in catalogue.summary()["playlists"]}
    first = "playlist/rspotify_playlist_find_by_id_4dn0iEoAxn69ea0Tyov8V5__2.json"
    second = "playlist_items/rspotify_playlist_4dn0iEoAxn69ea0Tyov8V5_tracks_offset_100__0.json"

    joined = described["4dn0iEoAxn69ea0Tyov8V5"]

    assert (joined["entries"], joined["recorded_total"]) == (200, 244)
    assert joined["files"] == [first, second]
    entries = list(catalogue.playlists["4dn0iEoAxn69ea0Tyov8V5"].entries)
    assert entries == entries_in(recorded / first) + entries_in(recorded / second)
    assert described["6Df19VKaShrdWrAnHinwVO"]["entries"] == 2


def test_the_newest_of_several_recordings_is_served_and_the_others_are_named(
    catalogue: RecordedCatalogue,
) -> None:
    top50 = "37i9dQZEVXbMDoHDwVN2tF"
    described = {one["playlist_id"]: one for one in catalogue.summary()["playlists"]}
    superseded = [one for one in catalogue.summary()["superseded"] if one["id"] == top50]

    assert described[top50]["files"] == ["playlist/danielmschaves_top50_global_2024-05-11.json"]
    assert [one["files"][0][-15:-5] for one in superseded] == ["2024-04-22", "2024-05-02"]
    assert described["22qPNYpGThx27o9fvOwgMd"]["files"] == ["playlist/adamint_edit_step2.json"]


def test_ids_come_from_the_recording_the_file_name_or_the_path(
    catalogue: RecordedCatalogue,
) -> None:
    sources = {one["files"][0]: one for one in catalogue.summary()["playlists"]}

    by_name = sources["playlist_items/huyhng_0qELV6Dtv3X0j6qMusYsDT.json"]
    by_path = sources["playlist_items/otinabrayo_177.json"]
    by_href = sources["playlist_items/kaaes_playlist-tracks.json"]

    assert (by_name["playlist_id"], by_name["id_from"]) == ("0qELV6Dtv3X0j6qMusYsDT", "file name")
    assert (len(by_path["playlist_id"]), by_path["id_from"]) == (22, "hash of the path")
    assert (by_href["playlist_id"], by_href["id_from"]) == ("3ktAYNcRHpazJ9qecm3ptn", "recording")
    assert by_name["name"] == "Top Tracks - Long Term"  # from a recorded list of playlists


def test_both_shapes_and_the_one_between_keep_theirs(serve: Any, recorded: Path) -> None:
    spotify = serve(catalogue=recorded)

    old = spotify.body("playlists/78eWnYKwDksmCHAjOUNPEj")
    new = spotify.body("playlists/0z0vDWCPWAef0S2ZL8xYE5")
    between = spotify.body("playlists/1Cp6VQCKf2VL4sP09jN9oX/items")["items"][0]

    assert "items" not in old
    assert "track" in old["tracks"]["items"][0]
    assert "tracks" not in new
    assert new["items"]["items"][0]["item"]["track"] is True
    assert between["item"]["id"] == between["track"]["id"]


def test_metadata_is_served_as_recorded(serve: Any, recorded: Path) -> None:
    spotify = serve(catalogue=recorded)
    file = recorded / "playlist/danielmschaves_top50_global_2024-05-11.json"
    as_recorded = json.loads(file.read_text("utf-8"))

    served = spotify.body(f"playlists/{as_recorded['id']}")

    del as_recorded["tracks"], served["tracks"]
    assert served == as_recorded


def test_saved_tracks_albums_artists_and_songs_are_served(serve: Any, recorded: Path) -> None:
    spotify = serve(catalogue=recorded, mode="extended")
    album = json.loads((recorded / "album/spotdl_gorillaz_album_11.json").read_text("utf-8"))
    two_pages = "2js3lkzAjWpD656NK7ZaJX"

    saved = spotify.walk("me/tracks", limit=50)
    served = spotify.body(f"albums/{album['id']}")
    songs = spotify.walk(f"albums/{two_pages}/tracks", limit=50)
    discography = spotify.walk("artists/3zcOegUrWqti1S0lu4juJz/albums", limit=10)
    several = spotify.body("tracks", ids="0o4jSZBxOQUiDKzMJSqR4x," + "0" * 22)["tracks"]

    assert saved == entries_in(recorded / "other/joostlek_saved_tracks.json")
    assert served["tracks"]["items"] == album["tracks"]["items"]
    assert served["label"] == album["label"]
    assert len(songs) == 69
    assert len(discography) == 28
    assert spotify.body("artists/3zcOegUrWqti1S0lu4juJz")["followers"]["total"] == 14279
    assert [track and track["id"] for track in several] == ["0o4jSZBxOQUiDKzMJSqR4x", None]


def test_liked_songs_recorded_page_by_page_are_joined(serve: Any, recorded: Path) -> None:
    findings = gather(recorded)
    pages = [p for p in findings.pieces[Kind.SAVED_TRACKS][""] if "adamint" in p.file]
    findings.pieces[Kind.SAVED_TRACKS][""] = pages

    saved = RecordedCatalogue(recorded, findings).saved_tracks

    assert [len(page.entries) for page in pages] == [50, 50, 50, 50, 50, 37]
    assert len(saved.entries) == 287


def test_the_last_reply_of_a_recorded_session_is_served(recorded: Path) -> None:
    session = recorded / "other/adamint_session_playlist_edit.json"
    replies = [r for r in json.loads(session.read_text("utf-8")) if r["method"] == "GET"]

    catalogue = load_recorded(session)

    (playlist,) = catalogue.playlists.values()
    assert list(playlist.entries) == replies[-1]["body"]["items"]
    assert len(catalogue.summary()["superseded"]) >= 4


def test_loading_all_recordings_takes_a_moment(recorded: Path) -> None:
    begun = time.process_time()
    load_recorded(recorded)

    assert time.process_time() - begun < 3


def test_all_readable_recorded_playlists_have_a_stable_snapshot(recorded: Path) -> None:
    first, again = load_recorded(recorded), load_recorded(recorded)

    snapshots = {i: playlist.snapshot_id for i, playlist in first.playlists.items()}

    assert snapshots == {i: playlist.snapshot_id for i, playlist in again.playlists.items()}
    assert all(snapshots.values())
    assert all(
        p.access in {Access.RECORDED, Access.METADATA_ONLY} for p in first.playlists.values()
    )
