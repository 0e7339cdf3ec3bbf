"""Says why a source could not be read and what its owner can do about it."""

from typing import Final, NamedTuple

from tonearm_pipeline.sources import MY_PLAYLISTS, MY_TRACKS, PLAYLIST

WITHHELD: Final = "ITEMS_WITHHELD"
FOREIGN: Final = "FOREIGN"
LOGIN_REQUIRED: Final = "LOGIN_REQUIRED"
NOT_FOUND: Final = "NOT_FOUND"
_FORBIDDEN: Final = 403
_MISSING: Final = frozenset({404, 410})


class Advice(NamedTuple):
    """Why, and the cure, each one sentence."""

    why: str
    fix: str


_NOT_YOURS: Final = Advice(
    "Spotify gives the entries of a playlist only to its owner and its collaborators.",
    "Copy it into a playlist of your own, or have its owner make you a collaborator.",
)
_FOREIGN: Final = Advice(
    "The account follows this playlist but neither owns it nor collaborates on it.",
    "Copy it into a playlist of your own, or name it as a source if your app may read it.",
)
_LOGIN: Final = Advice(
    "This list belongs to an account, and nobody has logged in.",
    "Run `tonearm login`.",
)
_SCOPE: Final = Advice(
    "The login does not allow reading this list, or the account is not on the app's user list.",
    "Run `tonearm login` again, and check the app's users on developer.spotify.com/dashboard.",
)
_NO_PLAYLIST: Final = Advice(
    "Spotify shows no such playlist: it was deleted, is private, or is one of Spotify's own.",
    "Check the link; copy one of Spotify's own playlists into a playlist of yours.",
)
_NO_OBJECT: Final = Advice(
    "Spotify knows no such object, or does not show it to this app.",
    "Check the link, or take the source out of the list.",
)
_OTHER: Final = Advice(
    "Spotify refused this source.",
    "Open the link in Spotify; if it works there, run `tonearm doctor`.",
)


def advice_for(kind: str, status: int | None, reason: str | None) -> Advice:
    """Return why a source of this kind was refused, and the cure."""
    by_reason = {WITHHELD: _NOT_YOURS, FOREIGN: _FOREIGN, LOGIN_REQUIRED: _LOGIN}
    if reason in by_reason:
        return by_reason[reason]
    if status == _FORBIDDEN and kind in (MY_PLAYLISTS, MY_TRACKS):
        return _SCOPE
    if status == _FORBIDDEN and kind == PLAYLIST:
        return _NOT_YOURS
    if status in _MISSING:
        return _NO_PLAYLIST if kind == PLAYLIST else _NO_OBJECT
    return _OTHER
