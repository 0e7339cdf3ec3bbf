"""The login against the fake Spotify's accounts service, over real HTTP."""

import json
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import boto3
import pytest
import requests
from moto import mock_aws

from tonearm import login
from tonearm.errors import OperatorError
from tonearm.local import fake_spotify, processes


@pytest.fixture(scope="module")
def accounts_url() -> Iterator[str]:
    with fake_spotify.running() as url:
        yield url


@pytest.fixture
def app(accounts_url: str) -> login.App:
    return login.App(
        fake_spotify.CLIENT_ID,
        fake_spotify.CLIENT_SECRET,
        port=processes.free_port(),
        accounts_url=accounts_url,
    )


def browser(url: str) -> None:
    """A user who agrees: follows the redirect to the callback."""
    threading.Thread(target=requests.get, args=(url,), kwargs={"timeout": 10}).start()


def test_a_login_gives_a_secret_that_refreshes(app: login.App) -> None:
    secret = login.log_in(app, browser, wait_seconds=20)

    assert set(secret) == {"client_id", "client_secret", "refresh_token", "authorized_at"}
    reply = requests.post(
        f"{app.accounts_url}/api/token",
        data={"grant_type": "refresh_token", "refresh_token": secret["refresh_token"]},
        auth=(app.client_id, app.client_secret),
        timeout=10,
    )
    assert reply.ok


def test_a_wrong_app_secret_says_what_to_check(app: login.App) -> None:
    with pytest.raises(OperatorError, match=r"gave no token.*redirect URI"):
        login.log_in(replace(app, client_secret="wrong"), browser, wait_seconds=20)


def test_another_logins_answer_is_refused() -> None:
    with pytest.raises(OperatorError, match="another login"):
        login.code_from({"state": "theirs", "code": "x"}, "ours")


def test_a_user_who_refuses_is_told() -> None:
    with pytest.raises(OperatorError, match="access_denied"):
        login.code_from({"state": "ours", "error": "access_denied"}, "ours")


def test_nobody_coming_back_is_an_error(app: login.App) -> None:
    with pytest.raises(OperatorError, match="nobody logged in"):
        login.log_in(app, lambda _: None, wait_seconds=0.2)


def test_an_accounts_service_that_does_not_answer_is_named(app: login.App) -> None:
    nobody = replace(app, accounts_url=f"http://127.0.0.1:{processes.free_port()}")

    with pytest.raises(
        OperatorError, match=r"127\.0\.0\.1:\d+ does not answer \(ConnectionError\)"
    ):
        login.exchange(nobody, "code")


def test_a_connection_a_browser_opened_ahead_does_not_stop_the_login(app: login.App) -> None:
    with ExitStack() as open_connections:

        def browser_with_an_idle_connection(url: str) -> None:
            address = ("127.0.0.1", app.port)
            open_connections.enter_context(socket.create_connection(address))
            browser(url)

        secret = login.log_in(app, browser_with_an_idle_connection, wait_seconds=20)

    assert secret["refresh_token"]


def test_a_port_in_use_is_named(app: login.App) -> None:
    with login._callback_server(app), pytest.raises(OperatorError, match="in use"):
        login.log_in(app, lambda _: None, wait_seconds=0.2)


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "spotify.json"
    path.write_text("old")
    path.chmod(0o644)

    login.keep_in_file(path, {"refresh_token": "x"})

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text()) == {"refresh_token": "x"}


@mock_aws
def test_the_stacks_secret_gets_it() -> None:
    client = boto3.client("secretsmanager", region_name="us-east-1")
    arn = client.create_secret(Name="tonearm/spotify")["ARN"]

    login.keep_in_stack(client, arn, {"refresh_token": "x"})

    assert json.loads(client.get_secret_value(SecretId=arn)["SecretString"]) == {
        "refresh_token": "x"
    }


def test_no_secret_shows_in_a_repr(app: login.App) -> None:
    assert fake_spotify.CLIENT_SECRET not in repr(app)
