"""Takes personal fields out of Spotify's answers before anything is written."""

from typing import Any, Final

_PERSONAL_ANYWHERE: Final = frozenset({"added_by", "display_name", "email"})
# An account's own object is all personal, but for what names the account itself.
_KEPT_OF_ACCOUNT: Final = frozenset({"account_id", "id", "type", "uri"})


def without_personal_fields(body: Any) -> Any:
    """Return a copy without who added an entry, display names and e-mail addresses."""
    if isinstance(body, dict):
        return {
            name: without_personal_fields(value)
            for name, value in body.items()
            if name not in _PERSONAL_ANYWHERE
        }
    if isinstance(body, list):
        return [without_personal_fields(value) for value in body]
    return body


def only_account_ids(body: dict[str, Any]) -> dict[str, Any]:
    """Return an account's object (`GET /me`) with its ids and nothing else."""
    return {name: value for name, value in body.items() if name in _KEPT_OF_ACCOUNT}
