"""The server's own rules: it is a witness, so it asks nothing of the deployer it judges."""

import ast
from pathlib import Path

import pytest

import tonearm.local.snowflake_server as server
from tonearm.local.snowflake_server.dynamic.incremental import obstacles

FILES = sorted(Path(server.__path__[0]).rglob("*.py"))


def test_nothing_of_the_deployer_is_imported() -> None:
    imported = {
        node.module or ""
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    }

    assert len(FILES) > 30
    assert [module for module in imported if module.startswith("tonearm.warehouse")] == []


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("select a from t limit 5", "limit"),
        ("select top 5 a from t", "top"),
        ("select a from t except select a from u", "except"),
        ("select a from t minus select a from u", "minus"),
        ("select a from t intersect select a from u", "intersect"),
        ("select a from t where exists (select 1 from u)", "exists"),
        ("select a from t where a in (select a from u)", "a subquery operator"),
        ("select (select max(a) from u) as m from t", "a subquery operator"),
        ("select t.a from t left join u on t.a > u.a", "an outer join without equality"),
        ("select t.a from t full join u on t.a = u.a or t.b = u.b", "an outer join"),
        ("select any_value(a) as a from t group by b", "any_value"),
        ("select current_timestamp() as at from t", "the present time"),
        ("select current_date() as d from t", "the present time"),
        ("select uuid_string() as u from t", "uuid_string"),
        ("select random() as r from t", "random"),
        ("select seq4() as s from t", "seq4"),
        ("select a from t sample (10)", "sample"),
        ("select a, sum(c) as c from t group by rollup (a)", "rollup"),
        ("select a, sum(c) as c from t group by cube (a)", "cube"),
        ("select a, b from t group by grouping sets ((a), (b))", "grouping sets"),
        ("with recursive r as (select 1 as a from t) select a from r", "recursive"),
        ("select f.seq from t, lateral flatten(input => t.a) as f", "seq of flatten"),
        ("select u.a from t, lateral (select a from u where u.b = t.b) as u", "a lateral"),
        ("select current_user() as u from t", "current_user"),
    ],
)
def test_an_obstacle_to_incremental_refresh_is_named(query: str, why: str) -> None:
    """https://docs.snowflake.com/en/user-guide/dynamic-tables/supported-queries."""
    assert any(found.startswith(why) for found in obstacles(query)), obstacles(query)


@pytest.mark.parametrize(
    "query",
    [
        "select a, row_number() over (partition by b order by c) as n from t qualify n = 1",
        "select t.a, u.b from t left join u on t.a = u.a and (t.c = u.c)",
        "select t.a, u.b from t left join u using (a)",
        "select t.a from t inner join u on t.a > u.a",
        "select a from t where at > current_timestamp()",
        "select a from t union all select a from u",
        "select distinct a as sample, b as limit_ from t",
        "with x as (select a from t), final as (select a from x) select * from final",
        "select f.value:x::varchar as x, f.index from t, lateral flatten(input => t.a) as f",
        "select s.a from (values (1), (2)) as s (a)",
    ],
)
def test_what_the_page_allows_is_none(query: str) -> None:
    assert obstacles(query) == []
