"""Edits of a playlist while it is being read, as its owner could make them at any moment."""

from typing import Any

from tonearm.local.fake_spotify.catalogue import Playlist
from tonearm.local.fake_spotify.errors import ControlError

EDITS = ("remove", "add", "move", "clear")


def edited(playlist: Playlist, edit: str, position: int = 0, to: int = 0) -> Playlist:
    """The playlist one version later.

    `remove` takes the entry at `position`, `add` puts another copy of it at `to`, `move` takes it
    from `position` to `to`, `clear` takes all.

    Raises:
        ControlError: when there is no such edit or no such position.
    """
    if edit not in EDITS:
        raise ControlError(f"unknown edit {edit!r}; known are {', '.join(EDITS)}")
    entries: list[Any] = list(playlist.entries)
    if edit == "clear":
        return playlist.with_entries([])
    if not 0 <= position < len(entries):
        raise ControlError(f"there is no entry at position {position} of {len(entries)}")
    entry = entries[position] if edit == "add" else entries.pop(position)
    if edit != "remove":
        entries.insert(to, entry)
    return playlist.with_entries(entries)
