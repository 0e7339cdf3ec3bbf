import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tonearm.local.fake_spotify import CLIENT_ID, REFRESH_TOKEN

REDIRECT = "http://127.0.0.1:8123/callback"
SCOPES = "playlist-read-private user-library-read"


def log_in(spotify: Any, **params: str) -> Any:
    asked = {
        "client_id": CLIENT_ID,
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "state": "s t/1",
        "scope": SCOPES,
        **params,
    }
    url = f"{spotify.url}/authorize"
    return spotify.session.get(url, params=asked, allow_redirects=False, timeout=5)


def answer_of(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 302
    assert response.headers["Location"].startswith(f"{REDIRECT}?")
    return parse_qs(urlsplit(response.headers["Location"]).query)


def exchange(spotify: Any, code: str, **form: str) -> Any:
    given = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, **form}
    return spotify.ask_for_token(**given)


def test_a_login_leads_to_tokens_of_that_user(spotify: Any) -> None:
    answer = answer_of(log_in(spotify))
    tokens = exchange(spotify, answer["code"][0]).json()
    spotify.token = tokens["access_token"]

    assert answer["state"] == ["s t/1"]
    assert tokens["scope"] == SCOPES
    assert (tokens["expires_in"], tokens["token_type"]) == (3600, "Bearer")
    assert spotify.body("me")["id"] == "listener-one"
    again = spotify.ask_for_token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert again.json()["scope"] == SCOPES
    assert "refresh_token" not in again.json()


def test_a_code_works_once_for_its_redirect_uri_within_ten_minutes(spotify: Any) -> None:
    used = answer_of(log_in(spotify))["code"][0]
    elsewhere = answer_of(log_in(spotify))["code"][0]
    late = answer_of(log_in(spotify))["code"][0]

    replies = [
        exchange(spotify, used),
        exchange(spotify, used),
        exchange(spotify, elsewhere, redirect_uri="http://127.0.0.1:9/other"),
    ]
    spotify.control(advance_seconds=601)
    replies.append(exchange(spotify, late))

    assert [reply.status_code for reply in replies] == [200, 400, 400, 400]
    assert {reply.json()["error"] for reply in replies[1:]} == {"invalid_grant"}


def test_pkce_needs_the_verifier_of_the_challenge(spotify: Any) -> None:
    verifier = "v" * 64
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    replies = [
        exchange(
            spotify,
            answer_of(log_in(spotify, code_challenge=challenge, code_challenge_method="S256"))[
                "code"
            ][0],
            code_verifier=given,
        ).status_code
        for given in ("wrong", verifier)
    ]

    assert replies == [400, 200]


@pytest.mark.parametrize(
    ("redirect", "status"),
    [
        ("https://example.com/callback", 302),
        ("http://127.0.0.1:1/callback", 302),
        ("http://[::1]:1/callback", 302),
        ("http://localhost:1/callback", 400),
        ("http://example.com/callback", 400),
        ("", 400),
    ],
)
def test_only_https_and_loopback_figures_are_redirected_to(
    spotify: Any, redirect: str, status: int
) -> None:
    assert log_in(spotify, redirect_uri=redirect).status_code == status


def test_a_login_can_be_denied(spotify: Any) -> None:
    spotify.control(deny_login=True)

    assert answer_of(log_in(spotify)) == {"error": ["access_denied"], "state": ["s t/1"]}


@pytest.mark.parametrize("wrong", [{"client_id": "x"}, {"response_type": "token"}])
def test_a_wrong_login_is_refused(spotify: Any, wrong: dict[str, str]) -> None:
    assert log_in(spotify, **wrong).status_code == 400


def test_scopes_that_were_not_granted_are_missed(spotify: Any) -> None:
    code = answer_of(log_in(spotify, scope="user-library-read"))["code"][0]
    playlist_id = spotify.playlists()["one song"]["id"]
    spotify.token = exchange(spotify, code).json()["access_token"]

    refused = spotify.get(f"playlists/{playlist_id}/items")

    assert (refused.status_code, refused.json()["error"]["message"]) == (
        403,
        "Insufficient client scope",
    )
    assert spotify.get("me/tracks").status_code == 200


@pytest.mark.parametrize(
    ("auth", "description"),
    [
        (("wrong", "x"), "Invalid client"),
        ((CLIENT_ID, "wrong"), "Invalid client secret"),
        (None, "Invalid client"),
    ],
)
def test_a_wrong_client_is_refused(spotify: Any, auth: Any, description: str) -> None:
    form = {"grant_type": "client_credentials"}
    reply = spotify.session.post(f"{spotify.url}/api/token", data=form, auth=auth, timeout=5)

    assert reply.status_code == 400
    assert reply.json() == {"error": "invalid_client", "error_description": description}


def test_an_access_token_lives_an_hour(spotify: Any) -> None:
    spotify.control(advance_seconds=3599)
    assert spotify.get("me").status_code == 200

    spotify.control(advance_seconds=1)
    refused = spotify.get("me")

    assert (refused.status_code, refused.json()["error"]["message"]) == (
        401,
        "The access token expired",
    )


def test_a_refresh_token_lives_six_months_however_often_it_is_used(spotify: Any) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN}
    seen = []
    for days in (150, 30, 5):
        spotify.control(advance_seconds=days * 86_400)
        seen.append(spotify.ask_for_token(**form))

    assert [reply.status_code for reply in seen] == [200, 200, 400]
    assert seen[2].json()["error"] == "invalid_grant"


def test_rotation_gives_a_new_refresh_token_and_ends_the_old(spotify: Any) -> None:
    spotify.control(rotate_refresh_tokens=True)
    form = {"grant_type": "refresh_token"}

    new = spotify.ask_for_token(**form, refresh_token=REFRESH_TOKEN).json()["refresh_token"]

    assert spotify.ask_for_token(**form, refresh_token=REFRESH_TOKEN).status_code == 400
    assert spotify.ask_for_token(**form, refresh_token=new).status_code == 200


def test_revoked_logins_are_over_until_the_next_one(spotify: Any) -> None:
    spotify.control(revoke_refresh_tokens=True, expire_access_tokens=True)

    refused = spotify.ask_for_token(grant_type="refresh_token", refresh_token=REFRESH_TOKEN)

    assert refused.json()["error"] == "invalid_grant"
    assert spotify.get("me").status_code == 401
    assert exchange(spotify, answer_of(log_in(spotify))["code"][0]).status_code == 200


def test_other_grants_do_not_exist(spotify: Any) -> None:
    reply = spotify.ask_for_token(grant_type="password")

    assert reply.json()["error"] == "unsupported_grant_type"
