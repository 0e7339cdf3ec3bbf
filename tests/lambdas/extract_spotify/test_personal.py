import json
from typing import Any

import pytest

from extract_spotify.personal import account_mark, only_account_mark, without_personal_fields

OWNER = {
    "id": "somebody",
    "display_name": "Some Body",
    "email": "some@body.example",
    "type": "user",
    "uri": "spotify:user:somebody",
    "href": "https://api.spotify.com/v1/users/somebody",
    "external_urls": {"spotify": "https://open.spotify.com/user/somebody"},
}
SONG = {"name": "Song about somebody", "uri": "spotify:track:1"}


def a_page() -> dict[str, Any]:
    return {
        "href": "https://api.spotify.com/v1/users/somebody/playlists?offset=0",
        "uri": "spotify:user:somebody:playlist:1",
        "owner": dict(OWNER),
        "items": {
            "items": [
                {
                    "added_at": "2026-11-01T00:00:00Z",
                    "added_by": {"id": "friend"},
                    "item": SONG | {"show": {"host": dict(OWNER)}},
                }
            ]
        },
    }


def test_who_added_names_addresses_and_ids_go_wherever_they_stand() -> None:
    mark = account_mark("somebody")

    assert without_personal_fields(a_page()) == {
        "href": f"https://api.spotify.com/v1/users/{mark}/playlists?offset=0",
        "uri": f"spotify:user:{mark}:playlist:1",
        "owner": {"id": mark},
        "items": {
            "items": [
                {
                    "added_at": "2026-11-01T00:00:00Z",
                    "item": SONG | {"show": {"host": {"id": mark}}},
                }
            ]
        },
    }


def test_an_owner_is_one_without_a_type_too() -> None:
    page = {"owner": {"id": "somebody", "display_name": "Some Body"}}

    assert "somebody" not in json.dumps(without_personal_fields(page))


def test_the_answer_itself_is_left_as_it_came() -> None:
    page = a_page()

    without_personal_fields(page)

    assert page == a_page()


def test_of_the_account_only_its_mark_stays() -> None:
    account = OWNER | {"account_id": "1", "country": "DE"}

    assert only_account_mark(account) == {"id": account_mark("somebody")}


def test_a_mark_is_the_same_each_time_and_different_for_another() -> None:
    mark = account_mark("somebody")

    assert mark == account_mark("somebody") == account_mark(mark)
    assert mark != account_mark("somebody.else")
    assert "somebody" not in mark


@pytest.mark.parametrize("name", ["spotify", ""])
def test_spotify_itself_is_nobody(name: str) -> None:
    assert account_mark(name) == name
