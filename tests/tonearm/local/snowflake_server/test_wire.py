"""The server as clients see it: the real connector over HTTP."""

import base64
import json
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from snowflake.connector.errors import DatabaseError, ProgrammingError

from tests.tonearm.local.snowflake_server.local_services import (
    fetched,
    first_line,
    process,
    session,
    snowflake_server,
)
from tonearm.warehouse.connect import ConnectionSettings, connect

NAIVE = datetime.fromisoformat("2024-05-01T06:00:01.123456")  # timestamp_ntz has no zone
MODULE = "tonearm.local.snowflake_server"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with snowflake_server() as port:
        yield port


def a_key() -> tuple[bytes, str]:
    """A private key as PEM and its public half as Snowflake takes it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return pem, base64.b64encode(public).decode()


def settings_for(port: int, user: str, pem: bytes) -> ConnectionSettings:
    return ConnectionSettings("local", user, pem, host="127.0.0.1", port=port, protocol="http")


def test_a_key_pair_is_checked_against_the_users_public_key(port: int) -> None:
    """https://docs.snowflake.com/en/user-guide/key-pair-auth."""
    mine, public = a_key()
    other, _ = a_key()
    with session(port) as admin:
        admin.cursor().execute(
            f"create user if not exists svc type = service rsa_public_key = '{public}'"
        )

    connect(settings_for(port, "svc", mine)).close()

    with pytest.raises(DatabaseError, match="JWT token is invalid") as told:
        connect(settings_for(port, "svc", other))
    assert told.value.errno == 390144
    with pytest.raises(DatabaseError, match="Incorrect username"), session(port, user="svc"):
        pass


def test_an_error_is_told_at_once_not_retried(port: int) -> None:
    started = time.monotonic()

    with session(port) as connection, pytest.raises(ProgrammingError) as told:
        connection.cursor().execute("selec nothing")

    assert told.value.errno == 1003
    assert time.monotonic() - started < 10


def test_values_of_all_types_arrive_and_null_is_null(port: int) -> None:
    sql = """select 1 as n, 'x' as t, true as b, '2024-05-01'::date as d,
        '2024-05-01 06:00:01.123456'::timestamp_ntz as at, 12.50::number(10, 2) as m,
        parse_json('{"a": 1}') as v
        union all select null, null, null, null, null, null, null order by n nulls last"""

    with session(port) as connection:
        first, second = fetched(connection, sql)

    expected = (1, "x", True, date(2024, 5, 1), NAIVE)
    assert first[:5] == expected
    assert (first[5], json.loads(first[6])) == (Decimal("12.50"), {"a": 1})
    assert second == (None,) * 7


def test_a_null_without_a_type_arrives(port: int) -> None:
    with session(port) as connection:
        assert fetched(connection, "select null as nothing") == [(None,)]


def test_times_before_1970_and_their_zone_arrive(port: int) -> None:
    with session(port) as connection:
        ((at,),) = fetched(
            connection, "select '1957-08-26 12:00:00.000001 +00:00'::timestamp_tz as heard_at"
        )

    assert at.astimezone(UTC) == datetime(1957, 8, 26, 12, 0, 0, 1, tzinfo=UTC)


def test_more_than_a_million_rows_come_back(port: int) -> None:
    sql = "select seq4() as n from table(generator(rowcount => 1000100))"

    with session(port) as connection:
        rows = fetched(connection, sql)

    assert len(rows) == 1_000_100


def test_values_can_be_bound_by_the_server(port: int) -> None:
    with session(port, paramstyle="qmark") as connection:
        cursor = connection.cursor()
        cursor.execute("create database if not exists bound")
        cursor.execute("create schema if not exists bound.s")
        cursor.execute("create or replace table bound.s.t (a varchar, n number)")
        cursor.executemany("insert into bound.s.t values (?, ?)", [("x", 1), ("y", 2)])
        assert cursor.rowcount == 2
        cursor.execute("select n from bound.s.t where a = ?", ("y",))
        assert cursor.fetchall() == [(2,)]


def test_a_result_is_described_before_it_is_fetched(port: int) -> None:
    with session(port) as connection:
        columns = connection.cursor().describe("select 1 as n, 'x' as t")

    assert [column.name for column in columns] == ["N", "T"]


def test_a_session_that_was_closed_is_gone(port: int) -> None:
    with session(port) as connection:
        pass

    with pytest.raises(DatabaseError):
        connection.cursor().execute("select 1")


def test_no_database_is_made_by_connecting_to_it(port: int) -> None:
    with session(port, database="not_there") as connection:
        found = fetched(connection, "show databases")

    assert "NOT_THERE" not in [row[1] for row in found]


def test_the_clock_is_moved_from_outside(port: int) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/_control", b'{"advance_seconds": 60}', method="POST"
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        told = json.load(answer)

    assert told["offset_seconds"] == 60


def test_everything_is_still_there_after_a_restart(tmp_path: Path) -> None:
    with (
        snowflake_server("--data", str(tmp_path), "--notification-channel", "arn:q") as port,
        session(port) as connection,
    ):
        for sql in (
            "create role keeper",
            "create storage integration i type = external_stage enabled = true"
            " storage_allowed_locations = ('s3://b/')",
            "create database kept",
            "create schema kept.s",
            "create file format kept.s.f type = parquet",
            "create stage kept.s.st url = 's3://b/' storage_integration = i",
            "create table kept.s.t (a varchar)",
            "insert into kept.s.t values ('x')",
            "create pipe kept.s.p auto_ingest = true as copy into kept.s.t from @kept.s.st"
            " file_format = (format_name = 'kept.s.f') match_by_column_name = case_insensitive",
        ):
            connection.cursor().execute(sql)

    with (
        snowflake_server("--data", str(tmp_path), "--notification-channel", "arn:q") as port,
        session(port) as connection,
    ):
        assert fetched(connection, "select a from kept.s.t") == [("x",)]
        assert len(fetched(connection, "show pipes in account")) == 1
        connection.cursor().execute("use role keeper")


def test_a_port_in_use_is_one_clear_line(port: int) -> None:
    with process(MODULE, "--port", str(port)) as second:
        out, err = second.communicate(timeout=60)

    assert second.returncode == 2
    assert out == ""
    assert err.splitlines() == [
        f"snowflake server: port {port} is not free: Address already in use"
    ]


def test_a_data_folder_in_use_is_one_clear_line(tmp_path: Path) -> None:
    arguments = ("--data", str(tmp_path))
    with snowflake_server(*arguments), process(MODULE, "--port", "0", *arguments) as second:
        _, err = second.communicate(timeout=60)

    assert second.returncode == 2
    assert len(err.splitlines()) == 1
    assert str(tmp_path) in err


def test_it_stops_cleanly_when_asked() -> None:
    with process(MODULE, "--port", "0") as started:
        assert first_line(started).startswith("listening on http://127.0.0.1:")
    assert started.returncode == 0
