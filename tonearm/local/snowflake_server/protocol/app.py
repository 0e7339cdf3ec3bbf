"""Snowflake's HTTP protocol, as far as its connectors use it."""

import gzip
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from fakesnow.rowtype import describe_as_rowtype
from fakesnow.transforms import SERVER_VERSION
from snowflake.connector.errors import Error as SnowflakeError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tonearm.local.snowflake_server.engine.canceling import Running, canceled
from tonearm.local.snowflake_server.engine.engine import Engine
from tonearm.local.snowflake_server.engine.names import folded
from tonearm.local.snowflake_server.engine.session import Cursor, Session, keep_numbers_whole
from tonearm.local.snowflake_server.protocol.errors import as_snowflake_error
from tonearm.local.snowflake_server.protocol.login import check_login
from tonearm.local.snowflake_server.protocol.query_answers import bindings, described, result
from tonearm.local.snowflake_server.statements.parameters import check, timeout_seconds
from tonearm.local.snowflake_server.statements.router import Statements

_NOT_LOGGED_IN = "390104"


@dataclass
class OpenSession:
    """A session and the lock that keeps its statements one after the other."""

    session: Session
    lock: Lock = field(default_factory=Lock)
    running: Running | None = None

    def abort(self, request_id: str) -> None:
        """Stop the statement a request started, if it still runs."""
        running = self.running
        if running is not None and running.request_id == request_id:
            running.cancel(canceled())


class SnowflakeApp:
    """The routes, over one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._statements = Statements(engine)
        self._sessions: dict[str, OpenSession] = {}
        keep_numbers_whole()

    def asgi(self) -> Starlette:
        """The application; it writes everything to disk when it stops."""
        routes = [
            Route("/session/v1/login-request", self.login, methods=["POST"]),
            Route("/queries/v1/query-request", self.query, methods=["POST"]),
            Route("/session", self.session, methods=["POST"]),
            Route("/session/token-request", self.renew, methods=["POST"]),
            Route("/session/heartbeat", self.nothing, methods=["POST"]),
            Route("/queries/v1/abort-request", self.abort, methods=["POST"]),
            Route("/telemetry/send", self.nothing, methods=["POST"]),
            Route("/monitoring/queries/{query_id}", self.monitoring, methods=["GET"]),
            Route("/_control", self.control, methods=["GET", "POST"]),
        ]
        return Starlette(routes=routes, lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        yield
        self._engine.close()

    async def login(self, request: Request) -> JSONResponse:
        """Open a session."""
        data = (await _body(request))["data"]
        try:
            check_login(self._engine, data)
            parameters = _parameters(data.get("SESSION_PARAMETERS") or {})
        except SnowflakeError as exc:
            return _failure(exc)
        query = request.query_params
        session = Session(
            self._engine,
            self._statements,
            database=_folded(query.get("databaseName")),
            schema=_folded(query.get("schemaName")),
            autocommit=parameters.get("AUTOCOMMIT", True),
        )
        session.user = str(data.get("LOGIN_NAME", "")).upper()
        session.role = _folded(query.get("roleName"))
        session.warehouse = _folded(query.get("warehouse"))
        session.parameters = parameters
        session.use_zone()
        token = secrets.token_urlsafe(32)
        self._sessions[token] = OpenSession(session)
        return _success(_login_data(token, session))

    async def query(self, request: Request) -> JSONResponse:
        """Run a statement."""
        opened = self._sessions.get(_token(request))
        if opened is None:
            return _answer(
                None, _NOT_LOGGED_IN, "User must login again to access the service.", 401
            )
        body = await _body(request)
        try:
            request_id = request.query_params.get("requestId", "")
            return _success(await run_in_threadpool(_run, opened, body, request_id))
        except SnowflakeError as exc:
            return _failure(exc)
        except Exception as exc:  # noqa: BLE001 - a 500 would make connectors retry for ever
            return _failure(as_snowflake_error(exc))

    async def abort(self, request: Request) -> JSONResponse:
        """Stop a running statement by the id of the request that started it."""
        opened = self._sessions.get(_token(request))
        if opened is not None:
            opened.abort(str((await _body(request)).get("requestId", "")))
        return _success(None)

    async def session(self, request: Request) -> JSONResponse:
        """Close a session."""
        if request.query_params.get("delete"):
            closed = self._sessions.pop(_token(request), None)
            if closed is not None:
                await run_in_threadpool(_close, closed)
        return _success(None)

    async def renew(self, request: Request) -> JSONResponse:
        """Renew a session's token: it stays the same."""
        token = _token(request)
        if token not in self._sessions:
            return _answer(
                None, _NOT_LOGGED_IN, "User must login again to access the service.", 401
            )
        lifetimes = {"validityInSecondsST": 3600, "validityInSecondsMT": 14400}
        return _success({"sessionToken": token, "masterToken": token, **lifetimes})

    async def nothing(self, _: Request) -> JSONResponse:
        """Agree to what has no effect here."""
        return _success(None)

    async def monitoring(self, request: Request) -> JSONResponse:
        """Tell whether a query is done; here it always is."""
        known = request.path_params["query_id"] in self._engine.results_cache
        return _success({"queries": [{"status": "SUCCESS"}] if known else []})

    async def control(self, request: Request) -> JSONResponse:
        """Look at the clock and the switches, or change them. Not part of Snowflake.

        {"advance_seconds": N}, and what `Faults` knows: {"schedule": "off", "failing": [NAMES]}.
        """
        engine = self._engine
        if request.method == "POST":
            try:
                asked = await _body(request)
                engine.clock.advance(float(asked.pop("advance_seconds", 0)))
                engine.faults.switch(asked)
            except (TypeError, ValueError) as exc:
                return JSONResponse({"error": str(exc)}, 400)
            engine.store.save_clock_offset(engine.clock.offset_seconds)
        told = {
            "now": engine.clock.now().isoformat(),
            "offset_seconds": engine.clock.offset_seconds,
        }
        return JSONResponse(told | engine.faults.told())


def _run(opened: OpenSession, body: dict[str, Any], request_id: str) -> dict[str, Any]:
    with opened.lock:
        session = opened.session
        session.stopped.clear()
        opened.running = Running(request_id, session.interrupt)
        try:
            with opened.running.within(timeout_seconds(session, body.get("parameters") or {})):
                return _answered(opened, body)
        finally:
            session.stopped.clear()


def _answered(opened: OpenSession, body: dict[str, Any]) -> dict[str, Any]:
    sql = str(body["sqlText"])
    cursor = opened.session.cursor()
    if body.get("describeOnly") and (told := cursor._describe_only(sql)) is not None:
        return described(opened.session, describe_as_rowtype(told), sql)
    rows_changed = _execute(cursor, sql, bindings(body))
    return result(opened.session, cursor, sql, rows_changed)


def _execute(cursor: Cursor, sql: str, bound: Any) -> int | None:
    """Run a statement, once per row of an array binding; the rows such a batch changed."""
    if not isinstance(bound, list):
        cursor.execute(sql, binding_params=bound, server=True)
        return None
    changed = 0
    for row in bound:
        cursor.execute(sql, binding_params=row, server=True)
        changed += cursor.rowcount or 0
    return changed


def _login_data(token: str, session: Session) -> dict[str, Any]:
    info = {
        "databaseName": session.database,
        "schemaName": session.schema,
        "warehouseName": session.warehouse,
        "roleName": session.role,
    }
    parameters = [
        {"name": "AUTOCOMMIT", "value": session._autocommit},
        {"name": "CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY", "value": 3600},
        {"name": "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD", "value": 0},
    ]
    return {
        "token": token,
        "masterToken": token,
        "validityInSeconds": 3600,
        "masterValidityInSeconds": 14400,
        "sessionId": 1,
        "healthCheckInterval": 45,
        "serverVersion": SERVER_VERSION,
        "parameters": parameters,
        "sessionInfo": info,
    }


def _close(closed: OpenSession) -> None:
    with closed.lock:
        closed.session.close()


def _parameters(said: dict[str, Any]) -> dict[str, Any]:
    found = {str(key).upper(): value for key, value in said.items()}
    check(found)
    return found


def _folded(name: str | None) -> str | None:
    return folded(name) if name else None


def _token(request: Request) -> str:
    """The token in `Snowflake Token="…"`."""
    _, _, rest = request.headers.get("Authorization", "").partition('"')
    return rest.removesuffix('"')


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    if request.headers.get("Content-Encoding") == "gzip":
        raw = gzip.decompress(raw)
    parsed: dict[str, Any] = json.loads(raw or b"{}")
    return parsed


def _success(data: Any) -> JSONResponse:
    return JSONResponse({"data": data, "code": None, "message": None, "success": True})


def _failure(error: SnowflakeError) -> JSONResponse:
    code = f"{error.errno or 0:06d}"
    data = {"errorCode": code, "sqlState": error.sqlstate}
    return _answer(data, code, error.raw_msg or str(error), 200)


def _answer(data: Any, code: str, message: str, status: int) -> JSONResponse:
    body = {"data": data, "code": code, "message": message, "success": False, "headers": None}
    return JSONResponse(body, status)
