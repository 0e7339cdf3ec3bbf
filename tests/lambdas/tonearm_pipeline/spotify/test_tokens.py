import logging

import boto3
import pytest
from botocore.stub import Stubber

from tests.lambdas.extraction import Extraction
from tests.lambdas.local_aws import SECRET, FakeClock, put_secret, read_secret
from tests.lambdas.scripted_spotify import ScriptedSpotify, json_fault
from tonearm_pipeline.errors import (
    AccessRefusedError,
    AwsRefusedError,
    NeedsLoginError,
    RateLimitedError,
    SpotifyUnavailableError,
    WrongAppError,
)
from tonearm_pipeline.spotify.tokens import AccessTokens, SecretStore


@pytest.fixture
def tokens(aws: None, spotify: ScriptedSpotify, clock: FakeClock) -> AccessTokens:
    return AccessTokens(secret_store(), spotify.token_url, clock)


def secret_store() -> SecretStore:
    return SecretStore(boto3.client("secretsmanager"), SECRET)


def test_a_token_is_used_until_just_before_it_ends(tokens: AccessTokens, clock: FakeClock) -> None:
    assert tokens.access_token() == "access-1"
    clock.move(seconds=3539)
    assert tokens.access_token() == "access-1"
    clock.move(seconds=1)
    assert tokens.access_token() == "access-2"


def test_an_absent_refresh_token_keeps_the_old_one(
    tokens: AccessTokens, spotify: ScriptedSpotify
) -> None:
    tokens.access_token()

    assert spotify.desk.requests == [{"grant_type": "refresh_token", "refresh_token": "refresh-1"}]
    assert read_secret()["refresh_token"] == "refresh-1"


def test_a_new_refresh_token_is_kept_beside_everything_else(
    tokens: AccessTokens, spotify: ScriptedSpotify
) -> None:
    put_secret(read_secret() | {"authorized_at": "2026-06-01T00:00:00Z", "note": "mine"})
    reply = {"access_token": "a", "expires_in": 3600, "refresh_token": "refresh-2"}
    spotify.desk.replies = [(200, reply)]

    tokens.access_token()
    tokens.forget()
    tokens.access_token()

    assert read_secret() == {
        "client_id": "app",
        "client_secret": "hush",
        "refresh_token": "refresh-2",
        "authorized_at": "2026-06-01T00:00:00Z",
        "note": "mine",
    }
    assert spotify.desk.requests[1]["refresh_token"] == "refresh-2"


def test_without_a_refresh_token_the_client_speaks_for_itself(
    tokens: AccessTokens, spotify: ScriptedSpotify
) -> None:
    put_secret({"client_id": "app", "client_secret": "hush", "refresh_token": ""})

    tokens.access_token()

    assert not tokens.has_user
    assert spotify.desk.requests == [{"grant_type": "client_credentials"}]


def test_a_new_login_is_noticed_by_a_living_process(
    tokens: AccessTokens, spotify: ScriptedSpotify, clock: FakeClock
) -> None:
    spotify.desk.replies = [(400, {"error": "invalid_grant"})]
    with pytest.raises(NeedsLoginError):
        tokens.access_token()
    put_secret(read_secret() | {"refresh_token": "refresh-9"})
    clock.move(seconds=60)

    tokens.access_token()

    assert spotify.desk.requests[-1]["refresh_token"] == "refresh-9"


@pytest.mark.parametrize(
    ("status", "reply", "error"),
    [
        pytest.param(400, {"error": "invalid_grant"}, NeedsLoginError, id="refresh token dead"),
        pytest.param(400, {"error": "invalid_client"}, WrongAppError, id="unknown client"),
        pytest.param(400, {"error": "unauthorized_client"}, AccessRefusedError, id="not allowed"),
        pytest.param(429, {}, RateLimitedError, id="limited"),
        pytest.param(503, {}, SpotifyUnavailableError, id="down"),
        pytest.param(200, {}, SpotifyUnavailableError, id="no token"),
        pytest.param(400, {}, SpotifyUnavailableError, id="no reason"),
    ],
)
def test_each_refusal_says_what_to_do(
    tokens: AccessTokens,
    spotify: ScriptedSpotify,
    status: int,
    reply: dict[str, str],
    error: type[Exception],
) -> None:
    spotify.desk.replies = [(status, reply)]

    with pytest.raises(error):
        tokens.access_token()

    assert len(spotify.desk.requests) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("no json", "not a JSON object", id="text"),
        pytest.param('{"client_id": ""}', "client_id, client_secret", id="empty"),
    ],
)
def test_a_useless_secret_is_named_with_its_cure(aws: None, text: str, message: str) -> None:
    boto3.client("secretsmanager").put_secret_value(SecretId=SECRET, SecretString=text)

    with pytest.raises(NeedsLoginError, match=rf"{message}.*`tonearm login`"):
        secret_store().read()


def test_a_secret_without_a_value_needs_a_login(aws: None) -> None:
    client = boto3.client("secretsmanager")
    arn = client.create_secret(Name="just-deployed")["ARN"]

    with pytest.raises(NeedsLoginError, match=r"just-deployed.* is empty; run `tonearm login`"):
        SecretStore(client, arn).read()


def test_a_secret_the_role_may_not_read_is_named_with_the_action(aws: None) -> None:
    client = boto3.client("secretsmanager")
    with Stubber(client) as stubber:
        stubber.add_client_error("get_secret_value", "AccessDeniedException", "no policy allows")

        with pytest.raises(AwsRefusedError) as caught:
            SecretStore(client, SECRET).read()

    assert (caught.value.action, caught.value.code) == ("GetSecretValue", "AccessDeniedException")
    assert str(caught.value) == (
        "read secret tonearm/spotify: GetSecretValue was refused (AccessDeniedException): "
        "no policy allows"
    )


def test_the_secret_shows_nothing_when_printed(aws: None) -> None:
    shown = repr(secret_store().read())

    assert "hush" not in shown
    assert "refresh-1" not in shown


def test_before_the_first_login_a_run_needs_a_login_and_holds_nothing(
    extraction: Extraction,
) -> None:
    playlist = extraction.spotify.world.add_playlist("one", 3)
    boto3.client("secretsmanager").delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)
    boto3.client("secretsmanager").create_secret(Name=SECRET)
    run_id = extraction.plan(playlist.uri)

    outcome = extraction.invoke(run_id)

    assert outcome.as_event() == {
        "status": "needs_login",
        "manifest_key": "",
        "changed": False,
        "resume_at": "",
        "wait_seconds": 0,
        "counts": {"playlists": 0, "unchanged": 0, "refused": 0, "entries": 0, "calls": 0},
    }
    assert extraction.spotify.log == []
    put_secret({"client_id": "app", "client_secret": "hush", "refresh_token": "refresh-1"})
    # No lease is left behind.
    assert extraction.invoke(extraction.plan(playlist.uri)).status == "done"


def test_a_wrong_client_secret_ends_the_run_with_its_own_error(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("one", 3)
    extraction.spotify.desk.replies = [(400, {"error": "invalid_client"})]

    with pytest.raises(WrongAppError, match=r"client id or client secret.*`tonearm login`"):
        extraction.invoke(extraction.plan(playlist.uri))

    assert len(extraction.spotify.desk.requests) == 1


def test_an_expired_token_is_renewed_once_per_question(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("long", 130)
    extraction.spotify.forget_log()
    extraction.spotify.faults[2] = json_fault(401)

    extraction.read(playlist.uri)

    used = [request.token for request in extraction.spotify.log]
    assert used == ["Bearer access-1"] * 2 + ["Bearer access-2"] * 2


def test_a_fresh_token_that_is_refused_needs_a_login(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("long", 130)
    extraction.spotify.faults = {2: json_fault(401), 3: json_fault(401)}

    outcome = extraction.invoke(extraction.plan(playlist.uri))

    assert outcome.status == "needs_login"
    assert len(extraction.spotify.log) == 3


def test_after_a_new_login_the_run_goes_on_from_its_page(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("long", 230)
    extraction.spotify.faults[3] = json_fault(401)
    reply = {"access_token": "access-1", "expires_in": 3600}
    extraction.spotify.desk.replies = [(200, reply), (400, {"error": "invalid_grant"})]
    run_id = extraction.plan(playlist.uri)

    outcome = extraction.invoke(run_id)
    put_secret(read_secret() | {"refresh_token": "refresh-2"})
    manifest = extraction.finish(run_id)

    assert outcome.status == "needs_login"
    # Refused once, never tried again with the dead token.
    assert len(extraction.spotify.desk.requests) == 3
    offsets = [offset for _, offset in extraction.spotify.questions()]
    assert offsets == ["", "100", "150", "150", "200", ""]
    assert manifest["playlists"][0]["collected"] == 230


def test_no_token_reaches_a_log_at_any_level(
    extraction: Extraction, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    playlist = extraction.spotify.world.add_playlist("long", 130)
    extraction.spotify.faults = {2: json_fault(401), 3: json_fault(500)}
    names = ("", "spotipy", "spotipy.client", "urllib3", "requests", "extract_spotify")
    for name in names:
        caplog.set_level(logging.DEBUG, logger=name)

    extraction.read(playlist.uri)

    written = caplog.text + "".join(capfd.readouterr())
    assert len(caplog.records) > 5
    for secret in ("access-1", "access-2", "Bearer", "hush", "Song 1"):
        assert secret not in written
