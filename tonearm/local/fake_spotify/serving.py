"""The server: uvicorn on loopback, in this process."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from tonearm.local.fake_spotify.app import create_app
from tonearm.local.fake_spotify.catalogue import Mode
from tonearm.local.fake_spotify.responses import TRANSPORT
from tonearm.local.fake_spotify.state import DEFAULT_SEED, Options

HOST = "127.0.0.1"
START_SECONDS = 30
STOP_SECONDS = 10


class Protocol(H11Protocol):
    """uvicorn's own protocol, which also shows requests their connection, to tear it down."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Keeps the connection where responses find it."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT: transport}


class Server(uvicorn.Server):
    """uvicorn, saying when it is ready."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts as uvicorn does."""
        await super().startup(sockets)
        self.is_ready.set()


def bind(port: int) -> socket.socket:
    """A listening socket on loopback; port 0 takes a free one.

    Raises:
        OSError: the port is in use.
        OverflowError: there is no such port.
    """
    # Told that it is TCP, asyncio sends small answers at once, not after Nagle's 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(128)
    except (OSError, OverflowError):
        listener.close()
        raise
    return listener


def url_of(listener: socket.socket) -> str:
    """The base URL of what listens there."""
    return f"http://{HOST}:{listener.getsockname()[1]}"


def server_for(options: Options) -> Server:
    """A server that is not started yet.

    Raises:
        CatalogueError: there is nothing to serve.
    """
    config = uvicorn.Config(
        create_app(options),
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
        # Clients wait out a 429 on an open connection; five seconds, the default, is such a wait.
        timeout_keep_alive=75,
        server_header=False,
        proxy_headers=False,
    )
    return Server(config)


@contextmanager
def running(
    *,
    catalogue: Path | str | None = None,
    day: date | str | None = None,
    seed: int = DEFAULT_SEED,
    mode: Mode = "development",
    latency_ms: int = 0,
    port: int = 0,
) -> Iterator[str]:
    """A fake Spotify in a thread of this process, for as long as the block runs.

    Yields:
        The base URL, `http://127.0.0.1:PORT`: the Web API is below `/v1/`, tokens at `/api/token`.

    Raises:
        CatalogueError: there is nothing to serve.
        OSError: the port is in use.
    """
    options = Options(
        day=day_of(day),
        catalogue=Path(catalogue) if catalogue else None,
        seed=seed,
        mode=mode,
        latency_ms=latency_ms,
    )
    server = server_for(options)
    listener = bind(port)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        if not server.is_ready.wait(START_SECONDS):
            raise TimeoutError(f"the fake Spotify did not start within {START_SECONDS} s")
        yield url_of(listener)
    finally:
        server.should_exit = True
        thread.join(STOP_SECONDS)
        listener.close()


def day_of(day: date | str | None) -> date:
    """The day meant: today (UTC) when none is given."""
    if day is None:
        return datetime.now(UTC).date()
    return date.fromisoformat(day) if isinstance(day, str) else day
