"""Takes personal fields out of Spotify's answers before anything is written."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final

SPOTIFY_OWNER: Final = "spotify"
_PERSONAL_ANYWHERE: Final = frozenset({"added_by", "display_name", "email"})
# What a user's object is called where it is not said by its type.
_USERS: Final = frozenset({"owner"})
_USER_IN_ADDRESS: Final = re.compile(
    r"^(?P<head>https://(?:api|open)\.spotify\.com/(?:v1/)?users?/|spotify:user:)(?P<id>[^/?:]+)"
)
_MARK: Final = re.compile(r"account-[0-9a-f]{16}")
_MARK_DIGITS: Final = 16


def account_mark(user_id: str) -> str:
    """Return what stands for an account where its id must not stand: the same for the same id.

    Spotify's own id names nobody and stays; a mark stays what it is.
    """
    if user_id in {"", SPOTIFY_OWNER} or _MARK.fullmatch(user_id):
        return user_id
    digest = hashlib.sha256(f"spotify account {user_id}".encode()).hexdigest()
    return f"account-{digest[:_MARK_DIGITS]}"


def without_personal_fields(body: Any) -> Any:
    """Return a copy without who added an entry, display names, e-mail addresses and user ids."""
    if isinstance(body, dict):
        return {
            name: only_account_mark(value)
            if _is_user(name, value)
            else without_personal_fields(value)
            for name, value in body.items()
            if name not in _PERSONAL_ANYWHERE
        }
    if isinstance(body, list):
        return [without_personal_fields(value) for value in body]
    if isinstance(body, str):
        return _USER_IN_ADDRESS.sub(_marked, body)
    return body


def only_account_mark(user: Mapping[str, Any]) -> dict[str, Any]:
    """Return a user's object (`GET /me`, an owner) with the mark of its id and nothing else."""
    return {"id": account_mark(str(user.get("id") or ""))}


def _is_user(name: str, value: object) -> bool:
    return isinstance(value, dict) and (name in _USERS or value.get("type") == "user")


def _marked(match: re.Match[str]) -> str:
    return match["head"] + account_mark(match["id"])
