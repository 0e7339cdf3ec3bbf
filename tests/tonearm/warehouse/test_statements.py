"""Filling SQL files and cutting them into statements."""

import pytest

from tonearm.warehouse.statements import (
    PlaceholderError,
    UnsafeStatementError,
    check_values,
    fill,
    placeholders_in,
    statements_in,
    title,
)

SCRIPT = "create procedure p() returns varchar language sql as {}"


def test_comments_strings_and_dollar_bodies_hold_no_end() -> None:
    sql = """
    -- first; not an end
    select ';' as a; -- after; it
    /* ; */ select 'it''s; fine';
    create procedure p() returns varchar language sql as $$ begin return ';'; end; $$;
    ;
    """

    assert statements_in(sql) == [
        "select ';' as a",
        "select 'it''s; fine'",
        "create procedure p() returns varchar language sql as $$ begin return ';'; end; $$",
    ]


def test_comments_inside_a_statement_stay() -> None:
    assert statements_in("select 1 -- one\n, 2;") == ["select 1 -- one\n, 2"]


@pytest.mark.parametrize("sql", ["", "-- nothing", "/* nothing */;", ";;"])
def test_a_file_without_statements_has_none(sql: str) -> None:
    assert statements_in(sql) == []


@pytest.mark.parametrize(
    "sql",
    [
        "begin let x := 1; return x; end;",
        SCRIPT.format("begin return 'x'; end;"),
        SCRIPT.format("declare x int; begin return x; end;"),
        "create task t warehouse = w as begin insert into a select 1; insert into b select 2; end;",
        "declare x int;",
        "for r in c do insert into a select 1; end for;",
    ],
)
def test_scripting_outside_dollars_is_refused(sql: str) -> None:
    with pytest.raises(UnsafeStatementError, match="scripting outside"):
        statements_in(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "begin;",
        "begin transaction;",
        SCRIPT.format("$$ declare x int; begin return x; end; $$;"),
        "execute immediate $$ begin return 1; end $$;",
        "select case when true then 1 end as a;",
    ],
)
def test_what_only_looks_like_it_is_taken(sql: str) -> None:
    assert len(statements_in(sql)) == 1


def test_a_title_is_one_short_line() -> None:
    assert title("-- c\nselect\n    1") == "select 1"
    assert title("select " + "x" * 100) == "select " + "x" * 64 + "…"


def test_names_are_found_once_in_order() -> None:
    assert placeholders_in("<% b %> <%a%> <% b %> < % c % >") == ["b", "a"]


def test_every_name_is_filled() -> None:
    assert fill("use <% database %>_x; '<%bucket%>'", {"database": "D", "bucket": "b"}) == (
        "use D_x; 'b'"
    )


def test_all_missing_names_are_told_at_once() -> None:
    with pytest.raises(PlaceholderError, match="no value for: a, c"):
        fill("<% a %> <% b %> <% c %>", {"b": "1"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bucket", "x'; drop database d; --"),
        ("bucket", "a\nb"),
        ("bucket", 'a"b'),
        ("bucket", "<% x %>"),
        ("database", "two words"),
        ("database", "1st"),
        ("warehouse", "a.b"),
        ("bucket", ""),
    ],
)
def test_a_value_that_cannot_stand_in_sql_is_refused(name: str, value: str) -> None:
    with pytest.raises(PlaceholderError, match=name):
        check_values(f"<% {name} %>", {name: value})


def test_every_problem_is_in_one_error() -> None:
    with pytest.raises(PlaceholderError, match=r"a: missing; database: .* not an identifier"):
        check_values("<% a %> <% database %>", {"database": "no good"})


def test_good_values_pass() -> None:
    values = {
        "database": "TONEARM",
        "role": "arn:aws:iam::123456789012:role/tonearm-storage",
        "key": "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A+/==",
        "lag": "10 minutes",
    }

    check_values("<% database %> <% role %> <% key %> <% lag %>", values)
