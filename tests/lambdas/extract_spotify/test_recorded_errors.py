"""Recorded refusals and token replies pass through the error table and the token desk."""

import json
from typing import NamedTuple

import pytest

from tests.lambdas.extract_spotify.recorded_answers import ROOT, Asking, first_document, index_rows
from tests.lambdas.local_aws import FakeClock, put_secret, read_secret
from tests.lambdas.scripted_spotify import Fault, ScriptedSpotify
from tests.lambdas.tonearm_pipeline.spotify.test_tokens import secret_store
from tonearm_pipeline.errors import (
    NeedsLoginError,
    RateLimitedError,
    SpotifyUnavailableError,
    WrongAppError,
)
from tonearm_pipeline.spotify.client import Call
from tonearm_pipeline.spotify.responses import SourceRefusedError
from tonearm_pipeline.spotify.tokens import AccessTokens

needs_recordings = pytest.mark.skipif(not ROOT.is_dir(), reason=f"no recorded answers in {ROOT}")
PLAYLIST = Call("playlist", "0" * 22)


class RecordedError(NamedTuple):
    """A recorded refusal: its status, its body, and what it must become."""

    name: str
    status: int
    body: bytes
    headers: dict[str, str]
    error: type[Exception]


def recorded_errors() -> list[RecordedError]:
    by_status = {
        400: SourceRefusedError,
        401: NeedsLoginError,  # refused with a fresh token too
        403: SourceRefusedError,
        404: SourceRefusedError,
        429: RateLimitedError,
        502: SpotifyUnavailableError,
    }
    beta = {"forbidden": 403, "not_found": 404}
    found = []
    for row in index_rows("error"):
        value = first_document(ROOT / row["file"])
        texts = value if isinstance(value, list) else [{"body": value}]
        for number, one in enumerate(texts):
            body = one["body"] if "body" in one else one["body_text"]
            error = body.get("error") if isinstance(body, dict) else None
            if isinstance(error, str):
                continue  # the accounts service's own shape
            told = error or {}
            status = one.get("status") or told.get("status") or beta[told["type"]]
            text = body if isinstance(body, str) else json.dumps(body)
            headers = dict(one.get("headers") or {})
            name = f"{row['file']}#{number}"
            found.append(
                RecordedError(name, status, text.encode(), headers, by_status[int(status)])
            )
    return found


@needs_recordings
@pytest.mark.parametrize("recorded", recorded_errors(), ids=lambda one: one.name)
def test_a_recorded_refusal_becomes_the_error_the_table_names(
    asking: Asking, recorded: RecordedError
) -> None:
    asking.spotify.every = Fault(recorded.status, recorded.body, recorded.headers)

    with pytest.raises(recorded.error) as caught:
        asking.client.ask(PLAYLIST, asking.gate)

    assert type(caught.value) is recorded.error
    if isinstance(caught.value, SourceRefusedError):
        assert caught.value.status == recorded.status
    if isinstance(caught.value, RateLimitedError):
        expected = int(recorded.headers.get("retry-after", 30))
        assert caught.value.retry_after_seconds == expected


@needs_recordings
@pytest.mark.parametrize("seconds", [3, 11, 51, 13_749, 20_520])
def test_a_recorded_limit_waits_as_long_as_its_header_said(asking: Asking, seconds: int) -> None:
    body = (ROOT / "error/joostlek_rate_limit.json").read_bytes()
    asking.spotify.every = Fault(429, body, {"Retry-After": str(seconds)})

    with pytest.raises(RateLimitedError) as caught:
        asking.client.ask(PLAYLIST, asking.gate)

    assert caught.value.retry_after_seconds == seconds


@needs_recordings
def test_the_recorded_refusal_of_a_client_names_its_cure(
    aws: None, spotify: ScriptedSpotify, clock: FakeClock
) -> None:
    reply = first_document(ROOT / "error/kaaes_auth-invalid-client.json")
    spotify.desk.replies = [(400, reply)]

    with pytest.raises(WrongAppError, match="tonearm login"):
        AccessTokens(secret_store(), spotify.token_url, clock).access_token()


@needs_recordings
@pytest.mark.parametrize("row", index_rows("token"), ids=lambda row: row["file"])
def test_a_recorded_token_is_used_and_a_new_refresh_token_kept(
    aws: None, spotify: ScriptedSpotify, clock: FakeClock, row: dict[str, str]
) -> None:
    reply = first_document(ROOT / row["file"])
    put_secret(read_secret() | {"refresh_token": "first"})
    spotify.desk.replies = [(200, reply)]

    token = AccessTokens(secret_store(), spotify.token_url, clock).access_token()

    assert token == reply["access_token"]
    assert read_secret()["refresh_token"] == reply.get("refresh_token", "first")
