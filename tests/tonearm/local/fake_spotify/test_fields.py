from typing import Any

import pytest

from tonearm.local.fake_spotify.errors import ApiError
from tonearm.local.fake_spotify.fields import select

BODY = {
    "name": "n",
    "owner": {"id": "o", "href": "h", "type": "user"},
    "items": {
        "next": None,
        "total": 2,
        "items": [{"added_at": 1, "item": {"id": "a", "album": {"id": "x", "name": "y"}}}, None],
    },
}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("name", {"name": "n"}),
        ("snapshot_id", {}),
        ("name,owner.id", {"name": "n", "owner": {"id": "o"}}),
        ("owner(!href,type)", {"owner": {"id": "o"}}),
        ("!items,owner", {"name": "n"}),
        ("items.next,items.total", {"items": {"next": None, "total": 2}}),
        (
            "items.items(added_at, item(id,album.name))",
            {
                "items": {
                    "items": [{"added_at": 1, "item": {"id": "a", "album": {"name": "y"}}}, None]
                }
            },
        ),
        (
            "items(items(item.album(!id)))",
            {"items": {"items": [{"item": {"album": {"name": "y"}}}, None]}},
        ),
        ("", BODY),
        (None, BODY),
    ],
)
def test_fields_are_selected(fields: str | None, expected: Any) -> None:
    assert select(BODY, fields) == expected


@pytest.mark.parametrize("fields", ["name,", "items(", "items(total", "owner.", "a)b", "(", "a!b"])
def test_a_filter_that_is_not_well_formed_is_refused(fields: str) -> None:
    with pytest.raises(ApiError) as refused:
        select(BODY, fields)

    assert refused.value.reply.status == 400


def test_the_snapshot_alone_costs_few_bytes(spotify: Any) -> None:
    playlist = spotify.playlists()["Everything I keep"]

    response = spotify.get(f"playlists/{playlist['id']}", fields="snapshot_id")

    assert response.json() == {"snapshot_id": playlist["snapshot_id"]}


def test_pages_of_items_are_filtered_too(spotify: Any) -> None:
    path = f"playlists/{spotify.playlists()['Everything I keep']['id']}/items"
    fields = "total,next,items(item(uri))"

    page = spotify.body(path, fields=fields, limit=5)
    following = spotify.body(page["next"])

    assert page.keys() == following.keys() == {"total", "next", "items"}
    assert [list(entry) for entry in page["items"]] == [["item"]] * 5
