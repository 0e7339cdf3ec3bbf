"""Connections by name: read as the connector reads them, opened as their file says."""

from pathlib import Path
from typing import Any

import pytest
import snowflake.connector

from tests.tonearm.warehouse.connection_home import connections_in
from tonearm.errors import OperatorError
from tonearm.warehouse.connect import STATEMENT_SECONDS
from tonearm.warehouse.named_connections import (
    NamedConnection,
    connect_named,
    default_connection,
    named_connection,
)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr(snowflake.connector, "connect", lambda **options: calls.append(options))
    return calls


def silent(line: str) -> None:
    pytest.fail(f"told: {line}")


def test_a_connection_has_what_its_file_says_and_shows_none_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections_in(tmp_path, monkeypatch)

    found = named_connection("prod", silent)

    assert (found.account, found.user, found.address) == ("ORG-PROD", "ME", ("", 0, ""))
    assert "ORG-PROD" not in repr(found)


def test_an_unknown_name_lists_those_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = connections_in(tmp_path, monkeypatch)

    with pytest.raises(OperatorError) as caught:
        named_connection("staging", silent)

    assert caught.value.message == "there is no connection staging (known: ci, dev, prod)"
    assert str(file) in caught.value.fix


def test_without_any_file_no_name_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connections_in(tmp_path, monkeypatch, connections="")

    assert default_connection(silent) is None
    with pytest.raises(OperatorError, match=r"known: none: no file names any"):
        named_connection("dev", silent)


def test_the_default_is_the_one_the_configuration_names_or_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections_in(tmp_path, monkeypatch, config='default_connection_name = "prod"\n')

    found = default_connection(silent)
    monkeypatch.setenv("SNOWFLAKE_DEFAULT_CONNECTION_NAME", "dev")
    by_variable = default_connection(silent)

    assert [each.name for each in (found, by_variable) if each] == ["prod", "dev"]


def test_connections_of_the_configuration_count_when_there_is_no_file_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = '[connections.home]\naccount = "ORG-HOME"\n'
    connections_in(tmp_path, monkeypatch, connections="", config=config)

    assert named_connection("home", silent).account == "ORG-HOME"


def test_a_file_others_can_read_is_told_once_with_its_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = connections_in(tmp_path, monkeypatch, mode=0o644)
    told: list[str] = []

    named_connection("dev", told.append)

    assert told == [f'{file} can be read by others, or is not yours: run `chmod 0600 "{file}"`']


def test_a_file_others_can_write_is_refused_with_its_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = connections_in(tmp_path, monkeypatch, mode=0o666)

    with pytest.raises(OperatorError) as caught:
        named_connection("dev", silent)

    assert caught.value.message == f"{file} can be written by others"
    assert caught.value.fix == f'run `chmod 0600 "{file}"`'


def test_a_file_that_is_no_toml_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = connections_in(tmp_path, monkeypatch, connections="[dev\n")

    with pytest.raises(OperatorError, match="valid TOML") as caught:
        named_connection("dev", silent)

    assert str(file) in caught.value.message


def test_a_session_keeps_the_authenticator_and_has_our_role_limit_and_time_zone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[dict[str, Any]]
) -> None:
    connections_in(tmp_path, monkeypatch)

    connect_named(named_connection("ci", silent), "ACCOUNTADMIN", "")

    (options,) = opened
    assert (options["connection_name"], options["role"]) == ("ci", "ACCOUNTADMIN")
    assert options["network_timeout"] == STATEMENT_SECONDS
    parameters = options["session_parameters"]
    assert (parameters["TIMEZONE"], parameters["WEEK_START"]) == ("UTC", 1)
    assert not {"user", "account", "authenticator", "private_key"} & options.keys()


def test_a_key_file_is_known_by_both_its_names_and_its_passphrase_by_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[dict[str, Any]]
) -> None:
    connections_in(tmp_path, monkeypatch)

    connect_named(named_connection("dev", silent), "ACCOUNTADMIN", "word")

    (options,) = opened
    assert options["private_key_file"] == "me.p8"
    assert options["private_key_file_pwd"] == "word"


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("org-x.snowflakecomputing.com", ("", 0, "")),
        ("org-x.privatelink.snowflakecomputing.com", ("", 0, "")),
        ("127.0.0.1", ("127.0.0.1", 4711, "http")),
    ],
)
def test_only_a_host_the_account_does_not_lead_to_is_an_address(
    host: str, address: tuple[str, int, str]
) -> None:
    values = {"host": host, "port": 4711, "protocol": "http"}

    assert NamedConnection("x", values).address == address
