"""Everything the fake remembers while it runs, and how the control endpoint changes it."""

import time
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from tonearm.local.fake_spotify.catalogue import Catalogue, Mode, Playlist
from tonearm.local.fake_spotify.edits import edited
from tonearm.local.fake_spotify.errors import CatalogueError, not_found
from tonearm.local.fake_spotify.faults import FaultScript
from tonearm.local.fake_spotify.ids import snapshot_id
from tonearm.local.fake_spotify.limits import Limiter
from tonearm.local.fake_spotify.objects import Json
from tonearm.local.fake_spotify.recorded import load_recorded
from tonearm.local.fake_spotify.sample.catalogue import sample_on
from tonearm.local.fake_spotify.sample.plans import FIRST_DAY, LAST_DAY
from tonearm.local.fake_spotify.tokens import TokenStore

DEFAULT_SEED = 7
LOGGED_REQUESTS = 200_000


@dataclass(frozen=True)
class Options:
    """How a fake Spotify starts; a `catalogue` folder or file wins over `day` and `seed`."""

    day: date
    catalogue: Path | None = None
    seed: int = DEFAULT_SEED
    mode: Mode = "development"
    latency_ms: int = 0


@dataclass
class Exchange:
    """One request as the log shows it; `status` is None until, or unless, it is answered."""

    method: str
    path: str
    params: dict[str, str]
    status: int | None = None
    fault: str | None = None

    def as_json(self) -> Json:
        """The line of the log."""
        return dict(vars(self))


@dataclass
class State:
    """The fake's memory. Everything runs in one event loop, so nothing is locked."""

    options: Options
    catalogue: Catalogue = field(init=False)
    mode: Mode = field(init=False)
    latency_ms: int = field(init=False)
    faults: FaultScript = field(default_factory=FaultScript)
    limiter: Limiter = field(default_factory=Limiter)
    log: deque[Exchange] = field(default_factory=lambda: deque(maxlen=LOGGED_REQUESTS))
    rotates_refresh_tokens: bool = False
    denies_login: bool = False
    advanced_seconds: float = 0.0
    _edited: dict[str, Playlist] = field(default_factory=dict)
    _restless_reads: int = 0

    def __post_init__(self) -> None:
        self.mode = self.options.mode
        self.latency_ms = self.options.latency_ms
        self.catalogue = catalogue_for(self.options)
        self.tokens = TokenStore(self.now)

    def now(self) -> float:
        """Seconds on the fake's own clock, which the control endpoint can put forward."""
        return time.monotonic() + self.advanced_seconds

    def playlist(self, playlist_id: str) -> Playlist:
        """The playlist as it stands now; 404 when there is none."""
        held = self._edited.get(playlist_id) or self.catalogue.playlists.get(playlist_id)
        if held is None:
            raise not_found()
        return self._restless(held) if held.is_restless else held

    def readable_sources(self) -> list[str]:
        """The URIs of all playlists whose entries the user can read in this mode."""
        held = self.catalogue.playlists.items()
        return [
            f"spotify:playlist:{playlist_id}"
            for playlist_id, playlist in held
            if playlist.is_readable(self.mode)
        ]

    def serve(self, catalogue: Catalogue) -> None:
        """Another catalogue from now on; edits of the old one are gone."""
        self.catalogue = catalogue
        self._edited.clear()

    def edit(self, playlist_id: str, edit: str, position: int = 0, to: int = 0) -> None:
        """Changes a playlist as its owner would, which gives it a new snapshot id."""
        playlist = self.playlist(playlist_id)
        self._edited[playlist_id] = edited(playlist, edit, position, to)

    def reset(self) -> None:
        """Forgets faults, limits, edits and the log; catalogue, mode, tokens and clock stay."""
        self.faults = FaultScript()
        self.limiter = Limiter()
        self.log.clear()
        self._edited.clear()
        self.latency_ms = self.options.latency_ms
        self.rotates_refresh_tokens = self.denies_login = False

    def _restless(self, playlist: Playlist) -> Playlist:
        self._restless_reads += 1
        snapshot = snapshot_id(self._restless_reads, playlist.snapshot_id)
        return replace(playlist, meta={**playlist.meta, "snapshot_id": snapshot})


def catalogue_for(options: Options) -> Catalogue:
    """The catalogue the options name.

    Raises:
        CatalogueError: the folder is missing or holds nothing to serve, or the day is out of range.
    """
    if options.catalogue is not None:
        return load_recorded(options.catalogue)
    if not FIRST_DAY <= options.day <= LAST_DAY:
        raise CatalogueError(f"the sample account has days from {FIRST_DAY} to {LAST_DAY}")
    return sample_on(options.seed, options.day)
