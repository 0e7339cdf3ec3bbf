"""`python -m tests.chaos.warehouse`: the local Snowflake behind a fault switch."""

import gzip
import json
import sys
from typing import Any, Final

from tests.chaos.aws_calls import SERVER_ERROR
from tests.chaos.rules import Rules
from tests.chaos.switch import Answer, App, Scope, Send, Service, Switch, header
from tests.chaos.words import LOGIN_REFUSED
from tonearm.local.snowflake_server import __main__ as server
from tonearm.local.snowflake_server.protocol import app

_JSON: Final = "application/json"
# https://docs.snowflake.com/en/user-guide/key-pair-auth-troubleshooting
_INVALID_TOKEN: Final = 390144
_CALLS: Final = {
    "/session/v1/login-request": "Login",
    "/queries/v1/query-request": "Query",
}


class SwitchedApp(app.SnowflakeApp):
    """The server's application behind a switch."""

    def asgi(self) -> Any:
        """Return the application."""
        inner: App = super().asgi()  # type: ignore[assignment]  # Starlette's own types are wider
        return Switch(inner, Rules(), Service(_name, _answer, _cut))


def _name(scope: Scope, body: bytes) -> str:
    """`snowflake.Login USER` or `snowflake.Query TEXT`; other calls have none."""
    action = _CALLS.get(scope["path"], "")
    if not action:
        return ""
    plain = gzip.decompress(body) if header(scope, "content-encoding") == "gzip" else body
    values = json.loads(plain or b"{}")
    about = values.get("data", {}).get("LOGIN_NAME") or values.get("sqlText", "")
    return f"snowflake.{action} {' '.join(str(about).split())}"


def _answer(kind: str, _call: str) -> Answer | None:
    if kind == SERVER_ERROR:
        return Answer(503, b"", _JSON)
    if kind == LOGIN_REFUSED:
        data = {"errorCode": str(_INVALID_TOKEN), "sqlState": "08001"}
        said = {"data": data, "code": str(_INVALID_TOKEN), "message": "JWT token is invalid."}
        return Answer(200, json.dumps({**said, "success": False}).encode(), _JSON)
    return None


def _cut(send: Send) -> None:
    send.__self__.transport.abort()  # type: ignore[attr-defined]  # uvicorn's cycle of one request


if __name__ == "__main__":
    vars(server)["SnowflakeApp"] = SwitchedApp
    sys.exit(server.main(sys.argv[1:]))
