"""Spotify access tokens, from the secret the stack keeps.

A user's token comes from a refresh token, which dies six months after the login that made it;
refreshing does not extend that. Without one, client credentials give a token that can read albums
and artists.
https://developer.spotify.com/blog/2026-06-18-refresh-token-expiration
https://developer.spotify.com/documentation/web-api/tutorials/refreshing-tokens
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import requests
from botocore.exceptions import ClientError

from tonearm_pipeline.clock import Clock, utc_moment
from tonearm_pipeline.errors import (
    AccessRefusedError,
    NeedsLoginError,
    RateLimitedError,
    SpotifyUnavailableError,
    WrongAppError,
)
from tonearm_pipeline.json_store import error_code, storage_errors
from tonearm_pipeline.spotify.http import Timeouts, parsed_json
from tonearm_pipeline.spotify.responses import DEFAULT_RETRY_AFTER_SECONDS

if TYPE_CHECKING:  # the stubs are not in the Lambda package
    from mypy_boto3_secretsmanager import SecretsManagerClient

TOKEN_ENDPOINT: Final = "api/token"  # noqa: S105 - a path, no secret
# Fetch a new token this long before the old one ends, so that none dies on the way.
EXPIRY_MARGIN_SECONDS: Final = 60
DEFAULT_TOKEN_LIFE_SECONDS: Final = 3600
# A process may live on over a new login, so the secret is looked at again after this.
SECRET_MEMORY_SECONDS: Final = 60
# The shortest six months there are: a warning may come a few days early, but never late.
LOGIN_DAYS: Final = 181
WARNING_DAYS: Final = 30
_CURE: Final = "run `tonearm login`"
_OK: Final = 200
_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500
# The two errors of the accounts service that tell what to do (RFC 6749, 5.2).
_INVALID_GRANT: Final = "invalid_grant"
_INVALID_CLIENT: Final = "invalid_client"


@dataclass(frozen=True)
class SpotifySecret:
    """The app's credentials; `repr` shows none of them."""

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    authorized_at: str | None = None

    @property
    def has_user(self) -> bool:
        """Tell whether somebody has logged in."""
        return self.refresh_token is not None


class SecretStore:
    """The secret in Secrets Manager; other fields in it are left as they are."""

    def __init__(self, client: SecretsManagerClient, secret_arn: str) -> None:
        # At DEBUG, botocore writes whole answers into the log, secrets included.
        logging.getLogger("botocore").setLevel(logging.INFO)
        self._client = client
        self._secret_arn = secret_arn

    def read(self) -> SpotifySecret:
        """Return the secret.

        Raises:
            NeedsLoginError: it has no value yet, is no JSON object, or misses a field; a login
                writes all of it.
        """
        fields = self._fields()
        missing = [name for name in ("client_id", "client_secret") if not fields.get(name)]
        if missing:
            raise NeedsLoginError(f"secret {self._secret_arn} misses {', '.join(missing)}; {_CURE}")
        return SpotifySecret(
            client_id=str(fields["client_id"]),
            client_secret=str(fields["client_secret"]),
            refresh_token=fields.get("refresh_token") or None,
            authorized_at=fields.get("authorized_at") or None,
        )

    def keep_refresh_token(self, refresh_token: str) -> None:
        """Store a new refresh token beside everything else the secret holds."""
        fields = self._fields() | {"refresh_token": refresh_token}
        with storage_errors(f"write secret {self._secret_arn}"):
            self._client.put_secret_value(
                SecretId=self._secret_arn, SecretString=json.dumps(fields)
            )

    def _fields(self) -> dict[str, Any]:
        with storage_errors(f"read secret {self._secret_arn}"):
            try:
                answer = self._client.get_secret_value(SecretId=self._secret_arn)
            except ClientError as exc:
                # The same code for no secret and for one that has no value, as after a deploy.
                if error_code(exc) == "ResourceNotFoundException":
                    raise NeedsLoginError(f"secret {self._secret_arn} is empty; {_CURE}") from exc
                raise
        fields = parsed_json(answer.get("SecretString", "").encode())
        if not isinstance(fields, dict):
            raise NeedsLoginError(f"secret {self._secret_arn} is not a JSON object; {_CURE}")
        return fields


class AccessTokens:
    """Hands out an access token and gets a new one when it ends or is refused.

    Args:
        store: where the secret is read from and a new refresh token is kept.
        token_url: the accounts service's token address.
        clock: tells when a token has ended.
        timeouts: limits for one token request.
    """

    def __init__(
        self, store: SecretStore, token_url: str, clock: Clock, timeouts: Timeouts | None = None
    ) -> None:
        self._store = store
        self._token_url = token_url
        self._clock = clock
        self._timeouts = timeouts or Timeouts()
        self._secret: SpotifySecret | None = None
        self._read_again_at = clock.now()
        self._token = ""
        self._ends_at: datetime | None = None

    @property
    def has_user(self) -> bool:
        """Tell whether the token will be a user's, who may have lists of their own."""
        return self._read_secret().has_user

    @property
    def authorized_at(self) -> str | None:
        """When the user agreed, ISO text; None without a user, or when the secret does not say."""
        secret = self._read_secret()
        return secret.authorized_at if secret.has_user else None

    @property
    def login_id(self) -> str:
        """A text that changes when somebody else logs in, and shows no secret."""
        secret = self._read_secret()
        login = secret.authorized_at or secret.refresh_token or ""
        return hashlib.sha256(f"{secret.client_id}:{login}".encode()).hexdigest()[:16]

    def access_token(self) -> str:
        """Return a token that is good for the next request.

        Raises:
            NeedsLoginError: the refresh token is no longer good, or there is no secret.
            WrongAppError: the client id or secret is wrong.
            AccessRefusedError: the accounts service refuses this client.
            SpotifyUnavailableError: the accounts service did not answer sensibly.
            RateLimitedError: the accounts service asks to wait.
        """
        if self._ends_at is None or self._clock.now() >= self._ends_at:
            self._fetch()
        return self._token

    def forget(self) -> None:
        """Drop the token: the API refused it before its time."""
        self._ends_at = None

    def _read_secret(self) -> SpotifySecret:
        now = self._clock.now()
        if self._secret is None or now >= self._read_again_at:
            self._secret = self._store.read()
            self._read_again_at = now + timedelta(seconds=SECRET_MEMORY_SECONDS)
        return self._secret

    def _fetch(self) -> None:
        secret = self._read_secret()
        reply = self._ask(secret)
        token, life_seconds = reply.get("access_token"), reply.get("expires_in")
        if not isinstance(token, str) or not token:
            raise SpotifyUnavailableError(f"{TOKEN_ENDPOINT} answered without a token")
        if not isinstance(life_seconds, int):
            life_seconds = DEFAULT_TOKEN_LIFE_SECONDS
        self._token = token
        good_for = timedelta(seconds=life_seconds - EXPIRY_MARGIN_SECONDS)
        self._ends_at = self._clock.now() + good_for
        self._keep_new_refresh_token(secret, reply.get("refresh_token"))

    def _keep_new_refresh_token(self, secret: SpotifySecret, refresh_token: object) -> None:
        if not secret.has_user or refresh_token in (None, "", secret.refresh_token):
            return
        self._store.keep_refresh_token(str(refresh_token))
        self._secret = replace(secret, refresh_token=str(refresh_token))

    def _ask(self, secret: SpotifySecret) -> dict[str, Any]:
        form = {"grant_type": "client_credentials"}
        if secret.refresh_token:
            form = {"grant_type": "refresh_token", "refresh_token": secret.refresh_token}
        try:
            response = requests.post(
                self._token_url,
                data=form,
                auth=(secret.client_id, secret.client_secret),
                timeout=(self._timeouts.connect, self._timeouts.read),
                allow_redirects=False,
            )
        except requests.RequestException as exc:
            # The text of such an error may hold the request, so only its kind is kept.
            raise SpotifyUnavailableError(f"{TOKEN_ENDPOINT}: {type(exc).__name__}") from None
        return _token_reply(response)


def _token_reply(response: requests.Response) -> dict[str, Any]:
    reply = parsed_json(response.content)
    status = response.status_code
    if status == _OK and isinstance(reply, dict):
        return reply
    # Here `error` is a text, unlike in the Web API (RFC 6749, 5.2).
    error = reply.get("error") if isinstance(reply, dict) else None
    if error == _INVALID_GRANT:
        raise NeedsLoginError(f"the refresh token is no longer good; {_CURE}")
    if error == _INVALID_CLIENT:
        raise WrongAppError(f"the client id or client secret in the secret is wrong; {_CURE}")
    if status == _TOO_MANY:
        text = response.headers.get("Retry-After", "")
        seconds = int(text) if text.isdecimal() else DEFAULT_RETRY_AFTER_SECONDS
        raise RateLimitedError(seconds, None, TOKEN_ENDPOINT)
    if status < _OK * 2 or status >= _SERVER_ERROR or not isinstance(error, str):
        raise SpotifyUnavailableError(f"{TOKEN_ENDPOINT} answered {status}")
    raise AccessRefusedError(f"{TOKEN_ENDPOINT} answered {status} ({error})")


def login_days_left(authorized_at: str | None, now: datetime) -> int | None:
    """Return the whole days a login still lasts, 0 once it is over; None when nobody knows.

    Args:
        authorized_at: when its user agreed, ISO text; None when the secret does not say.
        now: the time in UTC.
    """
    try:
        ends_at = utc_moment(authorized_at or "") + timedelta(days=LOGIN_DAYS)
    except ValueError:
        return None
    return max(0, math.floor((ends_at - now) / timedelta(days=1)))
