from pathlib import Path
from typing import Any

import pytest


def test_a_day_or_seed_given_later_replaces_the_account(spotify: Any) -> None:
    first = spotify.playlists()

    spotify.control(day="2026-11-21")
    next_day = spotify.playlists()
    spotify.control(seed=8)
    other = spotify.playlists()

    assert first.keys() ^ next_day.keys() == {"Friday commute", "Saturday commute"}
    assert spotify.look("catalogue")["day"] == "2026-11-21"
    assert not {p["id"] for p in other.values()} & {p["id"] for p in next_day.values()}


def test_a_catalogue_given_later_replaces_the_account_and_a_day_brings_it_back(
    spotify: Any, recorded: Path
) -> None:
    file = recorded / "playlist/danielmschaves_top50_global_2024-05-02.json"

    described = spotify.control(catalogue=str(file))
    sources = spotify.look("sources")
    spotify.control(day="2026-11-20")

    assert described["catalogue"]["kind"] == "recorded"
    assert sources == ["spotify:playlist:37i9dQZEVXbMDoHDwVN2tF"]
    assert spotify.look("catalogue")["kind"] == "sample"
    assert len(spotify.look("sources")) == 14


def test_sources_are_what_the_user_can_read_in_the_mode(spotify: Any) -> None:
    new = spotify.look("sources")

    spotify.control(mode="extended")

    assert len(spotify.look("sources")) == len(new) + 2
    assert spotify.control()["mode"] == "extended"


def test_an_edit_gives_the_next_snapshot(spotify: Any) -> None:
    path = f"playlists/{spotify.playlists()['Band practice']['id']}"
    playlist_id = path.split("/")[1]

    def uris_after(**edit: Any) -> list[str]:
        if edit:
            spotify.control(edit={"playlist_id": playlist_id, **edit})
        return [entry["item"]["uri"] for entry in spotify.walk(f"{path}/items", limit=50)]

    snapshots = [spotify.body(path)["snapshot_id"]]
    first = uris_after()
    removed = uris_after(edit="remove", position=2)
    moved = uris_after(edit="move", position=0, to=3)
    added = uris_after(edit="add", position=1, to=0)
    cleared = uris_after(edit="clear")
    snapshots.append(spotify.body(path)["snapshot_id"])
    spotify.control(reset=True)

    assert removed == first[:2] + first[3:]
    assert moved == [*removed[1:4], removed[0], *removed[4:]]
    assert added == [moved[1], *moved]
    assert cleared == []
    assert len(set(snapshots)) == 2
    assert uris_after() == first


def test_an_edited_recording_has_the_size_that_is_left(serve: Any, recorded: Path) -> None:
    spotify = serve(catalogue=recorded / "playlist_items/huyhng_page_offset_857.json")
    spotify.control(edit={"playlist_id": "6LB26f7o7YcANtlVuxhXZq", "edit": "clear"})

    assert spotify.body("playlists/6LB26f7o7YcANtlVuxhXZq/items")["total"] == 0


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"days": "2026-01-01"}, "unknown key days"),
        ([], "a control request is a JSON object"),
        ({"day": "2026-13-01"}, "month must be in 1..12"),
        ({"day": "1999-01-01"}, "the sample account has days from"),
        ({"day": 5}, "fromisoformat"),
        ({"catalogue": "/nowhere/at/all"}, "no such folder or file"),
        ({"catalogue": "/nowhere", "day": "2026-01-01"}, "exclude each other"),
        ({"seed": "x"}, "seed needs a whole number"),
        ({"mode": "new"}, "mode is development or extended"),
        ({"faults": {}}, "faults is a list"),
        ({"latency_ms": -1}, "latency_ms needs a whole number"),
        ({"rate_limit": 5}, "rate_limit has requests"),
        ({"rate_limit": {"requests": "x"}}, "rate_limit needs a whole number"),
        ({"daily_quota": {"requests": 1, "window_seconds": 0}}, "window_seconds must be more"),
        ({"edit": {"edit": "remove"}}, "edit has playlist_id"),
        ({"edit": {"playlist_id": "0" * 22, "edit": "remove"}}, "Resource not found"),
        ({"reset": 1}, "reset is true or false"),
        ({"deny_login": "yes"}, "deny_login is true or false"),
    ],
)
def test_a_wrong_request_says_what_is_wrong(spotify: Any, wanted: Any, message: str) -> None:
    response = spotify.session.post(f"{spotify.url}/_control", json=wanted, timeout=5)

    assert response.status_code == 400
    assert message in str(response.json()["error"])


def test_a_body_that_is_not_json_is_refused(spotify: Any) -> None:
    response = spotify.session.post(f"{spotify.url}/_control", data="{", timeout=5)

    assert response.status_code == 400


def test_control_requests_are_not_in_the_log(spotify: Any) -> None:
    spotify.control(reset=True)
    spotify.look("catalogue")

    assert spotify.look("requests") == []
