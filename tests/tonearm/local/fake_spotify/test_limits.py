import time
from typing import Any

from tonearm.local.fake_spotify.limits import Allowance, RollingWindow


def test_there_is_no_limit_unless_one_is_set(spotify: Any) -> None:
    assert {spotify.get("me").status_code for _ in range(60)} == {200}


def test_requests_above_the_rate_are_told_when_to_come_back(spotify: Any) -> None:
    spotify.control(rate_limit={"requests": 3, "window_seconds": 30})

    answers = [spotify.get("me") for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert 29 <= int(answers[4].headers["Retry-After"]) <= 30
    assert "reason" not in answers[4].json()["error"]
    spotify.control(advance_seconds=30)
    assert spotify.get("me").status_code == 200
    spotify.control(rate_limit=None)
    assert {spotify.get("me").status_code for _ in range(5)} == {200}


def test_the_daily_quota_says_so_and_ends_with_its_window(spotify: Any) -> None:
    spotify.control(daily_quota={"requests": 2})

    answers = [spotify.get("me") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json() == {
        "error": {"status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}
    }
    assert int(answers[2].headers["Retry-After"]) > 86_000
    spotify.control(advance_seconds=86_400)
    spotify.token = spotify.new_token()
    assert spotify.get("me").status_code == 200


def test_a_window_rolls() -> None:
    window = RollingWindow(Allowance(2, 10))

    window.count(0)
    window.count(4)

    assert [window.seconds_to_wait(now) for now in (4.5, 9.2, 10, 13.9)] == [6, 1, 0, 0]
    window.count(10)
    assert window.seconds_to_wait(13.5) == 1
    assert window.seconds_to_wait(14) == 0


def test_latency_makes_every_answer_wait(spotify: Any) -> None:
    spotify.control(latency_ms=120)

    begun = time.monotonic()
    spotify.body("me")

    assert time.monotonic() - begun >= 0.12
