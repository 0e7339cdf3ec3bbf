"""Reads one playlist whole, between two looks at its version."""

from typing import Final

from extract_spotify.cursor import Progress
from extract_spotify.entries import (
    Embedded,
    details_mark,
    embedded_entries,
    entry_mark,
    owner_id_of,
)
from extract_spotify.refusals import LOGIN_REQUIRED, WITHHELD
from extract_spotify.run import Page, Run
from extract_spotify.walk import add_page, walk
from tonearm_pipeline.errors import NeedsLoginError
from tonearm_pipeline.sources import Source
from tonearm_pipeline.spotify.client import Call

# A playlist that changes under the reader is read once more; then it is stored as torn.
MAX_READS: Final = 2
_OK: Final = 200


def read_playlist(run: Run, source: Source) -> None:
    """Read a playlist unless it is known to be unchanged."""
    uri = source.uri
    if run.is_same_version(uri, run.cursor.listed.get(uri), owner_id=""):
        run.leave_unchanged(uri, "snapshot")
        return
    while True:
        progress = run.progress_of(uri)
        if not progress.is_opened and not _open(run, source, progress):
            return
        walk(run, progress, "playlist_items", source.id, entry_mark)
        is_consistent = _is_consistent(run, source, progress)
        if is_consistent or run.is_same_content(progress) or progress.read >= MAX_READS:
            finish_playlist(run, progress, source.id, is_consistent)
            return
        _start_again(run, progress)


def finish_playlist(run: Run, progress: Progress, playlist_id: str, is_consistent: bool) -> None:
    """Note what a complete read of a list of tracks means for the run."""
    is_same = run.is_same_content(progress)
    run.note_state(progress, is_consistent, is_content_good=is_consistent or is_same)
    if is_same:
        run.supersede(progress.source, progress.read)
        run.leave_unchanged(progress.source, "fingerprint")
        return
    run.cursor.playlists.append(
        {
            "playlist_id": playlist_id,
            "source": progress.source,
            "read": progress.read,
            "api_total": progress.total,
            "collected": progress.collected,
            "snapshot_id": progress.snapshot_id,
            "is_consistent": is_consistent,
            "fingerprint": progress.fingerprint,
            "lines": progress.answers,
        }
    )


def _open(run: Run, source: Source, progress: Progress) -> bool:
    """Ask for the playlist with its first entries; return whether there is more to do."""
    page = run.ask(Call("playlist", source.id), source.uri, progress.read)
    body = page.body
    owner_id = owner_id_of(body)
    snapshot_id = body.get("snapshot_id")
    if progress.read == 1 and run.is_same_version(source.uri, snapshot_id, owner_id):
        run.leave_unchanged(source.uri, "snapshot")
        return False
    embedded = embedded_entries(body)
    if embedded is None:
        run.refuse(source.uri, _OK, _why_withheld(run))
        return False
    progress.snapshot_id = snapshot_id
    progress.details = details_mark(body)
    _take_embedded(run, progress, page, embedded)
    return True


def _why_withheld(run: Run) -> str:
    """Return why there are no entries; stop the run when a login is what all of it lacks."""
    if run.client.has_user:
        return WITHHELD
    if run.is_for_users_only:
        raise NeedsLoginError("nobody has logged in; run `tonearm login`")
    return LOGIN_REQUIRED


def _take_embedded(run: Run, progress: Progress, page: Page, embedded: Embedded) -> None:
    run.keep(page, progress.snapshot_id, is_consistent=True if embedded.is_whole else None)
    add_page(progress, embedded.entries, embedded.block, entry_mark)
    progress.is_opened = True


def _is_consistent(run: Run, source: Source, progress: Progress) -> bool:
    """Tell whether all answers of a read show one version; ask for it if there were several."""
    if progress.answers == 1 and progress.is_complete:
        return True
    page = run.ask(Call("playlist_snapshot", source.id), source.uri, progress.read)
    is_same_version = page.body["snapshot_id"] == progress.snapshot_id
    # Two reads in a row that found the same entries prove them without any version.
    is_confirmed = progress.fingerprint == progress.earlier_fingerprint
    is_consistent = progress.is_complete and (is_same_version or is_confirmed)
    run.keep(page, page.body["snapshot_id"], is_consistent)
    progress.answers += 1
    return is_consistent


def _start_again(run: Run, progress: Progress) -> None:
    run.supersede(progress.source, progress.read)
    run.cursor.progress[progress.source] = Progress(
        progress.source, read=progress.read + 1, earlier_fingerprint=progress.fingerprint
    )
