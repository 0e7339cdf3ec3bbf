"""A small Spotify on loopback whose every answer a test can script.

It serves what a test puts into its `World` and logs each request. A `Fault` replaces the answer to
one request, counted from 1, or changes the world just before it.
"""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

EMBEDDED_SIZE = 100
ME = "listener"


def spotify_id(name: str) -> str:
    """Return a 22-character id that still shows its name."""
    return (name + "0" * 22)[:22]


def a_track(number: int) -> dict[str, Any]:
    ident = spotify_id(f"track{number}x")
    artist = {"id": spotify_id("artist1x"), "name": "Artist", "type": "artist"}
    album = {"id": spotify_id("album1x"), "name": "Album", "artists": [artist]}
    return {
        "id": ident,
        "uri": f"spotify:track:{ident}",
        "type": "track",
        "track": True,
        "name": f"Song {number}",
        "album": album,
        "artists": [artist],
    }


def an_entry(number: int, name: str = "item") -> dict[str, Any]:
    return {
        "added_at": f"2026-01-01T00:00:{number % 60:02d}Z",
        "added_by": {"id": "friend", "uri": "spotify:user:friend"},
        "is_local": False,
        name: a_track(number),
    }


@dataclass
class FakePlaylist:
    """A playlist as the fake keeps it."""

    ident: str
    entries: list[dict[str, Any]]
    version: int = 1
    owner: str = ME
    is_collaborative: bool = False
    shape: str = "items"
    wrong_total: int | None = None
    name: str = "A list"

    @property
    def uri(self) -> str:
        return f"spotify:playlist:{self.ident}"

    @property
    def total(self) -> int:
        return len(self.entries) if self.wrong_total is None else self.wrong_total

    def head(self) -> dict[str, Any]:
        return {
            "id": self.ident,
            "uri": self.uri,
            "type": "playlist",
            "name": self.name,
            "description": "",
            "public": False,
            "collaborative": self.is_collaborative,
            "owner": {"id": self.owner, "display_name": "Somebody", "type": "user"},
            "snapshot_id": f"v{self.version}",
        }

    def edit(self) -> None:
        """Change the playlist as somebody with the app in hand would."""
        self.entries.insert(0, an_entry(900 + self.version))
        self.version += 1


@dataclass
class World:
    """What there is to read."""

    playlists: dict[str, FakePlaylist] = field(default_factory=dict)
    albums: dict[str, dict[str, Any]] = field(default_factory=dict)
    artists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    saved: list[dict[str, Any]] = field(default_factory=list)
    has_batch: bool = False
    forbidden: set[str] = field(default_factory=set)

    def add_playlist(self, name: str, count: int, **options: Any) -> FakePlaylist:
        shape = options.get("shape", "items")
        entry_name = "item" if shape == "items" else "track"
        entries = [an_entry(number, entry_name) for number in range(count)]
        playlist = FakePlaylist(spotify_id(name), entries, **options)
        self.playlists[playlist.ident] = playlist
        return playlist

    def add_album(self, name: str, count: int) -> str:
        ident = spotify_id(name)
        tracks = [a_track(number) for number in range(count)]
        self.albums[ident] = {"id": ident, "type": "album", "name": name, "all": tracks}
        return f"spotify:album:{ident}"

    def add_artist(self, name: str, count: int) -> str:
        ident = spotify_id(name)
        self.artists[ident] = [{"id": spotify_id(f"al{n}x"), "name": f"{n}"} for n in range(count)]
        return f"spotify:artist:{ident}"


class Request(NamedTuple):
    """One request as it came."""

    path: str
    params: dict[str, str]
    status: int
    token: str


@dataclass
class Fault:
    """What happens instead of, or just before, an ordinary answer."""

    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    before: Callable[[World], None] | None = None
    is_reset: bool = False
    is_cut: bool = False
    drip_seconds: float = 0.0
    delay_seconds: float = 0.0


def json_fault(status: int, reason: str | None = None, **headers: str) -> Fault:
    error: dict[str, Any] = {"status": status, "message": "as scripted"}
    if reason:
        error["reason"] = reason
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fault(status, json.dumps({"error": error}).encode(), named)


class TokenDesk:
    """The accounts service."""

    def __init__(self) -> None:
        self.requests: list[dict[str, str]] = []
        self.replies: list[tuple[int, dict[str, Any]]] = []

    def answer(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.requests.append(form)
        if self.replies:
            return self.replies.pop(0)
        return 200, {"access_token": f"access-{len(self.requests)}", "expires_in": 3600}


class ScriptedSpotify:
    """The server's memory: the world, the faults by request number, and the log."""

    def __init__(self, port: int) -> None:
        self.root = f"http://127.0.0.1:{port}"
        self.world = World()
        self.faults: dict[int, Fault] = {}
        self.every: Fault | None = None
        self.log: list[Request] = []
        self.desk = TokenDesk()

    @property
    def api_url(self) -> str:
        return f"{self.root}/v1/"

    @property
    def token_url(self) -> str:
        return f"{self.root}/api/token"

    def paths(self) -> list[str]:
        return [request.path for request in self.log]

    def questions(self) -> list[tuple[str, str]]:
        """Return what was asked for and where its page began."""
        return [(request.path, request.params.get("offset", "")) for request in self.log]

    def forget_log(self) -> None:
        self.log.clear()
        self.faults.clear()

    def find(self, path: str, params: dict[str, str]) -> tuple[int, dict[str, Any]]:
        steps = path.split("/")
        if path in self.world.forbidden or (len(steps) > 1 and steps[1] in self.world.forbidden):
            return 403, {"error": {"status": 403, "message": "no"}}
        finders: dict[str, Callable[[list[str], dict[str, str]], Any]] = {
            "me": self._me,
            "playlists": self._playlist,
            "albums": self._album,
            "artists": self._artist,
        }
        found = finders[steps[0]](steps, params)
        if found is None:
            return 404, {"error": {"status": 404, "message": "no such thing"}}
        return 200, found

    def _me(self, steps: list[str], params: dict[str, str]) -> Any:
        if len(steps) == 1:
            return {"id": ME, "display_name": "Lis Tener", "email": "lis@example.org"}
        if steps[1] == "tracks":
            return _page(self.world.saved, params)
        return _page([one.head() for one in self.world.playlists.values()], params)

    def _playlist(self, steps: list[str], params: dict[str, str]) -> Any:
        playlist = self.world.playlists.get(steps[1])
        if playlist is None:
            return None
        if len(steps) > 2:
            return _page(playlist.entries, params, playlist.total)
        if params.get("fields") == "snapshot_id":
            return {"snapshot_id": f"v{playlist.version}"}
        if playlist.owner not in (ME, "spotify"):
            return playlist.head()
        embedded = {"limit": str(EMBEDDED_SIZE), "offset": "0"}
        block = _page(playlist.entries, embedded, playlist.total)
        return playlist.head() | {playlist.shape: block}

    def _album(self, steps: list[str], params: dict[str, str]) -> Any:
        if len(steps) == 1:
            if not self.world.has_batch:
                return None
            return {"albums": [self._album(["albums", i], {}) for i in params["ids"].split(",")]}
        album = self.world.albums.get(steps[1])
        if album is None:
            return None
        if len(steps) > 2:
            return _page(album["all"], params)
        own = ("all", "embedded_total")
        rest = {name: value for name, value in album.items() if name not in own}
        embedded = {"limit": "50", "offset": "0"}
        return rest | {"tracks": _page(album["all"], embedded, album.get("embedded_total"))}

    def _artist(self, steps: list[str], params: dict[str, str]) -> Any:
        albums = self.world.artists.get(steps[1]) if len(steps) > 1 else None
        if albums is None:
            return None
        return _page(albums, params) if len(steps) > 2 else {"id": steps[1], "name": "Artist"}


def _page(rows: list[Any], params: dict[str, str], total: int | None = None) -> dict[str, Any]:
    offset, limit = int(params.get("offset", 0)), int(params.get("limit", 20))
    is_last = offset + limit >= len(rows)
    return {
        "items": rows[offset : offset + limit],
        "offset": offset,
        "limit": limit,
        "total": len(rows) if total is None else total,
        # Points to nowhere on purpose: nobody may follow it.
        "next": None if is_last else "http://127.0.0.1:9/v1/stolen?offset=0",
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A body goes out behind its head at once, not when the head was acknowledged 40 ms later.
    disable_nagle_algorithm = True
    spotify: ScriptedSpotify

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        path, params = parts.path.removeprefix("/v1/"), dict(parse_qsl(parts.query))
        spotify = self.spotify
        fault = spotify.faults.get(len(spotify.log) + 1, spotify.every)
        if fault and fault.before:
            fault.before(spotify.world)
            fault = None
        status, body = spotify.find(path, params)
        token = self.headers.get("Authorization", "")
        spotify.log.append(Request(path, params, fault.status if fault else status, token))
        if fault:
            self._misbehave(fault, json.dumps(body).encode())
        else:
            self._send(status, json.dumps(body).encode(), {})

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        status, reply = self.spotify.desk.answer(dict(parse_qsl(text)))
        self._send(status, json.dumps(reply).encode(), {})

    def log_message(self, *_args: Any) -> None:
        """Stay silent."""

    def _misbehave(self, fault: Fault, usual: bytes) -> None:
        body = usual if fault.body is None else fault.body
        if fault.is_reset:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
            self.close_connection = True
        elif fault.is_cut:
            self._head(200, len(body), {})
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        elif fault.drip_seconds:
            self._head(200, len(body), {})
            self._drip(body, fault.drip_seconds)
        else:
            time.sleep(fault.delay_seconds)
            self._send(fault.status, body, fault.headers)

    def _drip(self, body: bytes, drip_seconds: float) -> None:
        self.close_connection = True
        try:
            for byte in body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(drip_seconds)
        except OSError:
            return

    def _head(self, status: int, length: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(length), **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        try:
            self._head(status, len(body), headers)
            self.wfile.write(body)
        except OSError:
            self.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that go away are part of the script."""


@contextmanager
def serving() -> Iterator[ScriptedSpotify]:
    """Serve a scripted Spotify on a free loopback port."""
    handler = type("Handler", (_Handler,), {})
    server = _Server(("127.0.0.1", 0), handler)
    spotify = ScriptedSpotify(server.server_address[1])
    handler.spotify = spotify  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield spotify
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
