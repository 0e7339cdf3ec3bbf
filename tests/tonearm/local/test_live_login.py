"""The login of a live run: read from a file of its owner's, and a new refresh token kept there."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tonearm.errors import OperatorError
from tonearm.local.live_login import LIVE_API_URL, keep_renewed, live_spotify, read_login
from tonearm.login import keep_in_file

LOGIN = {
    "client_id": "app",
    "client_secret": "hush",
    "refresh_token": "first",
    "authorized_at": "2026-11-01T00:00:00+00:00",
}


@pytest.fixture
def login_file(tmp_path: Path) -> Path:
    path = tmp_path / "spotify.json"
    keep_in_file(path, LOGIN)
    return path


@pytest.fixture
def secrets() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("secretsmanager", region_name="us-east-1")


def test_the_file_is_what_the_run_logs_in_with(login_file: Path) -> None:
    spotify = live_spotify({}, login_file)

    # With its date, so that the run can tell how long the login lasts.
    assert spotify.secret == LOGIN
    assert spotify.api_url == LIVE_API_URL
    assert spotify.fake_arguments is None


def test_without_a_file_the_environment_serves() -> None:
    env = {
        "SPOTIFY_CLIENT_ID": "a",
        "SPOTIFY_CLIENT_SECRET": "b",
        "SPOTIFY_REFRESH_TOKEN": "c",
    }

    assert live_spotify(env).secret == {
        "client_id": "a",
        "client_secret": "b",
        "refresh_token": "c",
    }


def test_a_file_that_others_can_read_is_refused_with_the_cure(login_file: Path) -> None:
    login_file.chmod(0o640)

    with pytest.raises(OperatorError, match="chmod 600"):
        read_login(login_file)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "holds no JSON"),
        ("[]", "misses client_id, client_secret, refresh_token"),
        ('{"client_id": "app", "client_secret": "hush"}', "misses refresh_token"),
    ],
)
def test_a_file_without_a_login_is_named_with_the_cure(
    login_file: Path, text: str, says: str
) -> None:
    login_file.write_text(text)

    with pytest.raises(OperatorError, match=says) as caught:
        read_login(login_file)
    assert "tonearm login --file" in str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_new_refresh_token_of_the_session_is_kept_in_the_file(
    login_file: Path, secrets: Any
) -> None:
    text = json.dumps(LOGIN | {"refresh_token": "second"})
    arn = secrets.create_secret(Name="spotify", SecretString=text)["ARN"]

    assert keep_renewed(secrets, arn, login_file)

    assert read_login(login_file) == LOGIN | {"refresh_token": "second"}
    assert stat.S_IMODE(login_file.stat().st_mode) == 0o600


def test_the_same_refresh_token_leaves_the_file_alone(login_file: Path, secrets: Any) -> None:
    arn = secrets.create_secret(Name="spotify", SecretString=json.dumps(LOGIN))["ARN"]
    login_file.write_text(json.dumps(LOGIN, indent=2))

    assert not keep_renewed(secrets, arn, login_file)

    assert login_file.read_text() == json.dumps(LOGIN, indent=2)
