"""`tonearm login`: the authorization code flow on the loopback address.

https://developer.spotify.com/documentation/web-api/tutorials/code-flow
"""

import json
import os
import secrets
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

from tonearm.errors import OperatorError

SCOPES = ("playlist-read-private", "playlist-read-collaborative", "user-library-read")
CALLBACK_PATH = "/callback"
REQUEST_SECONDS = 15
# Browsers open connections ahead and send nothing over them: the real one comes after.
IDLE_SECONDS = 2


@dataclass(frozen=True)
class App:
    """A Spotify app and where its accounts service is; `repr` shows no secret."""

    client_id: str
    client_secret: str = field(repr=False)
    port: int = 8888
    accounts_url: str = "https://accounts.spotify.com"

    @property
    def redirect_uri(self) -> str:
        """What must be registered for the app; Spotify takes http only for loopback literals."""
        return f"http://127.0.0.1:{self.port}{CALLBACK_PATH}"


def log_in(app: App, show: Callable[[str], None], *, wait_seconds: float = 300) -> dict[str, str]:
    """Send the user to Spotify and wait for the answer.

    Args:
        app: the app to log in to.
        show: gets the address that the user must open.
        wait_seconds: how long to wait for the browser.

    Returns:
        The secret to keep: credentials, refresh token, and when it was authorized (UTC).

    Raises:
        OperatorError: nobody came back in time, the user refused, or Spotify gave no token.
    """
    state = secrets.token_urlsafe(24)
    with _callback_server(app) as server:
        show(authorize_url(app, state))
        answer = _wait_for_callback(server, wait_seconds)
    code = code_from(answer, state)
    tokens = exchange(app, code)
    return {
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "refresh_token": tokens["refresh_token"],
        "authorized_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def authorize_url(app: App, state: str) -> str:
    """The page on which the user agrees."""
    query = {
        "response_type": "code",
        "client_id": app.client_id,
        "scope": " ".join(SCOPES),
        "redirect_uri": app.redirect_uri,
        "state": state,
    }
    return f"{app.accounts_url}/authorize?{urlencode(query)}"


def code_from(answer: Mapping[str, str], state: str) -> str:
    """The authorization code in what the browser brought back.

    Raises:
        OperatorError: the state is another one's, the user refused, or there is no code.
    """
    if not secrets.compare_digest(answer.get("state", ""), state):
        raise OperatorError("the answer belongs to another login", "start `tonearm login` again")
    if "error" in answer:
        raise OperatorError(f"Spotify answered {answer['error']}", "agree on Spotify's page")
    if not answer.get("code"):
        raise OperatorError("Spotify sent no code", "start `tonearm login` again")
    return answer["code"]


def exchange(app: App, code: str) -> dict[str, str]:
    """Change the code for tokens.

    Raises:
        OperatorError: the accounts service refused, gave no refresh token, or did not answer.
    """
    response = _ask_for_tokens(app, code)
    reply = _json(response)
    if not response.ok or not reply.get("refresh_token"):
        said = reply.get("error_description") or reply.get("error") or "no refresh token"
        raise OperatorError(
            f"Spotify gave no token ({response.status_code}: {said})",
            "check the app's id, secret and redirect URI on developer.spotify.com",
        )
    return {name: str(reply[name]) for name in ("access_token", "refresh_token")}


def _ask_for_tokens(app: App, code: str) -> requests.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": app.redirect_uri,
    }
    try:
        return requests.post(
            f"{app.accounts_url}/api/token",
            data=form,
            auth=(app.client_id, app.client_secret),
            timeout=REQUEST_SECONDS,
        )
    except requests.RequestException as error:
        raise OperatorError(
            f"{app.accounts_url} does not answer ({type(error).__name__})",
            "check the network and start `tonearm login` again",
        ) from error


def keep_in_stack(secretsmanager: Any, secret_arn: str, secret: Mapping[str, str]) -> None:
    """Store the secret where the stack's functions read it."""
    secretsmanager.put_secret_value(SecretId=secret_arn, SecretString=json.dumps(dict(secret)))


def keep_in_file(path: Path, secret: Mapping[str, str]) -> None:
    """Store the secret in a file that only its owner can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        os.fchmod(stream.fileno(), 0o600)
        json.dump(dict(secret), stream)


def open_browser(url: str) -> None:
    """Open the page; where there is no browser, the printed address serves."""
    webbrowser.open(url)


class _Callback(BaseHTTPRequestHandler):
    """Takes the one request that Spotify's page sends the browser to."""

    server: "_CallbackServer"
    timeout = IDLE_SECONDS

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        is_callback = parts.path == CALLBACK_PATH
        if is_callback:
            self.server.answer = {name: values[0] for name, values in parse_qs(parts.query).items()}
        text = b"Tonearm has what it needs; you can close this page." if is_callback else b""
        self.send_response(200 if is_callback else 404)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: the request line holds the code."""


class _CallbackServer(HTTPServer):
    answer: dict[str, str] | None = None


def _callback_server(app: App) -> _CallbackServer:
    try:
        return _CallbackServer(("127.0.0.1", app.port), _Callback)
    except OSError as error:
        raise OperatorError(
            f"port {app.port} for the login is in use",
            "name another one with --port and register it for the app",
        ) from error


def _wait_for_callback(server: _CallbackServer, seconds: float) -> dict[str, str]:
    deadline = datetime.now(UTC).timestamp() + seconds
    while server.answer is None:
        left = deadline - datetime.now(UTC).timestamp()
        if left <= 0:
            raise OperatorError(
                f"nobody logged in within {seconds:.0f} s", "start `tonearm login` again"
            )
        server.timeout = left
        server.handle_request()
    return server.answer


def _json(response: requests.Response) -> dict[str, Any]:
    try:
        reply = response.json()
    except requests.exceptions.JSONDecodeError:
        return {}
    return reply if isinstance(reply, dict) else {}
