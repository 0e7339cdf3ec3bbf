"""The accounts service: `/authorize` in the browser and `/api/token` behind it."""

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from tonearm.local.fake_spotify.errors import AccountsError, Reply
from tonearm.local.fake_spotify.objects import Json
from tonearm.local.fake_spotify.state import State
from tonearm.local.fake_spotify.tokens import ACCESS_SECONDS, CLIENT_ID, CLIENT_SECRET

LOOPBACK = frozenset({"127.0.0.1", "::1"})


def authorize(state: State, params: Mapping[str, str]) -> Reply:
    """The login page, on which the user always agrees at once (or refuses, when told to)."""
    redirect_uri = params.get("redirect_uri", "")
    if params.get("client_id") != CLIENT_ID:
        raise AccountsError("invalid_client", "INVALID_CLIENT: Invalid client")
    if params.get("response_type") != "code":
        raise AccountsError("unsupported_response_type", "response_type must be code")
    if not _is_allowed_redirect(redirect_uri):
        raise AccountsError("invalid_request", "INVALID_CLIENT: Insecure redirect URI")
    answer = {"error": "access_denied"} if state.denies_login else {"code": _code(state, params)}
    if "state" in params:
        answer["state"] = params["state"]
    return Reply(302, headers={"Location": f"{redirect_uri}?{urlencode(answer)}"})


def token(state: State, headers: Mapping[str, str], form: Mapping[str, str]) -> Reply:
    """POST /api/token for the three grants Tonearm uses."""
    _require_client(headers, form)
    grant_type = form.get("grant_type", "")
    if grant_type == "client_credentials":
        return _issued(state.tokens.for_app())
    if grant_type == "authorization_code":
        access, refresh, scopes = state.tokens.exchange(
            form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier", "")
        )
        return _issued(access, refresh, scopes)
    if grant_type == "refresh_token":
        access, replacement, scopes = state.tokens.refresh(
            form.get("refresh_token", ""), rotate=state.rotates_refresh_tokens
        )
        return _issued(access, replacement, scopes)
    raise AccountsError("unsupported_grant_type", f"grant_type {grant_type!r} is not supported")


def _code(state: State, params: Mapping[str, str]) -> str:
    return state.tokens.code_for(
        params.get("scope", ""), params["redirect_uri"], params.get("code_challenge", "")
    )


def _is_allowed_redirect(uri: str) -> bool:
    """HTTPS, or a loopback address in figures; the name localhost is refused."""
    parts = urlsplit(uri)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def _require_client(headers: Mapping[str, str], form: Mapping[str, str]) -> None:
    """Basic credentials, the same in the form, or the id alone with PKCE."""
    client_id, secret = _basic(headers.get("authorization", ""))
    if not client_id:
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    if client_id != CLIENT_ID:
        raise AccountsError("invalid_client", "Invalid client")
    is_public_client = not secret and form.get("grant_type") != "client_credentials"
    if secret != CLIENT_SECRET and not is_public_client:
        raise AccountsError("invalid_client", "Invalid client secret")


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client_id, secret


def _issued(access: str, refresh: str | None = None, scopes: str | None = None) -> Reply:
    body: Json = {"access_token": access, "token_type": "Bearer", "expires_in": ACCESS_SECONDS}
    if refresh:
        body["refresh_token"] = refresh
    if scopes is not None:
        body["scope"] = scopes
    return Reply(200, body)
