"""The Starlette application: routes, and the one path every request takes."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tonearm.local.fake_spotify import accounts, control, fault_responses, music, playlists
from tonearm.local.fake_spotify.calls import Call
from tonearm.local.fake_spotify.errors import (
    AccountsError,
    ApiError,
    ControlError,
    Reply,
    not_found,
)
from tonearm.local.fake_spotify.faults import Fault
from tonearm.local.fake_spotify.responses import respond
from tonearm.local.fake_spotify.state import Exchange, Options, State

type Endpoint = Callable[[Call], Reply]
type Handler = Callable[[Request], Awaitable[Response]]
type Answer = Callable[[Request], Awaitable[Reply]]

ACCOUNTS_ENDPOINT = "/api/token"
WEB_API: dict[str, Endpoint] = {
    "/v1/me": playlists.me,
    "/v1/me/playlists": playlists.my_playlists,
    "/v1/me/tracks": playlists.my_tracks,
    "/v1/playlists/{id}": playlists.playlist,
    "/v1/playlists/{id}/items": playlists.playlist_items,
    "/v1/playlists/{id}/tracks": playlists.playlist_tracks,
    "/v1/albums": music.several_albums,
    "/v1/albums/{id}": music.album,
    "/v1/albums/{id}/tracks": music.album_tracks,
    "/v1/artists": music.several_artists,
    "/v1/artists/{id}": music.artist,
    "/v1/artists/{id}/albums": music.artist_albums,
    "/v1/tracks": music.several_tracks,
    "/v1/tracks/{id}": music.track,
}


def create_app(options: Options) -> Starlette:
    """The application, serving what the options name.

    Raises:
        CatalogueError: there is nothing to serve.
    """
    state = State(options)
    api = [
        Route(path + ending, _handler(state, _web_api(state, endpoint)), methods=["GET"])
        for path, endpoint in WEB_API.items()
        for ending in ("", "/")  # spotipy ends some paths with a slash
    ]
    rest = [
        Route("/authorize", _handler(state, _authorize(state)), methods=["GET"]),
        Route(ACCOUNTS_ENDPOINT, _handler(state, _token(state)), methods=["POST"]),
        *_control_routes(state),
        Route("/{path:path}", _handler(state, _unknown), methods=["GET", "POST", "PUT", "DELETE"]),
    ]
    return Starlette(routes=[*api, *rest])


def _handler(state: State, answer: Answer) -> Handler:
    """The path of every request but the control ones: log, wait, go wrong or be answered."""

    async def handle(request: Request) -> Response:
        exchange = Exchange(request.method, request.url.path, dict(request.query_params))
        state.log.append(exchange)
        await asyncio.sleep(state.latency_ms / 1000)
        fault = state.faults.next_for(request.method, await _target(request))
        exchange.fault = fault.kind if fault else None
        if fault and (response := fault_responses.disturbance(fault)):
            exchange.status = response.status_code if fault.kind == "html_body" else None
            return response
        reply = await _reply(state, answer, request, fault)
        exchange.status = reply.status
        return fault_responses.altered(fault, reply, str(request.url)) if fault else respond(reply)

    return handle


async def _reply(state: State, answer: Answer, request: Request, fault: Fault | None) -> Reply:
    if fault and (refusal := fault_responses.refusal(fault)):
        return refusal
    try:
        if fault:
            fault_responses.before(fault, state, request.path_params.get("id"))
        return await answer(request)
    except (ApiError, AccountsError, ControlError) as refused:
        return refused.reply


def _web_api(state: State, endpoint: Endpoint) -> Answer:
    async def answer(request: Request) -> Reply:
        grant = state.tokens.grant_of(request.headers.get("authorization"))
        state.limiter.admit(state.now())
        return endpoint(
            Call(
                state=state,
                grant=grant,
                base_url=str(request.base_url).rstrip("/"),
                params=request.query_params,
                path_id=request.path_params.get("id", ""),
            )
        )

    return answer


def _authorize(state: State) -> Answer:
    async def answer(request: Request) -> Reply:
        return accounts.authorize(state, request.query_params)

    return answer


def _token(state: State) -> Answer:
    async def answer(request: Request) -> Reply:
        return accounts.token(state, request.headers, await _form(request))

    return answer


async def _unknown(_request: Request) -> Reply:
    raise not_found("Service not found")


async def _target(request: Request) -> str:
    """What a fault's pattern is held against: path and query; of a token request what it is for."""
    query = request.url.query
    if request.url.path == ACCOUNTS_ENDPOINT:
        query = f"grant_type={(await _form(request)).get('grant_type', '')}"
    return f"{request.url.path}?{query}" if query else request.url.path


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace")))


def _control_routes(state: State) -> list[Route]:
    async def change(request: Request) -> Response:
        try:
            for planned in control.plan_changes(state, json.loads(await request.body())):
                planned(state)
        except (ControlError, ApiError) as refused:
            return respond(Reply(400, refused.reply.body))
        except ValueError:
            return respond(ControlError("a control request is a JSON object").reply)
        return respond(Reply(200, control.described(state)))

    async def requests(_request: Request) -> Response:
        return respond(Reply(200, [exchange.as_json() for exchange in state.log]))

    async def sources(_request: Request) -> Response:
        return respond(Reply(200, state.readable_sources()))

    async def catalogue(_request: Request) -> Response:
        return respond(Reply(200, state.catalogue.summary()))

    return [
        Route("/_control", change, methods=["POST"]),
        Route("/_control/requests", requests, methods=["GET"]),
        Route("/_control/sources", sources, methods=["GET"]),
        Route("/_control/catalogue", catalogue, methods=["GET"]),
    ]
