"""What a run reads: playlists, albums, artists, `me/playlists` and `me/tracks`.

A source may be given as a Spotify link (with `?si=` and `/intl-xx/`), as a URI, or as a bare id,
which means a playlist. Inside the pipeline it has one canonical text, its `uri`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from tonearm_pipeline.errors import BadSourceError

MY_PLAYLISTS: Final = "me/playlists"
MY_TRACKS: Final = "me/tracks"
PLAYLIST: Final = "playlist"
ALBUM: Final = "album"
ARTIST: Final = "artist"
NONE: Final = "none"
ENRICH_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    NONE: (),
    "albums": (ALBUM,),
    "artists": (ARTIST,),
    "all": (ALBUM, ARTIST),
}
"""Which full objects a run may spend left-over calls on: the choices of `ENRICH`."""

_KINDS: Final = (PLAYLIST, ALBUM, ARTIST)
_ID: Final = re.compile(r"[0-9A-Za-z]{22}")
_HOSTS: Final = frozenset({"open.spotify.com", "play.spotify.com"})
_LIKED_SONGS: Final = frozenset({MY_TRACKS, "spotify:collection:tracks", "spotify:collection"})
_LOCALE: Final = re.compile(r"intl-[A-Za-z-]+")
_EXAMPLE: Final = "https://open.spotify.com/playlist/ID, spotify:album:ID, me/playlists, me/tracks"


class Source(NamedTuple):
    """One thing to read.

    Attributes:
        kind: `playlist`, `album`, `artist`, `me/playlists` or `me/tracks`.
        id: Spotify's id, empty for the two lists of the account.
    """

    kind: str
    id: str = ""

    @property
    def uri(self) -> str:
        """The canonical text: a Spotify URI, or the path for the lists of the account."""
        return f"spotify:{self.kind}:{self.id}" if self.id else self.kind


def playlist_uri(playlist_id: str) -> str:
    """Return the canonical text of a playlist."""
    return Source(PLAYLIST, playlist_id).uri


def parse_sources(texts: Iterable[object]) -> tuple[Source, ...]:
    """Return the sources in the order given, duplicates merged.

    Raises:
        BadSourceError: the list is empty, or lists every text that is not a source.
    """
    found: dict[Source, None] = {}
    problems: list[str] = []
    for text in texts:
        try:
            found[parse_source(text)] = None
        except BadSourceError as exc:
            problems.append(str(exc))
    if problems:
        raise BadSourceError(f"{len(problems)} bad source(s): {'; '.join(problems)}")
    if not found:
        raise BadSourceError(f"the list of sources is empty; give at least one, as {_EXAMPLE}")
    return tuple(found)


def parse_source(text: object) -> Source:
    """Return the source a link, URI, bare playlist id or list name stands for.

    Raises:
        BadSourceError: it stands for none.
    """
    if not isinstance(text, str):
        raise BadSourceError(f"{text!r} is not text")
    trimmed = text.strip()
    if trimmed in _LIKED_SONGS:
        return Source(MY_TRACKS)
    if trimmed == MY_PLAYLISTS:
        return Source(MY_PLAYLISTS)
    return _as_object(trimmed, _path_of(trimmed))


def _path_of(text: str) -> list[str]:
    """Return the steps that lead to the id: `["playlist", "37i9..."]`."""
    if text.startswith("spotify:"):
        return _without_user(text.split(":")[1:])
    if "/" not in text:
        return [PLAYLIST, text]
    parts = urlsplit(text if "://" in text else f"https://{text}")
    if parts.hostname not in _HOSTS:
        raise BadSourceError(f"'{text}' is not a Spotify link (want {_EXAMPLE})")
    steps = [step for step in parts.path.split("/") if step]
    if steps and (_LOCALE.fullmatch(steps[0]) or steps[0] == "embed"):
        steps = steps[1:]
    return _without_user(steps)


def _without_user(steps: list[str]) -> list[str]:
    # The form of old links and URIs: user/NAME/playlist/ID.
    is_old_form = len(steps) == 4 and steps[0] == "user"  # noqa: PLR2004 - four steps, as above
    return steps[2:] if is_old_form else steps


def _as_object(text: str, steps: list[str]) -> Source:
    if len(steps) != 2 or steps[0] not in _KINDS:  # noqa: PLR2004 - a kind and an id
        raise BadSourceError(f"'{text}' is not a playlist, album or artist (want {_EXAMPLE})")
    kind, ident = steps
    if not _ID.fullmatch(ident):
        raise BadSourceError(f"'{text}' holds a malformed id (22 letters and digits)")
    return Source(kind, ident)
