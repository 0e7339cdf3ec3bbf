"""Walks the pages of one list by offset until everything that is there has been collected."""

from collections.abc import Callable, Mapping
from typing import Any

from extract_spotify.cursor import Progress
from extract_spotify.entries import chained
from extract_spotify.run import Page, Run
from tonearm_pipeline.errors import SpotifyUnavailableError
from tonearm_pipeline.spotify.client import Call

Mark = Callable[[object], str]


def add_page(progress: Progress, entries: list[Any], block: Mapping[str, Any], mark: Mark) -> None:
    """Count one page of entries into the progress of a read.

    Args:
        progress: of the read.
        entries: the page's entries.
        block: the page itself, with its `total` and `next`.
        mark: what of an entry goes into the fingerprint.
    """
    progress.answers += 1
    progress.collected += len(entries)
    progress.total = block["total"]
    progress.has_more = bool(block.get("next"))
    progress.fingerprint = chained(progress.fingerprint, (mark(entry) for entry in entries))


def walk(
    run: Run,
    progress: Progress,
    kind: str,
    ident: str,
    mark: Mark,
    *,
    take: Callable[[list[Any]], None] = lambda _entries: None,
) -> None:
    """Read pages from where the progress stands until collected == total.

    A total that is too small would end a walk too soon, so a page that still names a next one, or
    is past the total, is asked after. An empty page ends the walk in any case: the read may then
    be short, and its reader decides.

    Args:
        run: the extraction.
        progress: of the read.
        kind: which list.
        ident: whose list.
        mark: what of an entry goes into the fingerprint.
        take: gets the entries of each page.

    Raises:
        SpotifyUnavailableError: a page came twice.
    """
    before: list[Any] = []
    while progress.is_unfinished:
        call = Call(kind, ident, progress.collected)
        page = run.ask(call, progress.source, progress.read)
        entries = page.body["items"]
        _raise_if_repeated(page, entries, before)
        run.keep(page, progress.snapshot_id, is_consistent=None)
        take(entries)
        add_page(progress, entries, page.body, mark)
        run.checkpoint()
        if not entries:
            return
        before = entries


def _raise_if_repeated(page: Page, entries: list[Any], before: list[Any]) -> None:
    # An answer that names its offset was checked against the question already.
    is_unnamed = "offset" not in page.body
    if is_unnamed and len(entries) > 1 and entries == before:
        raise SpotifyUnavailableError(f"{page.line['path']}: the same page came twice")
