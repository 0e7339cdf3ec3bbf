"""Access tokens, refresh tokens and authorization codes, with the lives Spotify gives them."""

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from tonearm.local.fake_spotify.errors import AccountsError, ApiError

CLIENT_ID = "fake-client-id"
CLIENT_SECRET = "fake-client-secret"  # noqa: S105 - opens nothing but this fake
ACCESS_PREFIX = "fake-access-"
REFRESH_PREFIX = "fake-refresh-"
"""All tokens begin so, and a leaked one is found wherever it went."""
REFRESH_TOKEN = f"{REFRESH_PREFIX}token"
"""A login made before the fake started, with every scope."""
ALL_SCOPES = "playlist-read-collaborative playlist-read-private user-library-read user-read-private"
ACCESS_SECONDS = 3600
CODE_SECONDS = 600
REFRESH_SECONDS = 183 * 86_400
"""Six months from the authorization; refreshing does not extend it."""


@dataclass(frozen=True)
class Grant:
    """What a token, code or refresh token stands for; an app's own has no user and no scopes."""

    scopes: frozenset[str]
    expires_at: float
    is_user: bool = True
    redirect_uri: str = ""
    code_challenge: str = ""


class TokenStore:
    """Everything handed out so far."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._access: dict[str, Grant] = {}
        self._codes: dict[str, Grant] = {}
        standing = Grant(frozenset(ALL_SCOPES.split()), now() + REFRESH_SECONDS)
        self._refresh: dict[str, Grant] = {REFRESH_TOKEN: standing}

    def grant_of(self, authorization: str | None) -> Grant:
        """What the `Authorization` header of a request allows; 401 as the API words it."""
        scheme, _, token = (authorization or "").partition(" ")
        if not token:
            raise ApiError(401, "No token provided")
        if scheme.lower() != "bearer":
            raise ApiError(401, "Only valid bearer authentication supported")
        grant = self._access.get(token)
        if grant is None:
            raise ApiError(401, "Invalid access token")
        if grant.expires_at <= self._now():
            raise ApiError(401, "The access token expired")
        return grant

    def for_app(self) -> str:
        """An access token that stands for no user."""
        return self._issue(Grant(frozenset(), self._now() + ACCESS_SECONDS, is_user=False))

    def code_for(self, scopes: str, redirect_uri: str, code_challenge: str) -> str:
        """An authorization code for one exchange within ten minutes."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = Grant(
            frozenset(scopes.split()),
            self._now() + CODE_SECONDS,
            redirect_uri=redirect_uri,
            code_challenge=code_challenge,
        )
        return code

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> tuple[str, str, str]:
        """(access token, refresh token, scopes) for a code that is new, unused and ours."""
        grant = self._codes.pop(code, None)
        if grant is None or grant.expires_at <= self._now():
            raise AccountsError("invalid_grant", "Invalid authorization code")
        if grant.redirect_uri != redirect_uri:
            raise AccountsError("invalid_grant", "Invalid redirect URI")
        if grant.code_challenge and grant.code_challenge != _challenge(verifier):
            raise AccountsError("invalid_grant", "code_verifier was incorrect")
        refresh = REFRESH_PREFIX + secrets.token_urlsafe(32)
        self._refresh[refresh] = Grant(grant.scopes, self._now() + REFRESH_SECONDS)
        return self._access_for(grant.scopes), refresh, _joined(grant.scopes)

    def refresh(self, refresh_token: str, *, rotate: bool) -> tuple[str, str | None, str]:
        """(access token, a new refresh token if they rotate, scopes)."""
        grant = self._refresh.get(refresh_token)
        if grant is None:
            raise AccountsError("invalid_grant", "Invalid refresh token")
        if grant.expires_at <= self._now():
            raise AccountsError("invalid_grant", "Refresh token expired")
        replacement = None
        if rotate:
            replacement = REFRESH_PREFIX + secrets.token_urlsafe(32)
            self._refresh[replacement] = self._refresh.pop(refresh_token)
        return self._access_for(grant.scopes), replacement, _joined(grant.scopes)

    def expire_access_tokens(self) -> None:
        """Every access token handed out so far dies; new ones work."""
        self._access = {
            token: Grant(grant.scopes, self._now(), grant.is_user)
            for token, grant in self._access.items()
        }

    def revoke_refresh_tokens(self) -> None:
        """Every login so far is over; a new authorization works."""
        self._refresh.clear()

    def _access_for(self, scopes: frozenset[str]) -> str:
        return self._issue(Grant(scopes, self._now() + ACCESS_SECONDS))

    def _issue(self, grant: Grant) -> str:
        token = ACCESS_PREFIX + secrets.token_urlsafe(32)
        self._access[token] = grant
        return token


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _joined(scopes: frozenset[str]) -> str:
    return " ".join(sorted(scopes))
