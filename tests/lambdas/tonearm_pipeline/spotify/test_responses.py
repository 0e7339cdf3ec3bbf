import pytest

from tonearm_pipeline.errors import (
    AccessRefusedError,
    RateLimitedError,
    SpotifyUnavailableError,
)
from tonearm_pipeline.spotify.responses import (
    Answer,
    EndpointGoneError,
    Shape,
    SourceRefusedError,
    TokenExpiredError,
    endpoint_of,
    problem_with,
    reason_in,
    shape_of,
)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(Answer(200, None, Shape.EMPTY, "me"), SpotifyUnavailableError, id="empty"),
        pytest.param(Answer(200, None, Shape.HTML, "me"), SpotifyUnavailableError, id="html"),
        pytest.param(Answer(401, None, Shape.OBJECT, "me"), TokenExpiredError, id="401"),
        pytest.param(
            Answer(403, None, Shape.TEXT, "playlists/{id}"), SourceRefusedError, id="403 text"
        ),
        pytest.param(
            Answer(403, None, Shape.HTML, "playlists/{id}"), SpotifyUnavailableError, id="403 html"
        ),
        pytest.param(Answer(404, None, Shape.OBJECT, "albums"), EndpointGoneError, id="batch"),
        pytest.param(
            Answer(404, None, Shape.OBJECT, "albums/{id}"), SourceRefusedError, id="single"
        ),
        pytest.param(Answer(429, None, Shape.EMPTY, "me"), RateLimitedError, id="429"),
        pytest.param(Answer(503, None, Shape.HTML, "me"), SpotifyUnavailableError, id="503"),
        pytest.param(Answer(405, None, Shape.OBJECT, "me"), AccessRefusedError, id="405"),
    ],
)
def test_the_table_names_one_error_for_each_answer(answer: Answer, error: type) -> None:
    assert type(problem_with(answer)) is error


def test_a_good_answer_is_no_problem() -> None:
    assert problem_with(Answer(200, None, Shape.OBJECT, "me")) is None


@pytest.mark.parametrize(
    ("reason", "seconds", "expected"),
    [(None, None, 30), ("QUOTA_EXCEEDED", None, 3600), ("QUOTA_EXCEEDED", 48925, 48925)],
)
def test_a_limit_carries_its_wait(reason: str | None, seconds: int | None, expected: int) -> None:
    problem = problem_with(Answer(429, reason, Shape.OBJECT, "me", seconds))

    assert isinstance(problem, RateLimitedError)
    assert (problem.retry_after_seconds, problem.reason) == (expected, reason)


@pytest.mark.parametrize(
    "parsed", [None, [], {}, {"error": "invalid_client"}, {"error": None}, {"error": {"type": 1}}]
)
def test_an_error_body_of_any_shape_has_no_reason(parsed: object) -> None:
    assert reason_in(parsed) is None


def test_shapes_and_endpoints_are_told_apart() -> None:
    assert shape_of(b"  ", None) is Shape.EMPTY
    assert shape_of(b" <html>", None) is Shape.HTML
    assert shape_of(b"User not approved", None) is Shape.TEXT
    assert shape_of(b"[]", []) is Shape.OTHER_JSON
    assert endpoint_of("playlists/37i9dQZF1DXcBWIGoYBM5M/items") == "playlists/{id}/items"
