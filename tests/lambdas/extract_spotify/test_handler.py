import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from extract_spotify import handler
from tests.lambdas.extraction import Extraction
from tests.lambdas.local_aws import BUCKET, SECRET, TABLE
from tonearm_pipeline.errors import BadEventError, SettingsError


class Context(LambdaContext):
    """What Powertools and the deadline read of a Lambda context."""

    _function_name = "extract_spotify"
    _memory_limit_in_mb = 512
    _invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:extract_spotify"
    _aws_request_id = "request-1"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 900_000


@pytest.fixture(autouse=True)
def environment(extraction: Extraction, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUCKET", BUCKET)
    monkeypatch.setenv("STATE_TABLE", TABLE)
    monkeypatch.setenv("SPOTIFY_SECRET_ARN", SECRET)
    monkeypatch.setenv("SPOTIFY_API_URL", extraction.spotify.api_url.rstrip("/"))
    monkeypatch.setenv("SPOTIFY_TOKEN_URL", extraction.spotify.token_url)
    handler._deps.cache_clear()


def test_the_handler_reads_a_plan_to_its_end(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("one", 3)
    run_id = extraction.plan(playlist.uri)

    event = {"run_id": run_id, "plan_key": f"runs/{run_id}/plan.json"}
    answer = handler.lambda_handler(event, Context())

    assert answer == {
        "status": "done",
        "manifest_key": f"raw/{run_id}/manifest.json",
        "changed": True,
        "resume_at": "",
        "wait_seconds": 0,
        "counts": {"playlists": 1, "unchanged": 0, "refused": 0, "entries": 3, "calls": 1},
    }


def test_a_missing_field_is_named() -> None:
    with pytest.raises(BadEventError, match="plan_key"):
        handler.lambda_handler({"run_id": "x"}, Context())


def test_missing_settings_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BUCKET", "STATE_TABLE", "SPOTIFY_SECRET_ARN"):
        monkeypatch.delenv(name)

    with pytest.raises(SettingsError, match=r"BUCKET.*STATE_TABLE.*SPOTIFY_SECRET_ARN"):
        handler.lambda_handler({"run_id": "x", "plan_key": "y"}, Context())
