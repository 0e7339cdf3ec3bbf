"""Instants of core and marts are in UTC, whatever time zone the account has.

A pipe casts the TIMESTAMP_LTZ of the vectorized scanner to the landing column's TIMESTAMP_TZ with
the offset of its session, which is the account's: the instant is right, but its date is the
account's. https://docs.snowflake.com/en/sql-reference/sql/copy-into-table,
https://docs.snowflake.com/en/sql-reference/data-types-datetime
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlglot import exp, parse_one

from tests.snowflake.local_account import VALUES, LocalAccount
from tests.snowflake.reads import a_read, load
from tonearm.warehouse.deploy import plan

LANDED = ("EXTRACTED_AT", "ADDED_AT", "LOADED_AT")
# Differences and comparisons of instants are the same in every zone.
ZONELESS = (exp.ConvertTimezone, exp.DateDiff, exp.Order, exp.Min, exp.GroupConcat)
QUERIES = {
    statement.file: statement.sql
    for statement in plan(VALUES)
    if "core." in statement.sql.lower() or "mart." in statement.sql.lower()
    if statement.sql.lower().startswith(("create or alter dynamic", "create or replace view"))
}


def landing_aliases(select: exp.Select) -> set[str]:
    """The names under which a SELECT reads landing tables."""
    parts = [select.args.get("from_"), *(select.args.get("joins") or [])]
    tables = (part.this for part in parts if part is not None)
    return {
        table.alias_or_name.upper()
        for table in tables
        if isinstance(table, exp.Table) and table.db.upper() == "LANDING"
    }


def bare_instants(sql: str) -> Iterator[str]:
    """Landing columns with an instant that are selected as they are."""
    query = sql[sql.lower().index("\nas\n") + 4 :]
    for select in parse_one(query, read="snowflake").find_all(exp.Select):
        aliases = landing_aliases(select)
        for projection in select.expressions:
            for column in projection.find_all(exp.Column):
                is_landed = bool(aliases) and (column.table.upper() or None) in {None, *aliases}
                is_bare = column.find_ancestor(*ZONELESS) is None
                if is_landed and is_bare and column.name.upper() in LANDED:
                    yield column.sql()


@pytest.mark.parametrize("file", sorted(file for file in QUERIES if file < "60"))
def test_core_takes_no_instant_with_the_offset_it_was_loaded_with(file: str) -> None:
    assert list(bare_instants(QUERIES[file])) == []


@pytest.mark.parametrize("file", sorted(QUERIES))
def test_no_date_is_cut_from_an_instant_of_an_unknown_zone(file: str) -> None:
    query = QUERIES[file]
    tree = parse_one(query[query.lower().index("\nas\n") + 4 :], read="snowflake")

    for cast in tree.find_all(exp.Cast):
        if cast.to.this is exp.DataType.Type.DATE:
            cut = cast.this
            assert isinstance(cut, (exp.ConvertTimezone, exp.Literal, exp.DateAdd)), cast.sql()


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Tokyo", "UTC"])
def test_the_instants_of_core_are_those_of_the_files_in_every_zone(
    account: LocalAccount, zone: str
) -> None:
    account.run(f"alter session set timezone = '{zone}'")
    load(account, a_read("2026-11-20", "a"))

    [row] = account.rows("select added_at, extracted_at from tonearm.core.playlist_entries")

    assert row == {
        "added_at": datetime(2024, 4, 30, 23, 30, tzinfo=UTC),
        "extracted_at": datetime(2026, 11, 20, 6, 0, 1, 123456, tzinfo=UTC),
    }
