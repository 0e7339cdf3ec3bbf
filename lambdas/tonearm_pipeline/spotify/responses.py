"""One table that says what an answer of the Web API means for the run.

The decision uses the status, `error.reason`, the shape of the body and the endpoint, never the
text of a message: the same mistake gets different texts from Spotify over the years.
Statuses: https://developer.spotify.com/documentation/web-api/concepts/api-calls
"""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple

from tonearm_pipeline.errors import (
    AccessRefusedError,
    PermanentError,
    RateLimitedError,
    SpotifyUnavailableError,
    TransientError,
)

QUOTA_EXCEEDED: Final = "QUOTA_EXCEEDED"
# Spotify counts its rate limit over 30 s: the wait when a 429 does not say how long.
DEFAULT_RETRY_AFTER_SECONDS: Final = 30
# The daily quota frees itself hour by hour: the wait when QUOTA_EXCEEDED does not say how long.
DEFAULT_QUOTA_WAIT_SECONDS: Final = 3600
_ID: Final = re.compile(r"(?<=/)[0-9A-Za-z]{22}(?=/|$)")


class Shape(StrEnum):
    """What a body looks like."""

    OBJECT = "object"
    OTHER_JSON = "other json"
    HTML = "html"
    TEXT = "text"
    EMPTY = "empty"


class Answer(NamedTuple):
    """What is known of a response when it is judged.

    Attributes:
        endpoint: the path with ids taken out, such as `playlists/{id}/items`.
        retry_after_seconds: the Retry-After header, None when absent or not a number.
    """

    status: int
    reason: str | None
    shape: Shape
    endpoint: str
    retry_after_seconds: int | None = None


class TokenExpiredError(TransientError):
    """The access token is no longer good (401): a new one may be."""


class SourceRefusedError(PermanentError):
    """Spotify refuses this one object; the run goes on without it."""

    def __init__(self, status: int, reason: str | None, endpoint: str) -> None:
        self.status = status
        self.reason = reason
        self.endpoint = endpoint
        super().__init__(f"{endpoint} answered {status} ({reason or 'no reason given'})")


class EndpointGoneError(PermanentError):
    """This client may not use a batch endpoint: the single one must do."""


Cause = Callable[[Answer], Exception]


class Rule(NamedTuple):
    """One row of the table; an empty field matches anything."""

    first_status: int
    last_status: int
    becomes: Cause | None
    reason: str | None = None
    shapes: frozenset[Shape] = frozenset()
    endpoints: frozenset[str] = frozenset()

    def matches(self, answer: Answer) -> bool:
        """Tell whether this row speaks of the answer."""
        return (
            self.first_status <= answer.status <= self.last_status
            and self.reason in (None, answer.reason)
            and (not self.shapes or answer.shape in self.shapes)
            and (not self.endpoints or answer.endpoint in self.endpoints)
        )


def _unavailable(answer: Answer) -> Exception:
    return SpotifyUnavailableError(
        f"{answer.endpoint} answered {answer.status} with a body of kind {answer.shape}"
    )


def _expired(answer: Answer) -> Exception:
    return TokenExpiredError(f"{answer.endpoint} answered {answer.status}")


def _gone(answer: Answer) -> Exception:
    return EndpointGoneError(f"{answer.endpoint} answered {answer.status}")


def _refused(answer: Answer) -> Exception:
    return SourceRefusedError(answer.status, answer.reason, answer.endpoint)


def _limited(default_seconds: int) -> Cause:
    def cause(answer: Answer) -> Exception:
        seconds = answer.retry_after_seconds
        wait_seconds = default_seconds if seconds is None else seconds
        return RateLimitedError(wait_seconds, answer.reason, answer.endpoint)

    return cause


def _denied(answer: Answer) -> Exception:
    return AccessRefusedError(
        f"{answer.endpoint} answered {answer.status} ({answer.reason or 'no reason given'})"
    )


_BATCH: Final = frozenset({"albums", "artists"})
_HTML: Final = frozenset({Shape.HTML})
_OBJECT: Final = frozenset({Shape.OBJECT})

# First match wins.
RULES: Final = (
    Rule(200, 299, None, shapes=_OBJECT),
    Rule(200, 399, _unavailable),
    Rule(401, 401, _expired),
    Rule(429, 429, _limited(DEFAULT_QUOTA_WAIT_SECONDS), reason=QUOTA_EXCEEDED),
    Rule(429, 429, _limited(DEFAULT_RETRY_AFTER_SECONDS)),
    # A page of HTML comes from something between us and the API, not from the API.
    Rule(400, 499, _unavailable, shapes=_HTML),
    Rule(403, 404, _gone, endpoints=_BATCH),
    Rule(400, 400, _refused),
    Rule(403, 404, _refused),
    Rule(410, 410, _refused),
    Rule(451, 451, _refused),
    Rule(408, 408, _unavailable),
    Rule(500, 599, _unavailable),
    Rule(100, 999, _denied),
)


def problem_with(answer: Answer) -> Exception | None:
    """Return the error an answer stands for, or None when it is good."""
    rule = next(rule for rule in RULES if rule.matches(answer))
    return rule.becomes(answer) if rule.becomes else None


def endpoint_of(path: str) -> str:
    """Return a path with its ids taken out: `playlists/{id}/items`."""
    return _ID.sub("{id}", path.strip("/"))


def shape_of(body: bytes, parsed: object) -> Shape:
    """Return what a body looks like; `parsed` is its JSON value, None when it is not JSON."""
    text = body.lstrip()
    if not text:
        return Shape.EMPTY
    if isinstance(parsed, dict):
        return Shape.OBJECT
    if parsed is not None:
        return Shape.OTHER_JSON
    return Shape.HTML if text.startswith(b"<") else Shape.TEXT


def reason_in(parsed: object) -> str | None:
    """Return `error.reason` of an error body, whatever shape it has."""
    error = parsed.get("error") if isinstance(parsed, dict) else None
    reason = error.get("reason") if isinstance(error, dict) else None
    return reason if isinstance(reason, str) else None
