"""Finds the entries in Spotify's answers, in both of the shapes they come in."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from tonearm_pipeline.errors import SpotifyUnavailableError

# 2026 names first: where an answer holds both, they win.
_BLOCK_NAMES = ("items", "tracks")
_CONTENT_NAMES = ("item", "track")


class Embedded(NamedTuple):
    """The first page of entries that comes inside a playlist or an album, and its block."""

    entries: list[Any]
    block: Mapping[str, Any]

    @property
    def is_whole(self) -> bool:
        """Tell whether there is nothing beyond this page."""
        return len(self.entries) == self.block["total"] and not self.block.get("next")


def embedded_entries(body: Mapping[str, Any]) -> Embedded | None:
    """Return the entries inside a playlist or album; None when Spotify withholds them.

    Raises:
        SpotifyUnavailableError: there are entries but not how many there are in all.
    """
    blocks = [body[name] for name in _BLOCK_NAMES if isinstance(body.get(name), dict)]
    if not blocks:
        return None
    block = next((one for one in blocks if isinstance(one.get("items"), list)), blocks[0])
    if not isinstance(block.get("total"), int):
        raise SpotifyUnavailableError("the answer does not say how many entries there are")
    entries = block.get("items")
    return Embedded(entries if isinstance(entries, list) else [], block)


def entries_in(body: Mapping[str, Any]) -> list[Any]:
    """Return the entries of an answer: of the page it is, or of the one inside it."""
    if isinstance(body.get("items"), list):
        return list(body["items"])
    embedded = embedded_entries(body)
    return embedded.entries if embedded else []


def content_of(entry: object) -> Mapping[str, Any]:
    """Return the track or episode of an entry, empty when there is none."""
    if not isinstance(entry, dict):
        return {}
    # `track` and `item` may be booleans; only an object is content.
    contents = (entry.get(name) for name in _CONTENT_NAMES)
    return next((one for one in contents if isinstance(one, dict)), {})


def entry_mark(entry: object) -> str:
    """Return what identifies an entry for change detection: its URI and when it was added."""
    if not isinstance(entry, dict):
        return "[null,null]"
    return json.dumps([content_of(entry).get("uri"), entry.get("added_at")])


def body_mark(body: object) -> str:
    """Return a text that changes when anything in a body does."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"))


def details_mark(body: Mapping[str, Any]) -> str:
    """Return a hash over what can change in a playlist without its entries changing."""
    names = ("name", "description", "public", "collaborative")
    return chained("", [body_mark([body.get(name) for name in names] + [owner_id_of(body)])])


def owner_id_of(body: Mapping[str, Any]) -> str:
    """Return the id of a playlist's owner, empty when not given."""
    owner = body.get("owner")
    return str(owner.get("id") or "") if isinstance(owner, dict) else ""


def chained(fingerprint: str, marks: Iterable[str]) -> str:
    """Return the sha256 over all marks so far.

    Each mark is hashed together with the hash before it, so a read can stop and go on anywhere,
    and the size of the pages does not matter.
    """
    for mark in marks:
        fingerprint = hashlib.sha256(f"{fingerprint}\n{mark}".encode()).hexdigest()
    return fingerprint
