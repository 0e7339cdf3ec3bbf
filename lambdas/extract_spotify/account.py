"""Reads the two lists of the account: its playlists and its liked songs."""

from typing import Any, Final

from extract_spotify.cursor import Progress
from extract_spotify.entries import chained, entry_mark, owner_id_of
from extract_spotify.personal import SPOTIFY_OWNER, account_mark
from extract_spotify.playlists import MAX_READS, finish_playlist
from extract_spotify.refusals import FOREIGN
from extract_spotify.run import Run
from extract_spotify.walk import add_page, walk
from tonearm_pipeline.sources import Source, playlist_uri
from tonearm_pipeline.spotify.client import Call

SAVED_TRACKS_ID: Final = "saved_tracks"


def read_my_playlists(run: Run, source: Source) -> None:
    """List the account's playlists; those it owns or collaborates on become sources.

    Each page tells the versions of 50 playlists, so an unchanged one costs no call of its own.
    """
    _learn_account(run, source)
    progress = run.progress_of(source.uri)
    if not progress.is_opened:
        # How many there are is not known before the first page.
        progress.total, progress.is_opened = 1, True

    def take(entries: list[Any]) -> None:
        _take_listed(run, entries)

    walk(run, progress, "my_playlists", "", _listed_mark, take=take)
    run.note_state(progress, is_version_good=False, is_content_good=False, playlists=_mine(run))


def read_saved_tracks(run: Run, source: Source) -> None:
    """Read the liked songs: a list without a version, so its head and its length stand for one."""
    while True:
        progress = run.progress_of(source.uri)
        if not progress.is_opened and not _open_saved_tracks(run, progress):
            return
        walk(run, progress, "saved_tracks", "", entry_mark)
        is_consistent = _is_head_the_same(run, progress)
        if is_consistent or run.is_same_content(progress) or progress.read >= MAX_READS:
            finish_playlist(run, progress, SAVED_TRACKS_ID, is_consistent)
            return
        run.supersede(source.uri, progress.read)
        run.cursor.progress[source.uri] = Progress(
            source.uri, read=progress.read + 1, earlier_fingerprint=progress.fingerprint
        )


def _learn_account(run: Run, source: Source) -> None:
    if run.cursor.account is None:
        page = run.ask(Call("me"), source.uri)
        run.keep(page, None, is_consistent=None)
        run.cursor.account = account_mark(page.body["id"])


def _take_listed(run: Run, entries: list[Any]) -> None:
    mine: list[str] = []
    for entry in [one for one in entries if isinstance(one, dict)]:
        uri = playlist_uri(str(entry.get("id")))
        if uri in run.cursor.listed:
            continue
        owner_id = owner_id_of(entry)
        # The version of one of Spotify's own lists says nothing.
        run.cursor.listed[uri] = "" if owner_id == SPOTIFY_OWNER else str(entry.get("snapshot_id"))
        if account_mark(owner_id) == run.cursor.account or entry.get("collaborative"):
            mine.append(uri)
        elif uri not in run.cursor.pending:
            run.refuse(uri, None, FOREIGN)
    run.learn_states(mine)
    run.cursor.pending += [uri for uri in mine if uri not in run.cursor.pending]


def _mine(run: Run) -> list[str]:
    foreign = {one["source"] for one in run.cursor.refused if one["reason"] == FOREIGN}
    return [uri for uri in run.cursor.listed if uri not in foreign]


def _listed_mark(entry: object) -> str:
    return str(entry.get("snapshot_id")) if isinstance(entry, dict) else ""


def _open_saved_tracks(run: Run, progress: Progress) -> bool:
    page = run.ask(Call("saved_tracks"), progress.source, progress.read)
    entries, total = page.body["items"], page.body["total"]
    is_whole = len(entries) == total and not page.body.get("next")
    version = f"{total}:{chained('', map(entry_mark, entries))}"
    if progress.read == 1 and run.is_same_version(progress.source, version, owner_id=""):
        run.leave_unchanged(progress.source, "snapshot")
        return False
    progress.head = entry_mark(entries[0]) if entries else ""
    progress.is_opened = True
    run.keep(page, None, is_consistent=True if is_whole else None)
    progress.snapshot_id = version
    add_page(progress, entries, page.body, entry_mark)
    return True


def _is_head_the_same(run: Run, progress: Progress) -> bool:
    if progress.answers == 1 and progress.is_complete:
        return True
    page = run.ask(
        Call("saved_tracks_head"), progress.source, progress.read, line_kind="playlist_snapshot"
    )
    entries, total = page.body["items"], page.body["total"]
    head = entry_mark(entries[0]) if entries else ""
    is_same = total == progress.total and head == progress.head
    is_confirmed = progress.fingerprint == progress.earlier_fingerprint
    is_consistent = progress.is_complete and (is_same or is_confirmed)
    run.keep(page, None, is_consistent)
    progress.answers += 1
    return is_consistent
