"""A fault switch in front of an ASGI server: answers, hangs or cuts the calls its rules meet."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple

from tests.chaos.rules import Rules

ADMIN_PATH: Final = "/_chaos"
HANG: Final = "hang"
TORN: Final = "torn request"
LOST_ANSWER: Final = "lost answer"
# A client waits a minute for an answer and gives up; here the connection ends after this.
HANG_SECONDS: Final = 2.0

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Answer(NamedTuple):
    """What a faulty service answers."""

    status: int
    body: bytes
    content_type: str


class Service(NamedTuple):
    """What the switch has to know of the server behind it.

    Attributes:
        name_of: the name of a call, from its scope and body; empty for calls no rule may meet.
        answer_to: the answer a kind of fault gives to a call; None for kinds of another sort.
        cut: ends the connection of a call without a word, given its `send`.
        before: does what a kind of fault does before the server sees the call.
    """

    name_of: Callable[[Scope, bytes], str]
    answer_to: Callable[[str, str], Answer | None]
    cut: Callable[[Send], None]
    before: Callable[[str, str], None] = lambda _kind, _call: None


class Switch:
    """The server behind its switch; the rules are set and read at `/_chaos`."""

    def __init__(self, app: App, rules: Rules, service: Service) -> None:
        self._app = app
        self._rules = rules
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await _whole_body(receive)
        if scope["path"] == ADMIN_PATH:
            await _send_answer(send, self._administer(scope["method"], body))
            return
        await self._serve(scope, body, send)

    async def _serve(self, scope: Scope, body: bytes, send: Send) -> None:
        call = self._service.name_of(scope, body)
        kind = self._rules.take(call) if call else ""
        answer = self._service.answer_to(kind, call) if kind else None
        if answer is not None:
            await _send_answer(send, answer)
            return
        if kind in (HANG, TORN):
            await asyncio.sleep(HANG_SECONDS if kind == HANG else 0)
            self._service.cut(send)
            return
        if kind:
            self._service.before(kind, call)
        await self._app(scope, _replayed(body), _into_nothing if kind == LOST_ANSWER else send)
        if kind == LOST_ANSWER:
            self._service.cut(send)

    def _administer(self, method: str, body: bytes) -> Answer:
        if method == "POST":
            self._rules.set(json.loads(body))
        elif method == "DELETE":
            self._rules.end_outages()
        return Answer(200, json.dumps(self._rules.as_dict()).encode(), "application/json")


def header(scope: Scope, name: str) -> str:
    """One header of a call, empty when there is none."""
    headers: Mapping[bytes, bytes] = dict(scope["headers"])
    return headers.get(name.encode(), b"").decode("latin-1")


async def _whole_body(receive: Receive) -> bytes:
    body, is_more = b"", True
    while is_more:
        message = await receive()
        body += message.get("body", b"")
        is_more = message.get("more_body", False)
    return body


def _replayed(body: bytes) -> Receive:
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Message:
        return next(messages, {"type": "http.disconnect"})

    return receive


async def _into_nothing(_message: Message) -> None:
    """Where a lost answer goes."""


async def _send_answer(send: Send, answer: Answer) -> None:
    headers = [
        (b"content-type", answer.content_type.encode()),
        (b"content-length", str(len(answer.body)).encode()),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
