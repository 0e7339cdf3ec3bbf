"""Time zones and statement timeouts: https://docs.snowflake.com/en/sql-reference/parameters."""

import json
import time
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.snowflake.local_account import LocalAccount
from tests.tonearm.local.snowflake_server.files import ingest, put
from tests.tonearm.local.snowflake_server.local_services import fetched, session, snowflake_server
from tests.tonearm.local.snowflake_server.small_account import PIPE

LATE = "'2024-05-02 03:00:00 +00:00'::timestamp_tz"  # the day before, in California
ENDLESS = (
    "select count(*) from (select seq4() as n from table(generator(rowcount => 3000000))) as a"
    " inner join (select seq4() as m from table(generator(rowcount => 3000000))) as b"
    " on sqrt(a.n) + sqrt(b.m) = -1"
)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with snowflake_server() as port:
        yield port


def control(port: int, changes: dict[str, Any]) -> None:
    url = f"http://127.0.0.1:{port}/_control"
    request = urllib.request.Request(url, json.dumps(changes).encode(), method="POST")
    urllib.request.urlopen(request, timeout=10).close()


def day(account: LocalAccount) -> str:
    return str(account.value(f"select {LATE}::date"))


def test_a_session_nobody_told_reckons_in_california(account: LocalAccount) -> None:
    (told,) = account.rows("show parameters like 'timezone' in session")

    assert (told["value"], told["level"]) == ("America/Los_Angeles", "")
    assert day(account) == "2024-05-01"


def test_account_user_and_session_say_it_in_this_order(account: LocalAccount) -> None:
    account.run("create user someone")
    account.session.user = "SOMEONE"

    account.run("alter account set timezone = 'Etc/UTC'")
    assert day(account) == "2024-05-02"
    account.run("alter user someone set timezone = 'America/Los_Angeles'")
    account.session.use_zone()
    assert day(account) == "2024-05-01"
    account.run("alter session set timezone = 'Asia/Tokyo'")
    assert day(account) == "2024-05-02"
    assert account.rows("show parameters like 'timezone'")[0]["level"] == "SESSION"
    account.run("alter session unset timezone")
    assert day(account) == "2024-05-01"


@pytest.mark.parametrize("whose", ["session", "account"])
def test_a_zone_that_is_none_is_refused(account: LocalAccount, whose: str) -> None:
    with pytest.raises(ProgrammingError, match="TIMEZONE"):
        account.run(f"alter {whose} set timezone = 'Mars/Olympus'")


def test_a_day_read_from_an_instant_is_the_accounts_in_a_dynamic_table(
    account: LocalAccount,
) -> None:
    """Refreshes run in no client's session."""
    account.run("alter session set timezone = 'Etc/UTC'")
    account.run(f"insert into db.s.t (id, heard_at) select 'a', {LATE}")

    account.run(
        "create dynamic table db.s.d target_lag = '1 minute' warehouse = wh"
        " as select heard_at::date as local_day, convert_timezone('UTC', heard_at)::date as utc_day"
        " from db.s.t"
    )

    (row,) = account.rows("select local_day, utc_day from db.s.d")
    assert [str(value) for value in row.values()] == ["2024-05-01", "2024-05-02"]


def test_a_pipe_keeps_the_instant_whatever_the_zone(account: LocalAccount) -> None:
    account.run("alter account set timezone = 'Asia/Tokyo'")
    account.run(PIPE.replace("create pipe", "create or replace pipe"))

    ingest(account, put(account, "a.parquet"))

    at = account.value(
        "select max(heard_at) = '2024-05-01 06:00:01.123456 +00:00'::timestamp_tz from db.s.t"
    )
    assert at is True


def test_a_client_can_say_its_zone_when_it_connects(port: int) -> None:
    with (
        session(port) as californian,
        session(port, session_parameters={"TIMEZONE": "Etc/UTC"}) as utc,
    ):
        days = [str(fetched(each, f"select {LATE}::date")[0][0]) for each in (californian, utc)]

    assert days == ["2024-05-01", "2024-05-02"]


def endless(
    port: int, *settings: str, timeout: int | None = None
) -> tuple[ProgrammingError, float]:
    """The error of a statement that would not end, and after how many seconds it came."""
    with session(port) as connection:
        for sql in settings:
            connection.cursor().execute(sql)
        started = time.monotonic()
        with pytest.raises(ProgrammingError) as told:
            connection.cursor().execute(ENDLESS, timeout=timeout)
        ended = time.monotonic()
        assert fetched(connection, "select 1") == [(1,)]
    return told.value, ended - started


def test_a_statement_the_client_gives_up_is_stopped(port: int) -> None:
    """The connector posts to abort-request when `timeout` has passed."""
    error, seconds = endless(port, timeout=1)

    assert error.errno == 604
    assert seconds < 20


@pytest.mark.parametrize(
    "settings",
    [
        ("alter session set statement_timeout_in_seconds = 1",),
        (
            "create warehouse if not exists hasty statement_timeout_in_seconds = 1",
            "use warehouse hasty",
        ),
        (
            "create warehouse if not exists hasty statement_timeout_in_seconds = 1",
            "use warehouse hasty",
            "alter session set statement_timeout_in_seconds = 3600",
        ),
    ],
    ids=["session", "warehouse", "lower of both"],
)
def test_a_statement_that_takes_too_long_is_stopped(port: int, settings: tuple[str, ...]) -> None:
    error, seconds = endless(port, *settings)

    assert error.errno == 630
    assert "timeout of 1 second(s)" in str(error)
    assert seconds < 20


def test_a_long_refresh_is_stopped_too_and_leaves_the_table_as_it_was(port: int) -> None:
    with session(port) as connection:
        for sql in (
            "create warehouse if not exists patient",
            "create database if not exists long",
            "create schema long.s",
            "create table long.s.t (id varchar)",
            "create dynamic table long.s.d target_lag = '1 day' warehouse = patient"
            " as select id from long.s.t",
            "insert into long.s.t values ('a')",
        ):
            connection.cursor().execute(sql)
        control(port, {"schedule": "off", "refresh_seconds": 60})
        started = time.monotonic()

        with pytest.raises(ProgrammingError) as told:
            connection.cursor().execute("alter dynamic table long.s.d refresh", timeout=1)

        assert (told.value.errno, time.monotonic() - started < 20) == (604, True)
        control(port, {"refresh_seconds": 0})
        assert fetched(connection, "select count(*) from long.s.d") == [(0,)]
        connection.cursor().execute("alter dynamic table long.s.d refresh")
        assert fetched(connection, "select count(*) from long.s.d") == [(1,)]


def test_a_switch_nobody_knows_is_an_error(port: int) -> None:
    with pytest.raises(HTTPError) as told:
        control(port, {"weather": "fine"})

    assert json.load(told.value) == {"error": "no such switch: weather"}
    told.value.close()
