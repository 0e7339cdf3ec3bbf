"""The HTTP transport under spotipy: one adapter that signs, bounds and judges every request.

Why an adapter: spotipy writes the Authorization header it sends into its DEBUG log, hides
Retry-After behind its own retries, and stumbles over error bodies that are not objects. Here it
never sees a token, and only a good answer reaches it.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError as Urllib3Error

from tonearm_pipeline.errors import SpotifyUnavailableError
from tonearm_pipeline.spotify.responses import (
    Answer,
    endpoint_of,
    problem_with,
    reason_in,
    shape_of,
)

CONNECT_TIMEOUT_SECONDS: Final = 3.05
READ_TIMEOUT_SECONDS: Final = 8.0
# A server that drips a byte now and then never meets the read timeout: the whole answer has one.
ANSWER_TIMEOUT_SECONDS: Final = 15.0
_CHUNK_BYTES: Final = 64 * 1024
_PAGE_PARAMS: Final = frozenset({"limit", "offset"})


class Sent(NamedTuple):
    """The request that was really sent, and the status that came back."""

    path: str
    params: dict[str, Any]
    status: int


class Timeouts(NamedTuple):
    """How long one request may take, in seconds."""

    connect: float = CONNECT_TIMEOUT_SECONDS
    read: float = READ_TIMEOUT_SECONDS
    answer: float = ANSWER_TIMEOUT_SECONDS


class SpotifyAdapter(HTTPAdapter):
    """Signs requests with the current token and raises for every answer that is not good.

    Args:
        api_url: the address of the API, ending with a slash.
        access_token: gives the current access token.
        timeouts: limits for one request.
    """

    def __init__(self, api_url: str, access_token: Callable[[], str], timeouts: Timeouts) -> None:
        super().__init__(max_retries=0)
        self._base_path = urlsplit(api_url).path
        self._access_token = access_token
        self._timeouts = timeouts
        self.last_sent: Sent | None = None

    def send(
        self, request: requests.PreparedRequest, *_args: Any, **kwargs: Any
    ) -> requests.Response:
        """Send the request and return its answer, read whole.

        Raises:
            PipelineError: the one the table names for this answer.
        """
        # spotipy ends some paths with a slash, which the documented paths do not have.
        request.url = (request.url or "").replace("/?", "?").rstrip("/")
        request.headers["Authorization"] = f"Bearer {self._access_token()}"
        kwargs |= {"stream": True, "timeout": (self._timeouts.connect, self._timeouts.read)}
        path = urlsplit(request.url).path.removeprefix(self._base_path).strip("/")
        try:
            started = time.monotonic()
            response = super().send(request, **kwargs)
            body = _read_whole(response, started + self._timeouts.answer)
        except (requests.RequestException, Urllib3Error, OSError) as exc:
            # The text of such an error may hold the whole request, so only its kind is kept.
            raise SpotifyUnavailableError(f"{endpoint_of(path)}: {type(exc).__name__}") from None
        finally:
            request.headers.pop("Authorization", None)
        self.last_sent = Sent(path, _params_of(request), response.status_code)
        _raise_unless_good(response, body, endpoint_of(path))
        return response


def _read_whole(response: requests.Response, give_up_at: float) -> bytes:
    """Read the body with a limit on the whole of it, and put it where requests looks for it."""
    chunks: list[bytes] = []
    is_whole = False
    try:
        while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
            chunks.append(chunk)
            if time.monotonic() > give_up_at:
                raise requests.ReadTimeout("the answer took too long as a whole")
        is_whole = True
    finally:
        # A connection with an unread rest must not be used again.
        response.raw.release_conn() if is_whole else response.raw.close()
    body = b"".join(chunks)
    response._content = body
    return body


def _raise_unless_good(response: requests.Response, body: bytes, endpoint: str) -> None:
    parsed = parsed_json(body)
    answer = Answer(
        response.status_code,
        reason_in(parsed),
        shape_of(body, parsed),
        endpoint,
        _retry_after_seconds(response.headers),
    )
    problem = problem_with(answer)
    if problem:
        raise problem


def parsed_json(body: bytes) -> object:
    """Return the JSON value of a body, or None when it holds none."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def _retry_after_seconds(headers: Mapping[str, str]) -> int | None:
    text = headers.get("Retry-After", "").strip()
    return int(text) if text.isdecimal() else None


def _params_of(request: requests.PreparedRequest) -> dict[str, Any]:
    query = parse_qsl(urlsplit(request.url or "").query, keep_blank_values=True)
    return {name: int(text) if name in _PAGE_PARAMS else text for name, text in query}


def keep_spotipy_quiet() -> None:
    """Keep spotipy from logging requests and whole answers, whatever level anybody sets."""
    logging.getLogger("spotipy.client").disabled = True
