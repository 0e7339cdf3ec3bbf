"""Queries mean what they mean in Snowflake, or are refused."""

from decimal import Decimal

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.snowflake.local_account import LocalAccount

REFUSED = {
    "flatten outer": "select f.value from db.s.t, lateral flatten(input => tags, outer => true) f",
    "left join lateral": "select 1 from db.s.t left join lateral flatten(input => tags) as f",
    "dot after element": "select tags[0].name from db.s.t",
    "bracket after element": "select tags[0]['name'] from db.s.t",
    "part of a result": "select count(*) from table(result_scan('some-id'))",
    "formatted time": "select to_char(heard_at, 'YYYY-MM') from db.s.t",
    "create or alter table": "create or alter table db.s.t (id varchar)",
    "stream": "create stream db.s.st on table db.s.t",
    "task": "create task db.s.ta warehouse = wh as call db.s.pr()",
    "procedure": "create procedure db.s.pr() returns varchar language sql as $$ begin end $$",
    "immediate": "execute immediate $$ begin return 1; end $$",
    "block": "begin let x := 1; end",
    "replacing a database": "create or replace database db",
}


@pytest.mark.parametrize("sql", REFUSED.values(), ids=REFUSED)
def test_what_the_engine_would_answer_differently_is_refused(
    account: LocalAccount, sql: str
) -> None:
    with pytest.raises(ProgrammingError, match="Unsupported feature on the local server") as told:
        account.run(sql)

    assert told.value.errno == 2


def test_refusing_create_or_alter_leaves_the_table_as_it_was(account: LocalAccount) -> None:
    account.run("insert into db.s.t (id) values ('a')")

    with pytest.raises(ProgrammingError):
        account.run("create or alter table db.s.t (id varchar)")

    assert account.value("select count(*) from db.s.t") == 1


@pytest.mark.parametrize(
    "sql", ["select 1 / 0", "select 1 / (n - n) from (select 3 as n)", "select 5 % 0"]
)
def test_division_by_zero_is_an_error(account: LocalAccount, sql: str) -> None:
    """https://docs.snowflake.com/en/sql-reference/operators-arithmetic."""
    with pytest.raises(ProgrammingError, match="Division by zero") as told:
        account.run(sql)

    assert told.value.errno == 100051


def test_division_still_divides(account: LocalAccount) -> None:
    assert account.value("select round(7 / n, 2) from (select 2 as n)") == Decimal("3.5")


def test_a_sum_of_integers_is_an_integer(account: LocalAccount) -> None:
    """https://docs.snowflake.com/en/sql-reference/functions/sum."""
    value = account.value("select sum(n) from (select 1 as n union all select 2 as n)")

    assert value == 3
    assert "." not in str(value)


def test_a_list_of_nothing_is_an_empty_text(account: LocalAccount) -> None:
    """https://docs.snowflake.com/en/sql-reference/functions/listagg."""
    account.run("insert into db.s.t (id) values ('a')")

    (row,) = account.rows("select listagg(source_file, ',') as files, listagg(id) from db.s.t")

    assert row == {"files": "", "listagg(id)": "a"}
    over = "select listagg(source_file) within group (order by id) over (partition by id) as f"
    assert account.value(f"{over} from db.s.t") == ""


def test_the_safe_forms_of_refused_ones_work(account: LocalAccount) -> None:
    account.run(
        "insert into db.s.t (id, tags, day)"
        " select 'a', parse_json('[{\"name\": \"x\"}]'), '2024-05-01'"
    )

    (row,) = account.rows(
        "select tags[0]:name::varchar as name, to_char(day::date, 'YYYY-MM') as month from db.s.t"
    )
    assert row == {"name": "x", "month": "2024-05"}


@pytest.mark.parametrize(
    ("sql", "errno"),
    [
        ("selec 1", 1003),
        ("select * from db.s.nothing", 2003),
        ("select nothing from db.s.t", 904),
        ("select 'x'::number", 100038),
        ("insert into db.s.t (n) values (1)", 100072),
        ("select (1", 1003),
        ("select * from nothing", 90105),
    ],
)
def test_an_error_has_snowflakes_number(account: LocalAccount, sql: str, errno: int) -> None:
    account.session.database_set = "nothing" not in sql or "db.s" in sql

    with pytest.raises(ProgrammingError) as told:
        account.run(sql)

    assert told.value.errno == errno


def test_insert_overwrite_replaces_the_rows(account: LocalAccount) -> None:
    """https://docs.snowflake.com/en/sql-reference/sql/insert."""
    account.run("insert into db.s.t (id) values ('a'), ('b')")

    account.run("insert overwrite into db.s.t (id) select 'c'")

    assert account.rows("select id from db.s.t") == [{"id": "c"}]


def test_the_clock_moves_current_timestamp(account: LocalAccount) -> None:
    account.engine.clock.advance(10 * 86_400)

    days = account.value(
        "select datediff('day', '2026-01-01'::date, current_timestamp()::date)"
        " - datediff('day', '2026-01-01'::date, current_date())"
    )
    moved = account.value("select current_date() > dateadd('day', 9, '2026-11-01'::date)")

    assert (days, moved) == (0, True)
    with pytest.raises(ValueError, match="only moves forward"):
        account.engine.clock.advance(-1)


def test_transactions_begin_commit_and_roll_back(account: LocalAccount) -> None:
    """https://docs.snowflake.com/en/sql-reference/transactions."""
    for sql in ("begin", "insert into db.s.t (id) values ('a')", "rollback", "rollback"):
        account.run(sql)
    assert account.value("select count(*) from db.s.t") == 0

    for sql in ("begin transaction", "insert into db.s.t (id) values ('a')", "commit", "commit"):
        account.run(sql)
    assert account.value("select count(*) from db.s.t") == 1
