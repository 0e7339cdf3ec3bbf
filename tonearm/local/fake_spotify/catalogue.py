"""What the endpoints serve: playlists with their entries, and single objects by id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal, Protocol

from tonearm.local.fake_spotify.ids import next_snapshot_id
from tonearm.local.fake_spotify.objects import Json

type Shape = Literal["tracks", "items", "both"]
"""The key of a playlist's page: before 2026, since, and in between."""
type Mode = Literal["development", "extended"]
MODES: tuple[Mode, ...] = ("development", "extended")


class Access(StrEnum):
    """Who may read the entries of a playlist."""

    OWN = "own"
    COLLABORATIVE = "collaborative"
    FOREIGN = "foreign"
    RECORDED = "recorded"
    METADATA_ONLY = "metadata only"


@dataclass(frozen=True)
class Playlist:
    """One playlist in one version.

    `meta` is the playlist object without its page of entries. `shape` is the key its page has:
    recorded playlists keep theirs, the sample's follow the mode (`follows_mode`).
    """

    meta: Json
    entries: Sequence[Any]
    access: Access
    shape: Shape = "tracks"
    follows_mode: bool = False
    is_restless: bool = False
    """A Spotify-owned list: every request sees another snapshot id."""
    total_when_unread: int = 0
    """What is said of its size when no entries are held."""

    @property
    def playlist_id(self) -> str:
        """The playlist's id."""
        return str(self.meta["id"])

    @property
    def snapshot_id(self) -> str:
        """The playlist's version."""
        return str(self.meta["snapshot_id"])

    @property
    def total(self) -> int:
        """How many entries the API says it has."""
        return len(self.entries) or self.total_when_unread

    def is_readable(self, mode: Mode) -> bool:
        """True when the user gets the entries: in development only of own and shared ones."""
        if self.access is Access.METADATA_ONLY:
            return False
        return self.access is not Access.FOREIGN or mode == "extended"

    def with_entries(self, entries: Sequence[Any]) -> "Playlist":
        """The version after an edit: these entries, and the next snapshot id."""
        snapshot = next_snapshot_id(self.snapshot_id)
        meta = {**self.meta, "snapshot_id": snapshot}
        return replace(self, entries=entries, meta=meta, total_when_unread=0)


@dataclass(frozen=True)
class SavedTracks:
    """The user's liked songs, newest first."""

    entries: Sequence[Any] = field(default_factory=tuple)


class Catalogue(Protocol):
    """Everything one account can see at one moment."""

    is_recorded: bool
    """Recorded objects are served as they are; sample objects follow the mode."""

    @property
    def playlists(self) -> Mapping[str, Playlist]:
        """Every playlist by id, whether its entries are readable or not."""

    @property
    def my_playlist_ids(self) -> Sequence[str]:
        """The playlists `me/playlists` lists, in its order."""

    @property
    def saved_tracks(self) -> SavedTracks:
        """The liked songs."""

    def track(self, track_id: str) -> Json | None:
        """A song as `tracks/{id}` gives it."""

    def artist(self, artist_id: str) -> Json | None:
        """An artist as `artists/{id}` gives it."""

    def album(self, album_id: str) -> Json | None:
        """An album as `albums/{id}` gives it, without its page of songs."""

    def album_tracks(self, album_id: str) -> Sequence[Any] | None:
        """The songs of an album as the album lists them; None when none are known."""

    def artist_albums(self, artist_id: str) -> Sequence[Any] | None:
        """The discography of an artist; None for an unknown artist."""

    def summary(self) -> Json:
        """What is held and what was left out, for people."""
