"""Small objects every Web API response is made of."""

from typing import Any

API = "https://api.spotify.com/v1"
"""Objects name themselves under Spotify's own address; only paging links carry the fake's."""

type Json = dict[str, Any]

USER_ID = "listener-one"
ACCOUNT_ID = "5f0c7d1e9a3b4c6d8e2f1a0b9c8d7e6f"


def identity(kind: str, object_id: str) -> Json:
    """The five keys every object has: external_urls, href, id, type, uri."""
    return {
        "external_urls": {"spotify": f"https://open.spotify.com/{kind}/{object_id}"},
        "href": f"{API}/{kind}s/{object_id}",
        "id": object_id,
        "type": kind,
        "uri": f"spotify:{kind}:{object_id}",
    }


def user_reference(user_id: str) -> Json:
    """A user as `added_by` names one; Spotify itself is the empty id."""
    return identity("user", user_id)


def owner(user_id: str, display_name: str | None) -> Json:
    """A user as the owner of a playlist."""
    return {"display_name": display_name, **user_reference(user_id)}


def current_user() -> Json:
    """The whole profile of the fake's one user, as extended mode shows it."""
    return {
        "account_id": ACCOUNT_ID,
        "country": "SE",
        "display_name": "Listener One",
        "email": "listener@example.com",
        "explicit_content": {"filter_enabled": False, "filter_locked": False},
        "followers": {"href": None, "total": 12},
        "images": [],
        "product": "premium",
        **identity("user", USER_ID),
    }
