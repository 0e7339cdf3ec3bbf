"""Signing in: settings, the private key, and what a refusal or a silence of Snowflake means."""

from typing import Any, NamedTuple

import boto3
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
from snowflake.connector import errors as snowflake_errors

from confirm_load.private_key import PrivateKey
from confirm_load.settings import Settings, WarehouseSettings
from confirm_load.warehouse import SnowflakeWarehouse, open_warehouse
from tonearm_pipeline.errors import (
    SettingsError,
    WarehouseNotWiredError,
    WarehouseUnavailableError,
)

SECRET = "tonearm/snowflake-key"
WIRED = WarehouseSettings(
    account="myorg-myaccount",
    user="tonearm_service",
    role="tonearm_loader",
    warehouse="tonearm",
    database="TONEARM",
    key_secret_arn=SECRET,
    host="",
    port=0,
    protocol="https",
)


@pytest.fixture(scope="module")
def private() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def key(aws: None, private: rsa.RSAPrivateKey) -> PrivateKey:
    secrets = boto3.client("secretsmanager")
    secrets.create_secret(Name=SECRET, SecretString=pem_of(private))
    return PrivateKey(secrets, SECRET)


def pem_of(private: rsa.RSAPrivateKey) -> str:
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_the_key_is_read_once_and_given_as_the_connector_takes_it(
    key: PrivateKey, private: rsa.RSAPrivateKey
) -> None:
    first = key.der()
    boto3.client("secretsmanager").put_secret_value(SecretId=SECRET, SecretString="gone")

    assert key.der() is first
    loaded = load_der_private_key(first, None)
    assert isinstance(loaded, rsa.RSAPrivateKey)
    assert loaded.private_numbers() == private.private_numbers()


def test_a_rotated_key_is_read_after_it_was_forgotten(key: PrivateKey) -> None:
    first = key.der()
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    boto3.client("secretsmanager").put_secret_value(SecretId=SECRET, SecretString=pem_of(other))

    key.forget()

    assert key.der() != first


def test_the_key_is_never_shown(key: PrivateKey) -> None:
    key.der()

    assert repr(key) == f"PrivateKey({SECRET})"


def test_a_missing_secret_means_not_wired(aws: None) -> None:
    missing = PrivateKey(boto3.client("secretsmanager"), "nowhere")

    with pytest.raises(WarehouseNotWiredError, match="missing or empty"):
        missing.der()


def test_what_is_no_key_means_not_wired(aws: None, private: rsa.RSAPrivateKey) -> None:
    secrets = boto3.client("secretsmanager")
    locked = private.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"password")
    ).decode()
    for name, text in (("empty", "{}"), ("cut", pem_of(private)[:200]), ("locked", locked)):
        secrets.create_secret(Name=name, SecretString=text)

        with pytest.raises(WarehouseNotWiredError, match="no unencrypted PEM private key") as told:
            PrivateKey(secrets, name).der()
        assert "BEGIN" not in str(told.value)


class Refusal(NamedTuple):
    """What the connector raises at login and what it means."""

    id: str
    raised: Exception
    meant: type[Exception]


REFUSALS = (
    Refusal(
        "key refused",
        snowflake_errors.DatabaseError(msg="JWT token is invalid", errno=390144),
        WarehouseNotWiredError,
    ),
    Refusal(
        "user unknown",
        snowflake_errors.ProgrammingError(msg="Incorrect username", errno=390100),
        WarehouseNotWiredError,
    ),
    Refusal(
        "account forbidden",
        snowflake_errors.ForbiddenError(msg="403", errno=250001),
        WarehouseNotWiredError,
    ),
    Refusal(
        "account unknown",
        snowflake_errors.HttpError(msg="404 Not Found", errno=290404),
        WarehouseNotWiredError,
    ),
    Refusal(
        "no connection",
        snowflake_errors.OperationalError(msg="could not connect", errno=250001),
        WarehouseUnavailableError,
    ),
    Refusal(
        "server error",
        snowflake_errors.HttpError(msg="503", errno=290503),
        WarehouseUnavailableError,
    ),
    Refusal(
        "busy",
        snowflake_errors.ServiceUnavailableError(msg="503", errno=250001),
        WarehouseUnavailableError,
    ),
)


@pytest.mark.parametrize("refusal", REFUSALS, ids=[refusal.id for refusal in REFUSALS])
def test_a_refused_login_is_told_apart_from_silence(
    key: PrivateKey, monkeypatch: pytest.MonkeyPatch, refusal: Refusal
) -> None:
    def refuse(**_: Any) -> None:
        raise refusal.raised

    monkeypatch.setattr(snowflake.connector, "connect", refuse)

    with pytest.raises(refusal.meant) as told, open_warehouse(WIRED, key):
        pass

    assert "tonearm_service@myorg-myaccount" in str(told.value)


def test_the_login_is_by_key_pair_with_timeouts(
    key: PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: dict[str, Any] = {}

    class Connection:
        is_closed = False

        def close(self) -> None:
            self.is_closed = True

    connection = Connection()

    def connect(**arguments: Any) -> Connection:
        taken.update(arguments)
        return connection

    monkeypatch.setattr(snowflake.connector, "connect", connect)

    with open_warehouse(WIRED, key):
        assert not connection.is_closed

    assert connection.is_closed
    assert taken["private_key"] == key.der()
    assert taken["authenticator"] == "SNOWFLAKE_JWT"
    assert taken["login_timeout"] > 0
    assert taken["network_timeout"] > 0
    assert "password" not in taken
    assert "host" not in taken
    assert "port" not in taken


class Statement(NamedTuple):
    """What the connector raises for a statement and what it means."""

    id: str
    raised: Exception
    meant: type[Exception]


STATEMENTS = (
    Statement(
        "no such table",
        snowflake_errors.ProgrammingError(msg="Object does not exist", errno=2003),
        WarehouseNotWiredError,
    ),
    Statement(
        "statement timed out",
        snowflake_errors.ProgrammingError(msg="reached its timeout", errno=630),
        WarehouseUnavailableError,
    ),
    Statement(
        "connection lost",
        snowflake_errors.OperationalError(msg="250003", errno=250003),
        WarehouseUnavailableError,
    ),
)


@pytest.mark.parametrize("statement", STATEMENTS, ids=[one.id for one in STATEMENTS])
def test_a_refused_statement_is_told_apart_from_silence(statement: Statement) -> None:
    class Cursor:
        def __enter__(self) -> "Cursor":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def execute(self, sql: str, values: object, timeout: int) -> None:
            raise statement.raised

    class Connection:
        def cursor(self) -> Cursor:
            return Cursor()

    with pytest.raises(statement.meant):
        SnowflakeWarehouse(Connection(), "TONEARM").landing_counts(["songs"], "r1", 1)


@pytest.mark.parametrize("field", ["account", "key_secret_arn"])
def test_a_stack_without_snowflake_says_what_to_run(key: PrivateKey, field: str) -> None:
    unwired = WarehouseSettings(**{**vars(WIRED), field: ""})

    with (
        pytest.raises(WarehouseNotWiredError, match="tonearm snowflake deploy"),
        open_warehouse(unwired, key),
    ):
        pass


def test_only_the_bucket_must_be_set() -> None:
    settings = Settings.from_env({"BUCKET": "tonearm-bucket"})

    assert settings.snowflake.account == ""
    assert settings.snowflake.database == "TONEARM"
    assert (settings.max_tries, settings.refresh_after.total_seconds()) == (45, 300)


def test_everything_wrong_is_listed_at_once() -> None:
    with pytest.raises(SettingsError) as told:
        Settings.from_env(
            {"LOAD_MAX_TRIES": "0", "SNOWFLAKE_PORT": "x", "SNOWFLAKE_PROTOCOL": "ftp"}
        )

    for name in ("BUCKET", "LOAD_MAX_TRIES", "SNOWFLAKE_PORT", "SNOWFLAKE_PROTOCOL"):
        assert name in str(told.value)


def test_a_database_that_is_no_plain_name_is_refused() -> None:
    with pytest.raises(SettingsError, match="SNOWFLAKE_DATABASE must be a plain identifier"):
        Settings.from_env({"BUCKET": "tonearm-bucket", "SNOWFLAKE_DATABASE": "a; drop table b"})
