from typing import Any

from tonearm_pipeline.personal import only_account_ids, without_personal_fields

OWNER = {
    "id": "somebody",
    "display_name": "Some Body",
    "email": "some@body.example",
    "type": "user",
}


def a_page() -> dict[str, Any]:
    return {
        "owner": dict(OWNER),
        "items": {
            "items": [
                {
                    "added_at": "2026-11-01T00:00:00Z",
                    "added_by": {"id": "friend"},
                    "item": {"name": "Song", "show": {"owner": dict(OWNER)}},
                }
            ]
        },
    }


def test_who_added_names_and_addresses_go_wherever_they_stand() -> None:
    kept_of_owner = {"id": "somebody", "type": "user"}

    assert without_personal_fields(a_page()) == {
        "owner": kept_of_owner,
        "items": {
            "items": [
                {
                    "added_at": "2026-11-01T00:00:00Z",
                    "item": {"name": "Song", "show": {"owner": kept_of_owner}},
                }
            ]
        },
    }


def test_the_answer_itself_is_left_as_it_came() -> None:
    page = a_page()

    without_personal_fields(page)

    assert page == a_page()


def test_of_the_account_only_its_ids_stay() -> None:
    account = OWNER | {"account_id": "1", "uri": "spotify:user:somebody", "country": "DE"}

    assert only_account_ids(account) == {
        "account_id": "1",
        "id": "somebody",
        "type": "user",
        "uri": "spotify:user:somebody",
    }
