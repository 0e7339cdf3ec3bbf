"""Rules the SQL must keep, each with statements that break it."""

import pytest

from tonearm.warehouse.sql_checks import check_statement

COPY = (
    "copy into t from @s/t/ file_format = (type = parquet) match_by_column_name = case_insensitive"
)
PIPE = "create pipe p auto_ingest = true error_integration = e as "
DYNAMIC = (
    "create or alter dynamic table d target_lag = '1 minute' warehouse = w"
    " refresh_mode = incremental as "
)


def rules(sql: str) -> list[str]:
    return [finding.rule for finding in check_statement(sql)]


@pytest.mark.parametrize(
    "sql",
    [
        "create or replace table t (a int)",
        "create or replace transient table t (a int)",
        "create or replace pipe p as " + COPY,
        "create or replace storage integration i type = external_stage",
        "create or replace notification integration i enabled = true",
        "create or replace stage s url = 's3://b/'",
        "create or replace database d",
        "create or replace schema s",
        "create or replace file format f type = parquet",
        "create or replace stream s on table t",
        "create or replace user u",
        "CREATE  OR\nREPLACE   TABLE t (a int)",
    ],
)
def test_what_holds_data_history_or_trust_is_not_replaced(sql: str) -> None:
    assert "create or replace" in rules(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "create or replace view v as select 1 as a",
        "create or replace secure view v as select 1 as a",
        "create table if not exists t (a int)",
        "create or replace procedure p() returns int language sql as $$ begin end $$",
        "alter table t add column if not exists b int",
        "create or alter task t warehouse = w as delete from u where a < 1",
        "create or replace streamlit s from '@f'",
    ],
)
def test_what_holds_nothing_may_be(sql: str) -> None:
    assert rules(sql) == []


@pytest.mark.parametrize(
    "sql", ["drop table t", "truncate table t", "delete from t", "drop pipe p"]
)
def test_a_deploy_takes_nothing_away(sql: str) -> None:
    assert rules(sql) == [sql.split(" ", maxsplit=1)[0]]


def test_create_or_alter_of_a_table_is_refused() -> None:
    assert rules("create or alter table t (a int)") == ["create or alter"]


@pytest.mark.parametrize(
    ("option", "name"),
    [
        ("files = ('a.parquet')", "files"),
        ("size_limit = 5", "size_limit"),
        ("purge = true", "purge"),
        ("force = true", "force"),
        ("return_failed_only = true", "return_failed_only"),
        ("validation_mode = return_errors", "validation_mode"),
        ("on_error = abort_statement", "on_error = abort_statement"),
        ("ON_ERROR = 'ABORT_STATEMENT'", "on_error = abort_statement"),
    ],
)
def test_a_pipe_holds_no_forbidden_option(option: str, name: str) -> None:
    """https://docs.snowflake.com/en/sql-reference/sql/create-pipe#usage-notes."""
    (finding,) = check_statement(f"{PIPE}{COPY} {option}")

    assert (finding.rule, finding.why) == ("pipe option", name)


def test_a_pipe_asks_the_file_scan_for_the_time_not_a_clock() -> None:
    copy = "copy into t from (select $1:a, current_timestamp() from @s) file_format = (type = csv)"
    sql = PIPE + copy

    assert [finding.why for finding in check_statement(sql)] == ["current_timestamp"]


def test_a_pipe_without_an_error_integration_is_silent_and_refused() -> None:
    assert rules(f"create pipe p auto_ingest = true as {COPY}") == ["pipe option"]


def test_a_good_pipe_passes_even_when_a_path_looks_like_an_option() -> None:
    copy = COPY.replace("@s/t/", "@s/force/")

    assert rules(f"{PIPE}{copy} pattern = '.*force = true.*' on_error = skip_file") == []


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("select a from t limit 5", "limit"),
        ("select top 5 a from t", "limit"),
        ("select a from t except select a from u", "except or minus"),
        ("select a from t minus select a from u", "except or minus"),
        ("select a from t intersect select a from u", "intersect"),
        ("select a from t where exists (select 1 from u)", "exists"),
        ("select a from t where a in (select a from u)", "subquery outside from"),
        ("select (select max(a) from u) as m from t", "subquery outside from"),
        ("select t.a from t left join u on t.a > u.a", "outer join on anything but equality"),
        ("select t.a from t full join u on t.a = u.a or t.b = u.b", "outer join"),
        ("select any_value(a) as a from t group by b", "any_value"),
        ("select current_timestamp() as at from t", "timestamp"),
        ("select current_date() as d from t", "date"),
        ("select uuid_string() as u from t", "uuid"),
        ("select random() as r from t", "rand"),
        ("select seq4() as s from t", "seq4"),
        ("select a from t sample (10)", "sample"),
        ("select a, b, sum(c) as c from t group by rollup (a, b)", "rollup"),
        ("select a, b, sum(c) as c from t group by cube (a, b)", "cube"),
        ("select a, b, sum(c) as c from t group by grouping sets ((a), (b))", "grouping sets"),
        (
            "with recursive r as (select 1 as a union all select a + 1 from r) select a from r",
            "recursive",
        ),
        ("select f.seq from t, lateral flatten(input => t.a) as f", "seq of flatten"),
        ("select u.a from t, lateral (select a from u where u.b = t.b) as u", "lateral join"),
        ("select current_user() as u from t", "current_user"),
    ],
)
def test_a_dynamic_table_holds_only_what_incremental_refresh_takes(query: str, why: str) -> None:
    """https://docs.snowflake.com/en/user-guide/dynamic-tables/supported-queries."""
    found = check_statement(DYNAMIC + query)

    assert any(why in finding.why for finding in found), found


@pytest.mark.parametrize(
    "query",
    [
        "select a, row_number() over (partition by b order by c) as n from t qualify n = 1",
        "select t.a, u.b from t left join u on t.a = u.a and t.c = u.c",
        "select t.a, u.b from t left join u using (a)",
        "select t.a from t inner join u on t.a > u.a",
        "select a from t where at > current_timestamp()",
        "select a from t union all select a from u",
        "select distinct a from t",
        "select a, count(*) as n from t group by a having count(*) > 1",
        "select f.value:x::varchar as x, f.index from t, lateral flatten(input => t.a) as f",
        "with x as (select a from t), final as (select a from x) select * from final",
        "select max_by(a, b) as a from t group by c",
        "select s.a from (values (1), (2)) as s (a)",
        "select lag(a) over (partition by b order by c) as p from t",
    ],
)
def test_a_dynamic_table_may_hold_what_the_page_allows(query: str) -> None:
    assert check_statement(DYNAMIC + query) == []


def test_a_dynamic_table_says_that_it_is_incremental() -> None:
    sql = DYNAMIC.replace("refresh_mode = incremental", "") + "select 1 as a"

    assert rules(sql) == ["dynamic table"]
