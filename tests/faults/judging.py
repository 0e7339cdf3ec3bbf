"""What a run brought, told apart from what it should have brought: lost, doubled, wrong state."""

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from extract_spotify.entries import entries_in
from tests.faults.stack import Stack

_VARYING = {"run_id": "", "fetched_at": ""}


@dataclass
class Brought:
    """The raw pages of one or several runs, by source: a later run's read replaces an earlier's."""

    entries: dict[str, list[str]] = field(default_factory=dict)
    lines: dict[str, list[str]] = field(default_factory=dict)
    doubled: int = 0
    torn: set[str] = field(default_factory=set)
    refused: dict[str, int | None] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)

    def add(self, stack: Stack, run_id: str) -> None:
        """Take in what a run brought."""
        manifest = stack.manifest(run_id)
        lines = raw_lines(stack, manifest)
        keys = Counter(_key(line) for line in lines)
        self.doubled += sum(count - 1 for count in keys.values())
        chosen = {(one["source"], one["read"]) for one in manifest["playlists"]}
        for source, _ in chosen:
            self.entries[source], self.lines[source] = [], []
        for line in sorted(lines, key=_key):
            self.listed |= _listed_in(line)
            if (line["source"], line["read"]) in chosen:
                self.entries[line["source"]] += _entries_of(line)
                self.lines[line["source"]].append(_as_text(line | _VARYING))
        for one in manifest["playlists"]:
            self.torn.discard(one["source"])
            self.refused.pop(one["source"], None)
            if not one["is_consistent"]:
                self.torn.add(one["source"])
        self.refused |= {one["source"]: one["status"] for one in manifest["refused"]}


@dataclass(frozen=True)
class Difference:
    """How what was brought differs from what should have been: entries, and whole lists."""

    lost: int
    doubled: int

    def __add__(self, other: "Difference") -> "Difference":
        return Difference(self.lost + other.lost, self.doubled + other.doubled)


def difference(expected: Brought, found: Brought, leave_out: Iterable[str] = ()) -> Difference:
    """Compare the entries of every source, in order.

    Args:
        expected: of the run without faults.
        found: of the run with them.
        leave_out: sources whose absence is told in another way.
    """
    total = Difference(len(expected.listed - found.listed), found.doubled)
    for source in sorted(expected.entries.keys() - set(leave_out)):
        total += _list_difference(expected.entries[source], found.entries.get(source, []))
    return total


def is_verbatim(expected: Brought, found: Brought, leave_out: Iterable[str] = ()) -> bool:
    """Tell whether the raw lines are the same to the letter, but for run and time."""
    sources = expected.lines.keys() - set(leave_out)
    return all(expected.lines[source] == found.lines.get(source) for source in sources)


def _list_difference(expected: list[str], found: list[str]) -> Difference:
    want, have = Counter(expected), Counter(found)
    lost, doubled = (want - have).total(), (have - want).total()
    if not lost and not doubled and expected != found:
        return Difference(1, 0)  # all there, but at the wrong places
    return Difference(lost, doubled)


def raw_lines(stack: Stack, manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return all raw lines of a run, part after part."""
    lines: list[dict[str, Any]] = []
    for part in manifest["parts"]:
        body = stack.store.get_bytes(part["key"]) or b""
        lines += [json.loads(text) for text in gzip.decompress(body).splitlines()]
    return lines


def _key(line: Mapping[str, Any]) -> tuple[str, int, int, str]:
    kind, offset = line["kind"], line["params"].get("offset", 0)
    # The closing look at the version comes after all pages.
    is_closing = kind == "playlist_snapshot"
    return line["source"], line["read"], 10**9 if is_closing else offset, kind


def _entries_of(line: Mapping[str, Any]) -> list[str]:
    if line["kind"] == "playlist_snapshot":
        return []
    return [_as_text(entry) for entry in entries_in(line["body"])]


def _listed_in(line: Mapping[str, Any]) -> set[str]:
    if line["kind"] != "my_playlists":
        return set()
    return {entry["uri"] for entry in line["body"]["items"]}


def _as_text(value: object) -> str:
    return json.dumps(value, sort_keys=True)
