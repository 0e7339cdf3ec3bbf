"""The purge: landing rows older than the retention are gone and counted, all others stay."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.snowflake.local_account import VALUES, LocalAccount
from tests.snowflake.reads import a_read, load
from tonearm.warehouse.deploy import DEFAULTS

TABLES = ("albums", "artists", "songs", "playlist_entries", "playlists")
DAYS = int(DEFAULTS["retention_days"])


def day(ago: int) -> date:
    return datetime.now(UTC).date() - timedelta(days=ago)


@pytest.fixture
def emptied(account: LocalAccount) -> LocalAccount:
    account.run("truncate table tonearm.ops.purges")
    return account


def counts(account: LocalAccount) -> dict[str, int]:
    return {
        table: account.value(f"select count(*) from tonearm.landing.{table}") for table in TABLES
    }


def test_rows_older_than_the_retention_are_purged_and_counted(emptied: LocalAccount) -> None:
    old, kept = a_read(day(DAYS + 1).isoformat(), "abc"), a_read(day(DAYS).isoformat(), "ab")
    load(emptied, old, kept)

    emptied.run("execute task tonearm.ops.purge")

    assert counts(emptied) == {
        "albums": 1,
        "artists": 2,
        "songs": 2,
        "playlist_entries": 2,
        "playlists": 1,
    }
    purges = emptied.rows("select * from tonearm.ops.purges order by landing_table")
    assert {row["landing_table"]: row["purged_rows"] for row in purges} == {
        "albums": 1,
        "artists": 2,
        "songs": 3,
        "playlist_entries": 3,
        "playlists": 1,
    }
    assert {row["kept_from_date"] for row in purges} == {day(DAYS)}


def test_core_and_marts_are_what_the_kept_rows_alone_give(emptied: LocalAccount) -> None:
    load(emptied, a_read(day(DAYS + 1).isoformat(), "abc"), a_read(day(1).isoformat(), "ab"))

    emptied.run("execute task tonearm.ops.purge")

    assert emptied.rows("select * from tonearm.mart.playlist_changes") == []
    opened = emptied.rows("select opened_by, valid_from from tonearm.core.playlist_entry_history")
    assert [tuple(row.values()) for row in opened] == [("baseline", day(1))] * 2


def test_a_second_purge_finds_nothing_and_says_nothing(emptied: LocalAccount) -> None:
    load(emptied, a_read(day(DAYS + 1).isoformat(), "a"), a_read(day(0).isoformat(), "a"))
    emptied.run("execute task tonearm.ops.purge")
    told, left = emptied.value("select count(*) from tonearm.ops.purges"), counts(emptied)

    emptied.run("execute task tonearm.ops.purge")

    assert emptied.value("select count(*) from tonearm.ops.purges") == told
    assert counts(emptied) == left


def test_the_tasks_run_weekly_in_order_and_keep_the_retention_of_the_stack(
    deployed: LocalAccount,
) -> None:
    deployed.deploy({**VALUES, "retention_days": "30"})

    tasks = {row["name"]: row for row in deployed.rows("show tasks in schema tonearm.ops")}
    deployed.deploy()

    assert set(tasks) == {"PURGE", *(f"PURGE_{table.upper()}" for table in TABLES)}
    assert {row["state"] for row in tasks.values()} == {"started"}
    assert tasks.pop("PURGE")["schedule"] == "using cron 30 3 * * 0 UTC"
    assert {row["predecessors"] for row in tasks.values()} == {'["TONEARM.OPS.PURGE"]'}
    assert all("'day', -30," in row["definition"] for row in tasks.values())
