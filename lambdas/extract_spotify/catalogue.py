"""Reads albums with all their tracks, and artists with their discography."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from extract_spotify.cursor import Progress
from extract_spotify.entries import body_mark, chained, embedded_entries
from extract_spotify.refusals import NOT_FOUND
from extract_spotify.run import Run
from extract_spotify.walk import walk
from tonearm_pipeline.sources import ALBUM, Source, parse_source
from tonearm_pipeline.spotify.client import BATCHES, Call
from tonearm_pipeline.spotify.responses import EndpointGoneError, SourceRefusedError

_NOT_FOUND: Final = 404


def read_album(run: Run, source: Source) -> None:
    """Read an album; its tracks beyond the embedded ones by page."""
    _read(run, source, "album_tracks", _open_album)


def read_artist(run: Run, source: Source) -> None:
    """Read an artist and the list of the artist's albums."""
    _read(run, source, "artist_albums", _open_artist)


def open_in_batch(run: Run, kind: str) -> None:
    """Ask for many albums or artists at once, where this client may.

    Each one answered becomes a read that is already open; each one unknown is refused.
    """
    batch = BATCHES[kind]
    waiting = [uri for uri in run.cursor.pending if _is_waiting(run, uri, kind)][: batch.size]
    if len(waiting) <= 1 or not run.cursor.has_batch:
        return
    ids = [parse_source(uri).id for uri in waiting]
    try:
        page = run.ask(Call(batch.kind, ",".join(ids)), batch.kind)
    except (EndpointGoneError, SourceRefusedError):
        run.cursor.has_batch = False
        return
    run.keep(page, None, is_consistent=None)
    opener = _open_album if kind == ALBUM else _open_artist
    answers = dict(zip(waiting, page.body[batch.kind], strict=False))
    known = {uri: body for uri, body in answers.items() if isinstance(body, dict)}
    for uri, body in known.items():
        opener(run.progress_of(uri), body)
    for uri in answers.keys() - known.keys():
        run.refuse(uri, _NOT_FOUND, NOT_FOUND)
        run.settle(uri)
    run.checkpoint()


def _is_waiting(run: Run, uri: str, kind: str) -> bool:
    is_kind = uri.startswith(f"spotify:{kind}:")
    return is_kind and uri not in run.cursor.progress


def _read(
    run: Run,
    source: Source,
    pages_kind: str,
    opener: Callable[[Progress, Mapping[str, Any]], None],
) -> None:
    progress = run.progress_of(source.uri)
    if not progress.is_opened:
        page = run.ask(Call(source.kind, source.id), source.uri)
        run.keep(page, None, is_consistent=None)
        opener(progress, page.body)
    walk(run, progress, pages_kind, source.id, body_mark)
    _finish(run, progress)


def _open_album(progress: Progress, body: Mapping[str, Any]) -> None:
    embedded = embedded_entries(body)
    if embedded:
        progress.collected = len(embedded.entries)
        progress.total = embedded.block["total"]
        progress.has_more = not embedded.is_whole
    _opened(progress, body)


def _open_artist(progress: Progress, body: Mapping[str, Any]) -> None:
    # How many albums there are is not known before the first page of them.
    progress.total = 1
    _opened(progress, body)


def _opened(progress: Progress, body: Mapping[str, Any]) -> None:
    progress.answers = 1
    progress.fingerprint = chained("", [body_mark(body)])
    progress.is_opened = True


def _finish(run: Run, progress: Progress) -> None:
    is_same = run.is_same_content(progress)
    run.note_state(progress, is_version_good=False, is_content_good=progress.is_complete)
    if is_same:
        run.supersede(progress.source, progress.read)
        run.leave_unchanged(progress.source, "fingerprint")
        return
    run.cursor.others.append(
        {
            "source": progress.source,
            "read": progress.read,
            "api_total": progress.total,
            "collected": progress.collected,
            "fingerprint": progress.fingerprint,
            "lines": progress.answers,
        }
    )
