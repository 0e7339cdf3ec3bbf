"""Bytes on the wire, as they should be and as they should not."""

import asyncio
import json
import socket
import struct
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tonearm.local.fake_spotify.errors import Reply

JSON_TYPE = "application/json; charset=utf-8"
HTML = b"<!DOCTYPE html><html><head><title>Error</title></head><body>Upstream error</body></html>"
TRANSPORT = "fake_spotify.transport"
"""Where the server's protocol leaves the connection in a request's scope state."""


def encoded(body: Any) -> bytes:
    """Compact JSON in UTF-8; escaped when a recording holds halves of surrogate pairs."""
    if body is None:
        return b""
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(body, separators=(",", ":")).encode()


def respond(reply: Reply) -> Response:
    """A whole and honest response."""
    media_type = None if reply.body is None else JSON_TYPE
    return Response(encoded(reply.body), reply.status, dict(reply.headers), media_type)


def html(status: int) -> Response:
    """A page of a proxy where JSON should be."""
    return Response(HTML, status, media_type="text/html")


def truncated(reply: Reply, keep: float) -> Response:
    """The first part of the JSON, delivered as if it were all."""
    body = encoded(reply.body)
    return Response(body[: int(len(body) * keep)], reply.status, media_type=JSON_TYPE)


class _Raw(Response):
    """A response that speaks ASGI itself."""

    def __init__(self, reply: Reply | None = None) -> None:
        self.reply = reply or Reply(200, {})
        self.content = encoded(self.reply.body)
        super().__init__(self.content, self.reply.status, dict(self.reply.headers), JSON_TYPE)

    async def _start(self, send: Send) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )


class CutOff(_Raw):
    """The connection ends in the middle of the announced body."""

    def __init__(self, reply: Reply, keep: float) -> None:
        super().__init__(reply)
        self._keep = keep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the head and a part, then closes."""
        await self._start(send)
        part = self.content[: int(len(self.content) * self._keep)]
        await send({"type": "http.response.body", "body": part, "more_body": True})
        _connection(scope).close()
        await _gone(receive)


class SlowDrip(_Raw):
    """The whole body, in small pieces over so many seconds."""

    def __init__(self, reply: Reply, seconds: float, chunks: int) -> None:
        super().__init__(reply)
        self._seconds = seconds
        self._chunks = max(chunks, 1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Sends piece by piece."""
        await self._start(send)
        size = max(len(self.content) // self._chunks, 1)
        for start in range(0, len(self.content), size):
            piece = self.content[start : start + size]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(self._seconds / self._chunks)
        await send({"type": "http.response.body", "body": b""})


class Reset(_Raw):
    """No answer: the connection is torn down at once (RST)."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Tears the connection down."""
        transport = _connection(scope)
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        await _gone(receive)


class Silence(_Raw):
    """No answer for so many seconds, or until the client gives up; then the connection closes."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Waits."""
        try:
            async with asyncio.timeout(self._seconds):
                await _gone(receive)
        except TimeoutError:
            _connection(scope).abort()
            await _gone(receive)


def _connection(scope: Scope) -> asyncio.Transport:
    """The connection of a request; only the fake's own server shows it."""
    transport: asyncio.Transport = scope["state"][TRANSPORT]
    return transport


async def _gone(receive: Receive) -> None:
    """Returns when the connection is closed: only then may a response end unfinished."""
    while (await receive())["type"] != "http.disconnect":
        pass
