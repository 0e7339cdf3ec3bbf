"""Every kind of fault, as a client sees it through requests."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from requests import exceptions

from tonearm.local.fake_spotify.faults import KINDS, FaultScript, parse_fault

HEALTHY = "me/playlists"


def error_of(response: requests.Response) -> Any:
    return response.json()["error"]


def sees_rate_limit(spotify: Any) -> None:
    response = spotify.get(HEALTHY)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "3")
    assert error_of(response) == {"status": 429, "message": "API rate limit exceeded"}


def sees_quota(spotify: Any) -> None:
    response = spotify.get(HEALTHY)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "46800")
    assert error_of(response)["reason"] == "QUOTA_EXCEEDED"


def sees_status(status: int, message: str) -> Callable[[Any], None]:
    def sees(spotify: Any) -> None:
        response = spotify.get(HEALTHY)
        assert response.status_code == status
        assert error_of(response) == {"status": status, "message": message}

    return sees


def sees_expired_tokens(spotify: Any) -> None:
    assert error_of(spotify.get(HEALTHY))["message"] == "The access token expired"
    assert spotify.get(HEALTHY).status_code == 401
    spotify.token = spotify.new_token()


def sees_invalid_grant(spotify: Any) -> None:
    assert spotify.get(HEALTHY).status_code == 200
    response = spotify.ask_for_token(grant_type="refresh_token", refresh_token="x")
    assert response.status_code == 400
    assert response.json() == {
        "error": "invalid_grant",
        "error_description": "Refresh token expired",
    }


def sees_reset(spotify: Any) -> None:
    with pytest.raises(exceptions.ConnectionError, match="Connection reset by peer"):
        spotify.get(HEALTHY)


def sees_silence(spotify: Any) -> None:
    headers = {"Authorization": f"Bearer {spotify.token}"}
    begun = time.monotonic()
    with pytest.raises(exceptions.ReadTimeout):
        spotify.session.get(f"{spotify.url}/v1/{HEALTHY}", headers=headers, timeout=0.4)
    assert time.monotonic() - begun < 5


def sees_drip(spotify: Any) -> None:
    begun = time.monotonic()
    body = spotify.body(HEALTHY)
    assert time.monotonic() - begun >= 0.5
    assert body["items"]


def sees_half_of_the_json(spotify: Any) -> None:
    response = spotify.get(HEALTHY)
    assert response.status_code == 200
    assert len(response.content) == int(response.headers["Content-Length"])
    with pytest.raises(requests.JSONDecodeError):
        response.json()


def sees_the_connection_end(spotify: Any) -> None:
    with pytest.raises(exceptions.ChunkedEncodingError, match="IncompleteRead"):
        spotify.get(HEALTHY)


def sees_html(spotify: Any) -> None:
    response = spotify.get(HEALTHY)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    assert response.text.startswith("<!DOCTYPE html>")


def sees_nothing(spotify: Any) -> None:
    response = spotify.get(HEALTHY)
    assert (response.status_code, response.content) == (200, b"")


def sees_a_wrong_total(spotify: Any) -> None:
    body = spotify.body(HEALTHY)
    assert body["total"] == spotify.body(HEALTHY)["total"] + 7


def sees_its_own_address(spotify: Any) -> None:
    response = spotify.get(HEALTHY, limit=5)
    assert response.json()["next"] == response.url


def sees_another_host(spotify: Any) -> None:
    body = spotify.body(HEALTHY, limit=5)
    assert body["next"].startswith("https://api.example.com/v1/me/playlists?offset=5")


def sees_a_changed_playlist(spotify: Any) -> None:
    path = f"playlists/{spotify.playlists()['Band practice']['id']}"
    spotify.control(faults=[{"kind": "playlist_edited", "path": r"items\?.*offset=10"}])
    before, first = spotify.body(path), spotify.body(f"{path}/items", limit=10)
    second, after = spotify.body(f"{path}/items", limit=10, offset=10), spotify.body(path)
    assert second["total"] == first["total"] - 1
    assert second["items"][0] == before["items"]["items"][11]
    assert before["snapshot_id"] != after["snapshot_id"]
    assert after["items"]["items"] == before["items"]["items"][1:]


SEEN: dict[str, tuple[dict[str, Any], Callable[[Any], None]]] = {
    "rate_limited": ({}, sees_rate_limit),
    "quota_exceeded": ({}, sees_quota),
    "unauthorized": ({}, sees_status(401, "The access token expired")),
    "tokens_expired": ({}, sees_expired_tokens),
    "invalid_grant": ({}, sees_invalid_grant),
    "forbidden": ({}, sees_status(403, "Forbidden")),
    "not_found": ({}, sees_status(404, "Resource not found")),
    "server_error": ({"status": 502, "message": "Bad gateway"}, sees_status(502, "Bad gateway")),
    "connection_reset": ({}, sees_reset),
    "timeout": ({}, sees_silence),
    "slow_drip": ({"seconds": 0.5, "chunks": 5}, sees_drip),
    "truncated_json": ({}, sees_half_of_the_json),
    "cut_off": ({}, sees_the_connection_end),
    "html_body": ({}, sees_html),
    "empty_body": ({}, sees_nothing),
    "wrong_total": ({}, sees_a_wrong_total),
    "repeated_next": ({}, sees_its_own_address),
    "foreign_next": ({}, sees_another_host),
    "playlist_edited": ({"times": 1, "path": "nothing"}, sees_a_changed_playlist),
}


def test_an_expired_refresh_token_is_no_matter_of_a_login(spotify: Any) -> None:
    spotify.control(faults=[{"kind": "invalid_grant"}])

    other = spotify.ask_for_token(grant_type="authorization_code", code="x", redirect_uri="y")

    assert other.json()["error_description"] == "Invalid authorization code"
    sees_invalid_grant(spotify)


def test_no_kind_of_fault_is_left_unseen() -> None:
    assert SEEN.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_client_sees_the_fault_once_and_then_a_healthy_api(spotify: Any, kind: str) -> None:
    given, sees = SEEN[kind]
    healthy = spotify.body(HEALTHY)["items"][:10]
    spotify.control(faults=[{"kind": kind, **given}])

    sees(spotify)

    (fault, *_) = spotify.control()["faults"]
    assert fault["happened"] == 1
    spotify.control(reset=True)
    assert spotify.body(HEALTHY)["items"][:10] == healthy


def test_the_log_tells_what_went_wrong(spotify: Any) -> None:
    spotify.control(reset=True, faults=[{"kind": "server_error"}])

    spotify.get("me", market="SE")
    spotify.get("me")

    assert spotify.look("requests") == [
        {"method": "GET", "path": "/v1/me", "params": {"market": "SE"}, "status": 503}
        | {"fault": "server_error"},
        {"method": "GET", "path": "/v1/me", "params": {}, "status": 200, "fault": None},
    ]


def statuses(spotify: Any, *paths: str) -> list[int]:
    return [spotify.get(path).status_code for path in paths]


def test_a_fault_can_wait_for_the_nth_call_and_happen_several_times(spotify: Any) -> None:
    spotify.control(faults=[{"kind": "forbidden", "nth": 2, "times": 2}])

    assert statuses(spotify, *["me"] * 5) == [200, 403, 403, 200, 200]


def test_a_fault_can_happen_for_ever(spotify: Any) -> None:
    spotify.control(faults=[{"kind": "forbidden", "times": None}])

    assert statuses(spotify, *["me"] * 4) == [403] * 4


def test_a_fault_chooses_its_requests_by_path_query_and_method(spotify: Any) -> None:
    spotify.control(
        faults=[
            {"kind": "not_found", "path": r"me/tracks\?.*offset=20", "times": None},
            {"kind": "forbidden", "method": "POST", "times": None},
        ]
    )

    seen = statuses(spotify, "me", "me/tracks", "me/tracks?offset=20", "me/tracks?offset=40")

    assert seen == [200, 200, 404, 200]


def test_two_faults_due_at_one_request_take_turns(spotify: Any) -> None:
    spotify.control(faults=[{"kind": "forbidden", "nth": 2}, {"kind": "not_found", "nth": 2}])

    assert statuses(spotify, *["me"] * 4) == [200, 403, 404, 200]


def test_a_fault_may_concern_the_token_endpoint(spotify: Any) -> None:
    spotify.control(faults=[{"kind": "server_error", "path": "^/api/token"}])

    seen = [spotify.ask_for_token(grant_type="client_credentials").status_code for _ in range(2)]

    assert seen == [503, 200]


def test_a_timeout_that_nobody_waits_for_ends_with_its_seconds(spotify: Any) -> None:
    spotify.control(faults=[{"kind": "timeout", "seconds": 0.2}])

    with pytest.raises(exceptions.ConnectionError):
        spotify.get("me")

    assert spotify.look("requests")[-1]["status"] is None


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"kind": "flood"}, "unknown fault kind 'flood'"),
        ({}, "unknown fault kind None"),
        ("forbidden", "a fault is an object with a kind"),
        ({"kind": "forbidden", "retry_after": 3}, "unknown key retry_after"),
        ({"kind": "forbidden", "path": "("}, "not a regular expression"),
        ({"kind": "forbidden", "nth": 0}, "nth must be a whole number from 1"),
        ({"kind": "forbidden", "nth": None}, "nth must be a whole number from 1"),
        ({"kind": "forbidden", "times": "2"}, "times must be a whole number from 1"),
        ({"kind": "slow_drip", "seconds": "long"}, "seconds must be like 5.0"),
        ({"kind": "rate_limited", "retry_after": -1}, "retry_after must be like 3"),
        ({"kind": "rate_limited", "retry_after": True}, "retry_after must be like 3"),
        ({"kind": "playlist_edited", "position": 0.5}, "position must be like 0"),
        ({"kind": "playlist_edited", "edit": "burn"}, "unknown edit 'burn'"),
    ],
)
def test_a_wrong_fault_is_refused_and_changes_nothing(
    spotify: Any, fault: Any, message: str
) -> None:
    wanted = {"mode": "extended", "faults": [{"kind": "forbidden"}, fault]}

    response = spotify.session.post(f"{spotify.url}/_control", data=json.dumps(wanted), timeout=5)

    assert response.status_code == 400
    assert message in response.json()["error"]
    assert spotify.control()["mode"] == "development"
    assert spotify.control()["faults"] == []


def test_every_request_is_counted_for_every_fault() -> None:
    script = FaultScript(
        [
            parse_fault({"kind": "forbidden", "path": "a", "nth": 1}),
            parse_fault({"kind": "not_found", "path": "b|a", "nth": 3}),
        ]
    )

    happened = [script.next_for("GET", path) for path in ("a", "b", "a", "b")]

    assert [fault.kind if fault else None for fault in happened] == [
        "forbidden",
        None,
        "not_found",
        None,
    ]
