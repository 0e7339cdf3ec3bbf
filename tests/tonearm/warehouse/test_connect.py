"""What a connection is opened with."""

from typing import Any

import pytest
import snowflake.connector
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from tonearm.warehouse.connect import (
    QUESTION_SECONDS,
    STATEMENT_SECONDS,
    ConnectionSettings,
    connect,
    seconds_for,
)
from tonearm.warehouse.keys import key_pair_of, private_key_der

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr(snowflake.connector, "connect", lambda **options: calls.append(options))
    return calls


def test_a_real_account_is_reached_by_name_with_a_key_and_a_time_limit(
    opened: list[dict[str, Any]],
) -> None:
    connect(ConnectionSettings("org-account", "svc", PEM, role="R", warehouse="W", database="D"))

    (options,) = opened
    assert options["authenticator"] == "SNOWFLAKE_JWT"
    assert load_der_private_key(options["private_key"], None)
    assert (options["role"], options["warehouse"], options["database"]) == ("R", "W", "D")
    assert options["login_timeout"] == 30
    assert "host" not in options
    assert "password" not in options


def test_the_local_server_is_reached_by_host_and_port(opened: list[dict[str, Any]]) -> None:
    connect(ConnectionSettings("local", "svc", PEM, host="127.0.0.1", port=1234, protocol="http"))

    (options,) = opened
    assert (options["host"], options["port"], options["protocol"]) == ("127.0.0.1", 1234, "http")
    assert "role" not in options


def test_an_encrypted_key_needs_its_passphrase(opened: list[dict[str, Any]]) -> None:
    pem = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))

    connect(ConnectionSettings("a", "u", pem, b"secret"))

    assert len(opened) == 1
    # One wrong passphrase in some hundred decrypts to something that is no key.
    with pytest.raises(ValueError, match=r"password|deserialize"):
        connect(ConnectionSettings("a", "u", pem, b"wrong"))
    for missing in (lambda: private_key_der(pem), lambda: key_pair_of(pem)):
        with pytest.raises(ValueError, match="encrypted"):
            missing()


def test_the_key_is_not_shown() -> None:
    assert "PRIVATE KEY" not in repr(ConnectionSettings("a", "u", PEM, b"passphrase"))
    assert "passphrase'" not in repr(ConnectionSettings("a", "u", PEM, b"passphrase"))


def test_a_statement_may_take_an_hour_and_snowflake_itself_ends_it_then(
    opened: list[dict[str, Any]],
) -> None:
    """The connector cancels what runs longer than `network_timeout`, the network silent or not."""
    connect(ConnectionSettings("a", "u", PEM))

    (options,) = opened
    assert options["network_timeout"] == STATEMENT_SECONDS == 3600
    assert options["session_parameters"]["STATEMENT_TIMEOUT_IN_SECONDS"] == STATEMENT_SECONDS


@pytest.mark.parametrize(
    ("sql", "seconds"),
    [
        ("show pipes in account", QUESTION_SECONDS),
        ("\n  select system$pipe_status('p')", QUESTION_SECONDS),
        ("desc integration i", QUESTION_SECONDS),
        ("create or alter dynamic table t as select 1", STATEMENT_SECONDS),
        ("alter dynamic table t refresh", STATEMENT_SECONDS),
        ("delete from t", STATEMENT_SECONDS),
    ],
)
def test_a_question_must_answer_soon_and_a_change_may_build_a_table(sql: str, seconds: int) -> None:
    assert seconds_for(sql) == seconds
