"""Gathers what a folder tree holds, piece by piece, and gives ids to lists that have none."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from tonearm.local.fake_spotify.ids import ID_LENGTH, base62_id, is_spotify_id
from tonearm.local.fake_spotify.recorded.documents import Document, Ignored, read_documents
from tonearm.local.fake_spotify.recorded.piece import Kind, Piece, UnrecognisedError
from tonearm.local.fake_spotify.recorded.pieces import pieces_in

_ID_IN_NAME = re.compile(rf"(?<![0-9A-Za-z])[0-9A-Za-z]{{{ID_LENGTH}}}(?![0-9A-Za-z])")


@dataclass
class Findings:
    """Everything taken from a tree, by kind and id."""

    files: set[str] = field(default_factory=set)
    ignored: list[Ignored] = field(default_factory=list)
    pieces: dict[Kind, dict[str, list[Piece]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def take(self, piece: Piece) -> None:
        """Files a piece under its id, giving a playlist one when it has none."""
        if piece.kind is Kind.PLAYLIST and not is_spotify_id(piece.object_id):
            piece = _with_id(piece)
        self.pieces[piece.kind][piece.object_id].append(piece)


def gather(root: Path) -> Findings:
    """Everything below `root`, or in the one file it is.

    Raises:
        CatalogueError: there is no such folder or file, or the folder holds no file.
    """
    findings = Findings()
    reasons: dict[str, str] = {}
    counts: dict[str, int] = {}
    for found in read_documents(root):
        findings.files.add(found.file)
        if isinstance(found, Ignored):
            findings.ignored.append(found)
            continue
        try:
            pieces = _numbered(found, counts.get(found.file, 0))
        except (UnrecognisedError, RecursionError) as exc:
            reasons.setdefault(found.file, str(exc))
            continue
        counts[found.file] = counts.get(found.file, 0) + len(pieces)
        for piece in pieces:
            findings.take(piece)
    findings.ignored += _unused(reasons, counts)
    return findings


def _numbered(document: Document, first: int) -> list[Piece]:
    pieces = pieces_in(document.value)
    return [
        replace(piece, file=document.file, index=index)
        for index, piece in enumerate(pieces, start=first)
    ]


def _unused(reasons: dict[str, str], counts: dict[str, int]) -> Iterable[Ignored]:
    """A file is ignored only when none of its documents gave anything."""
    return (Ignored(file, reason) for file, reason in reasons.items() if not counts.get(file))


def _with_id(piece: Piece) -> Piece:
    if piece.object_id:
        made = base62_id("recorded id", piece.object_id)
        return replace(piece, object_id=made, id_from="hash of the recorded id")
    if in_name := _ID_IN_NAME.search(PurePosixPath(piece.file).name):
        return replace(piece, object_id=in_name.group(), id_from="file name")
    made = base62_id("recorded file", piece.file, piece.index or "")
    return replace(piece, object_id=made, id_from="hash of the path")
