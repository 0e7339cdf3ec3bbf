"""The Web API through spotipy, with our own decisions about retries, waits and tokens.

spotipy builds and sends the requests; its retries are off. Pages are asked for by offset, and the
`next` link of an answer is never followed.
"""

import random
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

import requests
from spotipy import Spotify

from tonearm_pipeline.clock import Clock
from tonearm_pipeline.errors import (
    NeedsLoginError,
    RateLimitedError,
    SpotifyUnavailableError,
)
from tonearm_pipeline.sources import ALBUM, ARTIST
from tonearm_pipeline.spotify.http import Sent, SpotifyAdapter, Timeouts, keep_spotipy_quiet
from tonearm_pipeline.spotify.quota import PAGE_SIZE, CallGate, OutOfTimeError
from tonearm_pipeline.spotify.responses import QUOTA_EXCEEDED, TokenExpiredError
from tonearm_pipeline.spotify.tokens import AccessTokens

ARTIST_ALBUMS_PAGE_SIZE: Final = 10
ALBUMS_PER_BATCH: Final = 20
ARTISTS_PER_BATCH: Final = 50
# Waits up to this are slept inside the invocation; longer ones go to the state machine's Wait.
SHORT_WAIT_SECONDS: Final = 20
SHORT_WAITS_PER_CALL: Final = 5
TRIES_PER_CALL: Final = 4
FIRST_BACKOFF_SECONDS: Final = 0.5
_TYPES: Final = ("track", "episode")


class Call(NamedTuple):
    """One question to the API.

    Attributes:
        kind: what is asked for; a key of `METHODS`, and the `kind` of the raw line.
        ident: the object's id, or comma-joined ids for a batch.
        offset: where a page begins.
    """

    kind: str
    ident: str = ""
    offset: int = 0


class Batch(NamedTuple):
    """A batch endpoint and how many objects one call of it gives."""

    kind: str
    size: int


BATCHES: Final[Mapping[str, Batch]] = {
    ALBUM: Batch("albums", ALBUMS_PER_BATCH),
    ARTIST: Batch("artists", ARTISTS_PER_BATCH),
}


class Reply(NamedTuple):
    """A good answer."""

    body: dict[str, Any]
    sent: Sent
    fetched_at: datetime


def _playlist(api: Spotify, call: Call) -> Any:
    return api.playlist(call.ident, additional_types=_TYPES)


def _playlist_items(api: Spotify, call: Call) -> Any:
    return api.playlist_items(
        call.ident, limit=PAGE_SIZE, offset=call.offset, additional_types=_TYPES
    )


def _playlist_snapshot(api: Spotify, call: Call) -> Any:
    return api.playlist(call.ident, fields="snapshot_id")


def _artist_albums(api: Spotify, call: Call) -> Any:
    return api.artist_albums(call.ident, limit=ARTIST_ALBUMS_PAGE_SIZE, offset=call.offset)


METHODS: Final[Mapping[str, Callable[[Spotify, Call], Any]]] = {
    "playlist": _playlist,
    "playlist_items": _playlist_items,
    "playlist_snapshot": _playlist_snapshot,
    "my_playlists": lambda api, call: api.current_user_playlists(PAGE_SIZE, call.offset),
    "saved_tracks": lambda api, call: api.current_user_saved_tracks(PAGE_SIZE, call.offset),
    "saved_tracks_head": lambda api, call: api.current_user_saved_tracks(1, call.offset),
    "album": lambda api, call: api.album(call.ident),
    "album_tracks": lambda api, call: api.album_tracks(call.ident, PAGE_SIZE, call.offset),
    "artist": lambda api, call: api.artist(call.ident),
    "artist_albums": _artist_albums,
    "albums": lambda api, call: api.albums(call.ident.split(",")),
    "artists": lambda api, call: api.artists(call.ident.split(",")),
    "me": lambda api, call: api.current_user(),  # noqa: ARG005 - one signature for all
}
# How the kinds are counted.
ENDPOINTS: Final[Mapping[str, str]] = {
    "playlist": "playlists/{id}",
    "playlist_items": "playlists/{id}/items",
    "playlist_snapshot": "playlists/{id}",
    "my_playlists": "me/playlists",
    "saved_tracks": "me/tracks",
    "saved_tracks_head": "me/tracks",
    "album": "albums/{id}",
    "album_tracks": "albums/{id}/tracks",
    "artist": "artists/{id}",
    "artist_albums": "artists/{id}/albums",
    "albums": "albums",
    "artists": "artists",
    "me": "me",
}
# What an answer must hold to be usable at all.
_NEEDED: Final[Mapping[str, tuple[tuple[str, type], ...]]] = {
    "playlist": (("id", str),),
    "playlist_snapshot": (("snapshot_id", str),),
    "album": (("id", str),),
    "artist": (("id", str),),
    "albums": (("albums", list),),
    "artists": (("artists", list),),
    "me": (("id", str),),
}
_PAGE: Final = (("items", list), ("total", int))


class SpotifyClient:
    """Asks the Web API and answers with a good body, or with an error that says what to do.

    Args:
        api_url: the address of the API, ending with a slash.
        tokens: gives access tokens.
        clock: tells the time.
        timeouts: limits for one request.
    """

    def __init__(
        self, api_url: str, tokens: AccessTokens, clock: Clock, timeouts: Timeouts | None = None
    ) -> None:
        keep_spotipy_quiet()
        self._tokens = tokens
        self._clock = clock
        self._adapter = SpotifyAdapter(api_url, tokens.access_token, timeouts or Timeouts())
        session = requests.Session()
        session.mount("https://", self._adapter)
        session.mount("http://", self._adapter)
        self._api = Spotify(requests_session=session, retries=0, status_retries=0)
        self._api.prefix = api_url

    @property
    def login_id(self) -> str:
        """A text that changes when somebody else logs in, and shows no secret."""
        return self._tokens.login_id

    @property
    def authorized_at(self) -> str | None:
        """When the user agreed, ISO text; None without a user, or when the secret does not say."""
        return self._tokens.authorized_at

    @property
    def has_user(self) -> bool:
        """Tell whether requests are made for a user."""
        return self._tokens.has_user

    def ask(self, call: Call, gate: CallGate) -> Reply:
        """Return the answer to one question, trying again where that may help.

        Args:
            call: the question.
            gate: what every single request has to pass.

        Raises:
            RateLimitedError: Spotify asks for a longer wait than an invocation should sleep.
            OutOfTimeError: the invocation is near its end.
            SourceRefusedError: Spotify refuses this object.
            EndpointGoneError: this client may not use the batch endpoint.
            NeedsLoginError: there is no usable token.
            AccessRefusedError: Spotify refuses the client as a whole.
            SpotifyUnavailableError: no sensible answer after several tries.
        """
        tries = _Tries(gate)
        while True:
            try:
                return self._send(call, gate)
            except TokenExpiredError as exc:
                tries.after_expired_token(exc)
                self._tokens.forget()
            except RateLimitedError as exc:
                tries.after_limit(exc)
            except SpotifyUnavailableError as exc:
                tries.after_no_answer(exc)

    def _send(self, call: Call, gate: CallGate) -> Reply:
        # Before the gate, which counts: without a token there is no call to count.
        self._tokens.access_token()
        gate.pass_call(ENDPOINTS[call.kind])
        body = METHODS[call.kind](self._api, call)
        sent = self._adapter.last_sent
        if sent is None or not isinstance(body, dict):
            raise SpotifyUnavailableError(f"{call.kind}: no answer was read")
        _raise_unless_usable(call, body)
        return Reply(body, sent, self._clock.now())


class _Tries:
    """Counts what went wrong with one question, waits, and gives up when it is enough."""

    def __init__(self, gate: CallGate) -> None:
        self._gate = gate
        self._unanswered = 0
        self._short_waits = 0
        self._is_token_renewed = False

    def after_expired_token(self, exc: TokenExpiredError) -> None:
        if self._is_token_renewed:
            raise NeedsLoginError(f"a fresh token was refused: {exc}") from exc
        self._is_token_renewed = True

    def after_limit(self, exc: RateLimitedError) -> None:
        self._short_waits += 1
        if (
            exc.reason == QUOTA_EXCEEDED
            or exc.retry_after_seconds > SHORT_WAIT_SECONDS
            or self._short_waits > SHORT_WAITS_PER_CALL
        ):
            raise exc
        if not self._gate.has_room_for(exc.retry_after_seconds):
            raise exc
        self._gate.wait(exc.retry_after_seconds)

    def after_no_answer(self, exc: SpotifyUnavailableError) -> None:
        self._unanswered += 1
        if self._unanswered >= TRIES_PER_CALL:
            raise exc
        backoff_seconds = FIRST_BACKOFF_SECONDS * 2 ** (self._unanswered - 1)
        jitter = random.uniform(0.5, 1.0)  # noqa: S311 - spreads retries, guards nothing
        if not self._gate.has_room_for(backoff_seconds):
            raise OutOfTimeError from exc
        self._gate.wait(backoff_seconds * jitter)


def _raise_unless_usable(call: Call, body: Mapping[str, Any]) -> None:
    for name, kind in _NEEDED.get(call.kind, _PAGE):
        if not isinstance(body.get(name), kind):
            raise SpotifyUnavailableError(f"{call.kind}: the answer holds no usable '{name}'")
    echoed = body.get("offset") if call.kind not in _NEEDED else None
    if isinstance(echoed, int) and echoed != call.offset:
        raise SpotifyUnavailableError(
            f"{call.kind}: asked for offset {call.offset}, answered offset {echoed}"
        )
