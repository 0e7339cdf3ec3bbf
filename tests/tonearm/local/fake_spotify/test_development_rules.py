from typing import Any

import pytest

TAKEN = {
    "album": {"album_group", "available_markets", "label", "popularity"},
    "artist": {"followers", "genres", "popularity"},
    "track": {"available_markets", "linked_from", "popularity", "preview_url"},
    "show": {"available_markets", "publisher"},
    "user": {"country", "email", "explicit_content", "followers", "product"},
}


def objects_in(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [found for inner in value for found in objects_in(inner)]
    if not isinstance(value, dict):
        return []
    return [value, *(found for inner in value.values() for found in objects_in(inner))]


def own_playlist(spotify: Any) -> str:
    return str(spotify.playlists()["Everything I keep"]["id"])


def test_no_object_has_a_field_development_mode_lost(spotify: Any) -> None:
    playlist_id = own_playlist(spotify)
    track = spotify.body(f"playlists/{playlist_id}/items", offset=1, limit=1)["items"][0]["item"]
    paths = (
        "me",
        "me/playlists",
        "me/tracks",
        f"playlists/{playlist_id}",
        f"tracks/{track['id']}",
        f"albums/{track['album']['id']}",
        f"albums/{track['album']['id']}/tracks",
        f"artists/{track['artists'][0]['id']}",
        f"artists/{track['artists'][0]['id']}/albums",
    )

    bodies = [spotify.body(path) for path in paths]

    kept = [
        (o["type"], TAKEN.get(o["type"], set()) & o.keys())
        for o in objects_in(bodies)
        if "type" in o
    ]
    assert {kind for kind, _ in kept} >= {"user", "playlist", "track", "album", "artist"}
    assert not [pair for pair in kept if pair[1]]


def test_extended_mode_has_the_fields_development_mode_lost(serve: Any) -> None:
    spotify = serve(day="2026-11-20", mode="extended")
    odds = spotify.playlists()["Odds & ends"]["id"]
    items = spotify.walk(f"playlists/{odds}/items", additional_types="track,episode")
    tracks = [entry["track"] for entry in items if entry["track"]]
    linked = next(track for track in tracks if "linked_from" in track)

    artist = spotify.body(f"artists/{linked['artists'][0]['id']}")
    album = spotify.body(f"albums/{linked['album']['id']}")
    episode = next(track for track in tracks if track["type"] == "episode")

    assert TAKEN["track"] <= linked.keys()
    assert linked["linked_from"]["id"] != linked["id"]
    assert TAKEN["artist"] <= artist.keys()
    assert TAKEN["album"] - {"album_group"} <= album.keys()
    assert "album_group" in spotify.body(f"artists/{artist['id']}/albums")["items"][0]
    assert TAKEN["show"] <= episode["show"].keys()
    assert TAKEN["user"] <= spotify.body("me").keys()


def test_playlists_have_the_shape_of_their_mode(serve: Any) -> None:
    new, old = serve(day="2026-11-20"), serve(day="2026-11-20", mode="extended")
    playlist_id = own_playlist(new)

    bodies = [client.body(f"playlists/{playlist_id}") for client in (new, old)]

    assert "tracks" not in bodies[0]
    assert "items" not in bodies[1]
    assert "item" in bodies[0]["items"]["items"][0]
    assert "track" not in bodies[0]["items"]["items"][0]
    assert "track" in bodies[1]["tracks"]["items"][0]
    assert "item" not in bodies[1]["tracks"]["items"][0]


@pytest.mark.parametrize("name", ["Harbour FM weekly", "Fresh Friday"])
def test_a_foreign_playlist_gives_its_metadata_and_no_entries(spotify: Any, name: str) -> None:
    foreign = spotify.playlists()[name]

    whole = spotify.body(f"playlists/{foreign['id']}")
    refused = spotify.get(f"playlists/{foreign['id']}/items")

    assert whole["name"] == name
    assert not {"items", "tracks"} & whole.keys()
    assert (refused.status_code, refused.json()) == (
        403,
        {"error": {"status": 403, "message": "Forbidden"}},
    )
    assert f"spotify:playlist:{foreign['id']}" not in spotify.look("sources")


def test_extended_mode_reads_foreign_playlists(serve: Any) -> None:
    spotify = serve(day="2026-11-20", mode="extended")
    foreign = spotify.playlists()["Harbour FM weekly"]

    assert len(spotify.walk(f"playlists/{foreign['id']}/tracks")) == foreign["tracks"]["total"]
    assert foreign["uri"] in spotify.look("sources")


def test_a_collaborative_playlist_of_somebody_else_is_readable(spotify: Any) -> None:
    shared = spotify.playlists()["Band practice"]

    entries = spotify.walk(f"playlists/{shared['id']}/items")

    assert shared["collaborative"] is True
    assert shared["owner"]["id"] != spotify.body("me")["id"]
    assert len({entry["added_by"]["id"] for entry in entries}) > 1


def test_removed_paths_answer_403_in_development_and_work_in_extended(serve: Any) -> None:
    new, old = serve(day="2026-11-20"), serve(day="2026-11-20", mode="extended")
    playlist_id = own_playlist(new)
    track = new.body(f"playlists/{playlist_id}/items", offset=1, limit=1)["items"][0]["item"]
    unknown = "0" * 22
    asked = {
        f"playlists/{playlist_id}/tracks": "items",
        f"tracks?ids={track['id']},{unknown}": "tracks",
        f"albums?ids={track['album']['id']},{unknown}": "albums",
        f"artists?ids={track['artists'][0]['id']},x": "artists",
    }

    refused = [new.get(path).status_code for path in asked]
    answered = {path: old.body(path)[key] for path, key in asked.items()}

    assert refused == [403] * 4
    assert [items[1] for path, items in answered.items() if "ids=" in path] == [None] * 3
    assert answered[f"tracks?ids={track['id']},{unknown}"][0]["id"] == track["id"]


def test_batches_above_their_size_are_refused(serve: Any) -> None:
    spotify = serve(day="2026-11-20", mode="extended")

    statuses = {
        f"{kind} {count}": spotify.get(kind, ids=",".join(["0" * 22] * count)).status_code
        for kind, most in (("albums", 20), ("artists", 50), ("tracks", 50))
        for count in (most, most + 1)
    }

    assert statuses == {
        "albums 20": 200,
        "albums 21": 400,
        "artists 50": 200,
        "artists 51": 400,
        "tracks 50": 200,
        "tracks 51": 400,
    }
    assert spotify.get("albums").status_code == 400


def test_a_token_without_a_user_reads_music_but_no_entries(spotify: Any) -> None:
    playlist_id = own_playlist(spotify)
    track = spotify.body(f"playlists/{playlist_id}/items", offset=1, limit=1)["items"][0]["item"]
    app = spotify.new_token(grant_type="client_credentials")

    statuses = {
        path: spotify.get(path, token=app).status_code
        for path in (
            f"albums/{track['album']['id']}",
            f"artists/{track['artists'][0]['id']}",
            f"playlists/{playlist_id}",
            f"playlists/{playlist_id}/items",
            "me",
            "me/playlists",
            "me/tracks",
        )
    }

    assert list(statuses.values()) == [200, 200, 200, 403, 401, 401, 401]
    assert "items" not in spotify.get(f"playlists/{playlist_id}", token=app).json()


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic x"}]
)
def test_calls_without_a_valid_token_are_refused(spotify: Any, header: dict[str, str]) -> None:
    response = spotify.session.get(f"{spotify.url}/v1/me", headers=header, timeout=5)

    assert response.status_code == 401
    assert response.json()["error"]["status"] == 401


def test_unknown_and_impossible_ids_are_told_apart(spotify: Any) -> None:
    statuses = [spotify.get(path).status_code for path in ("albums/" + "0" * 22, "albums/short")]

    assert statuses == [404, 400]
    assert spotify.get("playlists/" + "0" * 22).json() == {
        "error": {"status": 404, "message": "Resource not found"}
    }
    assert spotify.get("audio-features/" + "0" * 22).status_code == 404
