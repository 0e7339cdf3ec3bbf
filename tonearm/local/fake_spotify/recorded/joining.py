"""Puts stretches of one list together, and picks one of several recordings of the same list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import PurePosixPath
from typing import Any

from tonearm.local.fake_spotify.catalogue import Shape
from tonearm.local.fake_spotify.ids import snapshot_counter
from tonearm.local.fake_spotify.objects import Json
from tonearm.local.fake_spotify.recorded.piece import Piece, text_or_nothing


@dataclass
class Recording:
    """One list as it was at one moment, as far as its stretches were recorded."""

    pieces: list[Piece] = field(default_factory=list)
    _by_position: dict[int, Any] = field(default_factory=dict)

    @property
    def entries(self) -> list[Any]:
        """The entries held, in their order."""
        return [self._by_position[position] for position in sorted(self._by_position)]

    @property
    def recorded_total(self) -> int:
        """How many entries the recording says the list had."""
        return max(self._total or 0, len(self._by_position))

    @property
    def body(self) -> Json | None:
        """The object the list belongs to, when one of the stretches came inside it."""
        return next((piece.body for piece in self.pieces if piece.body is not None), None)

    @property
    def shape(self) -> Shape:
        """The shape of the page as recorded."""
        return self.pieces[0].shape

    @property
    def files(self) -> list[str]:
        """The files it was put together from."""
        return list(dict.fromkeys(piece.file for piece in self.pieces))

    @property
    def newest_added_at(self) -> str:
        """When its newest entry was added; empty when none says so."""
        return max(filter(None, map(_added_at, self._by_position.values())), default="")

    @property
    def age_key(self) -> tuple[str, int, str, int]:
        """Grows with how new the recording is: by entries, then by edits, then by path."""
        counter = snapshot_counter(self._snapshot)
        last = max((piece.file, piece.index) for piece in self.pieces)
        return (self.newest_added_at, -1 if counter is None else counter, *last)

    @property
    def session(self) -> str:
        """The recorded session all of it comes from, if there is one."""
        is_session = all(piece.is_from_session for piece in self.pieces)
        return self.files[0] if is_session and len(self.files) == 1 else ""

    def fits(self, piece: Piece) -> bool:
        """True when the stretch can be of the same list at the same moment."""
        if self.pieces and (piece.total != self._total or self._is_other_version(piece)):
            return False
        return all(
            _same(self._by_position[position], entry)
            for position, entry in _positions(piece)
            if position in self._by_position
        )

    def add(self, piece: Piece) -> None:
        """Takes the stretch in; what is already held stays as it is."""
        self.pieces.append(piece)
        for position, entry in _positions(piece):
            self._by_position.setdefault(position, entry)

    def closeness(self, piece: Piece) -> tuple[bool, int]:
        """Grows with how near the stretch's file is to the recording's."""
        folder, mine = PurePosixPath(piece.file).parent, PurePosixPath(self.files[0]).parent
        pairs = zip(piece.file, self.files[0], strict=False)
        return folder == mine, sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))

    @property
    def _total(self) -> int | None:
        return self.pieces[0].total

    @property
    def _snapshot(self) -> str:
        return text_or_nothing((self.body or {}).get("snapshot_id"))

    def _is_other_version(self, piece: Piece) -> bool:
        theirs = (piece.body or {}).get("snapshot_id")
        return bool(theirs and self._snapshot and theirs != self._snapshot)


def join(pieces: Iterable[Piece]) -> list[Recording]:
    """The recordings the stretches of one list add up to."""
    recordings: list[Recording] = []
    for piece in sorted(pieces, key=_joining_order):
        fitting = [recording for recording in recordings if recording.fits(piece)]
        if not fitting:
            fitting = [Recording()]
            recordings += fitting
        nearest = max(fitting, key=lambda one: one.closeness(piece)) if fitting[0].pieces else None
        (nearest or fitting[0]).add(piece)
    return recordings


def newest_of(recordings: Sequence[Recording]) -> Recording:
    """The newest recording; within one recorded session the last reply counts."""
    last_of_session: dict[str, Recording] = {}
    others = []
    for recording in recordings:
        if not recording.session:
            others.append(recording)
            continue
        known = last_of_session.setdefault(recording.session, recording)
        if recording.pieces[-1].index > known.pieces[-1].index:
            last_of_session[recording.session] = recording
    return max([*others, *last_of_session.values()], key=lambda one: one.age_key)


def fullest_of(recordings: Sequence[Recording]) -> Recording:
    """The recording that holds most, for lists that hardly change."""
    return max(recordings, key=lambda one: (len(one.entries), one.age_key))


def _joining_order(piece: Piece) -> tuple[int, bool, str, int]:
    return piece.offset, piece.body is None, piece.file, piece.index


def _positions(piece: Piece) -> Iterable[tuple[int, Any]]:
    return enumerate(piece.entries, start=piece.offset)


def _same(one: Any, other: Any) -> bool:
    """True when two entries are the same one: added at the same time, with the same content."""
    return bool(_identity(one) == _identity(other))


def _identity(entry: Any) -> Any:
    if not isinstance(entry, dict):
        return entry
    content = entry.get("item")
    content = content if isinstance(content, dict) else entry.get("track")
    content = content if isinstance(content, dict) else entry
    return entry.get("added_at"), content.get("uri"), content.get("id")


def _added_at(entry: Any) -> str:
    added_at = entry.get("added_at") if isinstance(entry, dict) else None
    return added_at if isinstance(added_at, str) else ""
