from typing import Any, NamedTuple

import pytest


class Bound(NamedTuple):
    path: str
    default: int
    largest: int


def bounds(spotify: Any) -> list[Bound]:
    playlist_id = spotify.playlists()["Everything I keep"]["id"]
    track = spotify.body(f"playlists/{playlist_id}/items", offset=1, limit=1)["items"][0]["item"]
    return [
        Bound(f"playlists/{playlist_id}/items", 20, 50),
        Bound("me/playlists", 20, 50),
        Bound("me/tracks", 20, 50),
        Bound(f"albums/{track['album']['id']}/tracks", 20, 50),
        Bound(f"artists/{track['artists'][0]['id']}/albums", 5, 10),
    ]


def test_every_endpoint_has_the_limits_of_the_documentation(spotify: Any) -> None:
    for path, default, largest in bounds(spotify):
        assert spotify.body(path)["limit"] == default, path
        assert spotify.body(path, limit=largest)["limit"] == largest, path
        for wrong in (largest + 1, 0, -1, "x"):
            refused = spotify.get(path, limit=wrong)
            assert (refused.status_code, refused.json()["error"]["message"]) == (
                400,
                "Invalid limit",
            )
        assert spotify.get(path, offset=-1).status_code == 400, path
        assert spotify.get(path, offset=100_001).status_code == 400, path


def test_next_and_previous_are_links_on_the_fakes_own_address(spotify: Any) -> None:
    playlist_id = spotify.playlists()["Everything I keep"]["id"]
    url = f"{spotify.url}/v1/playlists/{playlist_id}/items"

    page = spotify.body(f"playlists/{playlist_id}/items", offset=50, limit=50, additional_types="x")

    assert page["next"] == f"{url}?offset=100&limit=50&additional_types=x"
    assert page["previous"] == f"{url}?offset=0&limit=50&additional_types=x"


def test_an_offset_past_the_end_gives_an_empty_last_page(spotify: Any) -> None:
    playlist = spotify.playlists()["one song"]

    page = spotify.body(f"playlists/{playlist['id']}/items", offset=70)

    assert (page["items"], page["next"], page["total"]) == ([], None, 1)


@pytest.mark.parametrize("mode", ["development", "extended"])
def test_the_embedded_page_has_a_hundred_entries_and_goes_on_where_it_ends(
    serve: Any, mode: str
) -> None:
    spotify = serve(day="2026-11-20", mode=mode)
    key = "items" if mode == "development" else "tracks"
    playlist = spotify.playlists()["Everything I keep"]

    embedded = spotify.body(f"playlists/{playlist['id']}")[key]

    following = spotify.body(embedded["next"])
    whole = spotify.walk(f"playlists/{playlist['id']}/items", limit=50)
    assert (len(embedded["items"]), embedded["limit"], following["offset"]) == (100, 100, 100)
    assert embedded["items"] + following["items"] == whole[:150]
    assert embedded["total"] == len(whole) == playlist[key]["total"]
