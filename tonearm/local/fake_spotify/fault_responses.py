"""Turns a due fault into what the client gets to see."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import Response

from tonearm.local.fake_spotify import responses
from tonearm.local.fake_spotify.errors import AccountsError, ApiError, Reply
from tonearm.local.fake_spotify.faults import Fault
from tonearm.local.fake_spotify.limits import quota_exceeded, rate_limited
from tonearm.local.fake_spotify.objects import Json
from tonearm.local.fake_spotify.state import State

_REFUSALS: dict[str, Callable[[Json], Reply]] = {
    "rate_limited": lambda given: rate_limited(given["retry_after"]).reply,
    "quota_exceeded": lambda given: quota_exceeded(given["retry_after"]).reply,
    "unauthorized": lambda given: ApiError(401, given["message"]).reply,
    "forbidden": lambda given: ApiError(403, given["message"]).reply,
    "not_found": lambda given: ApiError(404, given["message"]).reply,
    "server_error": lambda given: ApiError(given["status"], given["message"]).reply,
    "invalid_grant": lambda given: AccountsError("invalid_grant", given["description"]).reply,
    "empty_body": lambda given: Reply(given["status"]),
}
"""Faults that refuse without looking at the request."""

_DISTURBANCES: dict[str, Callable[[Json], Response]] = {
    "connection_reset": lambda _given: responses.Reset(),
    "timeout": lambda given: responses.Silence(given["seconds"]),
    "html_body": lambda given: responses.html(given["status"]),
}
"""Faults that do not speak the API's language at all."""

_SPOILED: dict[str, Callable[[Json, Reply], Response]] = {
    "slow_drip": lambda given, reply: responses.SlowDrip(reply, given["seconds"], given["chunks"]),
    "truncated_json": lambda given, reply: responses.truncated(reply, given["keep"]),
    "cut_off": lambda given, reply: responses.CutOff(reply, given["keep"]),
}
"""Faults on the way of an honest answer."""


def refusal(fault: Fault) -> Reply | None:
    """The plain answer of a fault that refuses, None for the other kinds."""
    refuse = _REFUSALS.get(fault.kind)
    return refuse(fault.settings) if refuse else None


def disturbance(fault: Fault) -> Response | None:
    """The response of a fault that does not speak the API's language, None for the other kinds."""
    disturb = _DISTURBANCES.get(fault.kind)
    return disturb(fault.settings) if disturb else None


def before(fault: Fault, state: State, playlist_id: str | None) -> None:
    """What happens behind the scenes just before the request is answered."""
    if fault.kind == "tokens_expired":
        state.tokens.expire_access_tokens()
    if fault.kind == "playlist_edited" and playlist_id:
        has_position = fault.settings["position"] < len(state.playlist(playlist_id).entries)
        if has_position or fault.settings["edit"] == "clear":
            state.edit(playlist_id, **fault.settings)


def altered(fault: Fault, reply: Reply, request_url: str) -> Response:
    """The honest answer, with what the fault does to it."""
    if spoil := _SPOILED.get(fault.kind):
        return spoil(fault.settings, reply)
    body = _changed(reply.body, lambda page: _lies(fault, page, request_url))
    return responses.respond(Reply(reply.status, body, reply.headers))


def _lies(fault: Fault, page: Json, request_url: str) -> Json:
    """What the fault says wrongly on a page."""
    if fault.kind == "wrong_total":
        return {"total": page["total"] + fault.settings["delta"]}
    if fault.kind == "repeated_next":
        return {"next": request_url}
    if fault.kind == "foreign_next":
        return {"next": _elsewhere(page, fault.settings["host"])}
    return {}


def _changed(body: Any, change: Callable[[Json], Json]) -> Any:
    """Changes the page that is the body, or the one inside a playlist or album."""
    if not isinstance(body, dict):
        return body
    if "total" in body and isinstance(body.get("items"), list):
        return {**body, **change(body)}
    inner = {key: _changed(body[key], change) for key in ("items", "tracks") if key in body}
    return {**body, **inner}


def _elsewhere(page: Json, host: str) -> str:
    """The page's next link (or its own), on another host."""
    parts = urlsplit(page["next"] or page["href"])
    return parts._replace(scheme="https", netloc=host).geturl()
