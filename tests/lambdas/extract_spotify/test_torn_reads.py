"""Lists that change under the reader, and answers that say wrongly how long a list is."""

import json

import pytest

from tests.lambdas.extraction import Extraction, positions
from tests.lambdas.scripted_spotify import Fault, World, an_entry


def uris(count: int) -> list[str]:
    return [an_entry(number)["item"]["uri"] for number in range(count)]


def test_an_edit_between_pages_makes_a_second_read(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("torn", 130)
    extraction.spotify.faults[2] = Fault(before=lambda _: playlist.edit())

    manifest = extraction.read(playlist.uri)

    assert manifest["superseded"] == [{"source": playlist.uri, "read": 1}]
    (entry,) = manifest["playlists"]
    assert (entry["read"], entry["is_consistent"], entry["collected"]) == (2, True, 131)
    lines = extraction.lines(manifest)
    assert positions(lines, playlist.uri, read=2)[0] == playlist.entries[0]["item"]["uri"]
    assert [line["is_consistent"] for line in lines if line["kind"] == "playlist_snapshot"] == [
        False,
        True,
    ]


def test_a_playlist_that_never_holds_still_is_stored_as_torn(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("restless", 130)

    def edit(_: World) -> None:
        playlist.edit()

    extraction.spotify.every = Fault(before=edit)
    manifest = extraction.read(playlist.uri)

    (entry,) = manifest["playlists"]
    assert (entry["read"], entry["is_consistent"]) == (2, False)
    state = manifest["sources"][0]["next_state"]
    assert state["snapshot_id"] is None
    assert state["fingerprint"] is None


def test_two_equal_reads_prove_each_other_when_the_snapshot_always_moves(
    extraction: Extraction,
) -> None:
    playlist = extraction.spotify.world.add_playlist("top", 130, owner="spotify")

    def renumber(_: World) -> None:
        playlist.version += 1

    extraction.spotify.every = Fault(before=renumber)
    manifest = extraction.read(playlist.uri)

    (entry,) = manifest["playlists"]
    assert (entry["read"], entry["is_consistent"]) == (2, True)


def test_a_total_that_promises_too_much_ends_as_torn(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("greedy", 130, wrong_total=140)

    manifest = extraction.read(playlist.uri)

    (entry,) = manifest["playlists"]
    assert (entry["api_total"], entry["collected"], entry["is_consistent"]) == (140, 130, False)


@pytest.mark.parametrize(
    ("request_number", "total"),
    [
        pytest.param(1, 100, id="first answer, just what it holds"),
        pytest.param(1, 60, id="first answer, less than it holds"),
        pytest.param(2, 150, id="middle page, just what is collected"),
        pytest.param(2, 30, id="middle page, less than is collected"),
        pytest.param(4, 223, id="last page, less than is collected"),
        pytest.param(4, 237, id="last page, more than there is"),
    ],
)
def test_one_wrong_total_costs_no_entry(
    extraction: Extraction, request_number: int, total: int
) -> None:
    playlist = extraction.spotify.world.add_playlist("long", 230)

    def lie(_: World) -> None:
        playlist.wrong_total = total
        extraction.spotify.faults[request_number + 1] = Fault(before=tell_the_truth)

    def tell_the_truth(_: World) -> None:
        playlist.wrong_total = None

    extraction.spotify.faults[request_number] = Fault(before=lie)

    manifest = extraction.read(playlist.uri)

    (entry,) = manifest["playlists"]
    assert (entry["api_total"], entry["collected"], entry["is_consistent"]) == (230, 230, True)
    lines = extraction.lines(manifest)
    assert positions(lines, playlist.uri, entry["read"]) == uris(230)


def test_an_account_list_whose_total_is_too_small_is_walked_to_its_end(
    extraction: Extraction,
) -> None:
    for number in range(60):
        extraction.spotify.world.add_playlist(f"p{number}x", 1)
    body = extraction.spotify.find("me/playlists", {"limit": "50", "offset": "0"})[1]
    lie = Fault(body=json.dumps(body | {"total": 50}).encode())
    extraction.spotify.faults[2] = lie

    manifest = extraction.read("me/playlists")

    assert len(manifest["playlists"]) == 60
