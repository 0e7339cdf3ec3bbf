"""Reads all sources of a run, one after the other."""

from collections.abc import Callable, Mapping
from typing import Final

from extract_spotify.account import read_my_playlists, read_saved_tracks
from extract_spotify.catalogue import open_in_batch, read_album, read_artist
from extract_spotify.playlists import read_playlist
from extract_spotify.refusals import LOGIN_REQUIRED
from extract_spotify.run import Run
from tonearm_pipeline.errors import AccessRefusedError, NeedsLoginError
from tonearm_pipeline.sources import (
    ALBUM,
    ARTIST,
    MY_PLAYLISTS,
    MY_TRACKS,
    PLAYLIST,
    Source,
    parse_source,
)
from tonearm_pipeline.spotify.client import BATCHES
from tonearm_pipeline.spotify.responses import SourceRefusedError

_READERS: Final[Mapping[str, Callable[[Run, Source], None]]] = {
    PLAYLIST: read_playlist,
    ALBUM: read_album,
    ARTIST: read_artist,
    MY_PLAYLISTS: read_my_playlists,
    MY_TRACKS: read_saved_tracks,
}
_OF_ACCOUNT: Final = (MY_PLAYLISTS, MY_TRACKS)


def in_reading_order(sources: list[Source]) -> list[str]:
    """Return canonical URIs: the account's playlists first, as they tell versions of others."""
    return [source.uri for source in sorted(sources, key=lambda one: one.kind != MY_PLAYLISTS)]


def read_all(run: Run) -> None:
    """Read what is pending until nothing is.

    Raises:
        NeedsLoginError: nothing can be read before somebody logs in.
        AccessRefusedError: Spotify answered every single request with 403.
        OutOfTimeError: the invocation is near its end.
        RateLimitedError: Spotify asks for a long wait.
    """
    _raise_if_login_is_needed(run)
    while run.cursor.pending:
        source = parse_source(run.cursor.pending[0])
        try:
            _read_one(run, source)
        except SourceRefusedError as exc:
            run.refuse_after(source.uri, exc)
        if source.uri in run.cursor.pending:
            run.settle(source.uri)
    _raise_if_all_is_forbidden(run)


def _read_one(run: Run, source: Source) -> None:
    if source.kind in _OF_ACCOUNT and not run.client.has_user:
        run.refuse(source.uri, None, LOGIN_REQUIRED)
        return
    if source.kind in BATCHES:
        open_in_batch(run, source.kind)
        if source.uri not in run.cursor.pending:
            return
    _READERS[source.kind](run, source)


def _raise_if_login_is_needed(run: Run) -> None:
    pending = run.cursor.pending
    is_all_of_account = bool(pending) and all(uri in _OF_ACCOUNT for uri in pending)
    if is_all_of_account and not run.client.has_user:
        raise NeedsLoginError("nobody has logged in; run `tonearm login`")


def _raise_if_all_is_forbidden(run: Run) -> None:
    cursor = run.cursor
    if cursor.forbidden and not cursor.answered and not cursor.parts:
        raise AccessRefusedError(
            f"Spotify answered 403 to all {cursor.forbidden} source(s): check on"
            " developer.spotify.com/dashboard that the account is among the app's users"
            " and that the app's owner has Premium"
        )
