"""INDEX is the element's place: https://docs.snowflake.com/en/sql-reference/functions/flatten"""

from string import Template
from typing import Any

import duckdb

from tonearm.local.snowflake_server.engine.flatten import FLATTEN

ROWS = 20_000


def flattened(template: Template, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(":memory:") as connection:
        connection.execute(template.substitute(catalog="memory"))
        connection.execute(
            f"create table t as select i, [i, i + 1, i + 2]::json as a from range({ROWS}) as r(i)"
        )
        return connection.execute(query).fetchall()


def test_the_index_of_every_element_is_its_place_in_the_array() -> None:
    rows = flattened(FLATTEN, "select t.i, f.index, f.value::bigint from t, _fs_flatten(t.a) as f")

    assert len(rows) == 3 * ROWS
    assert all(value == number + index for number, index, value in rows)


def test_an_object_gives_keys_and_no_index() -> None:
    rows = flattened(
        FLATTEN,
        'select key, index, value from _fs_flatten(\'{"a": 1, "b": [2]}\'::json) order by key',
    )

    assert rows == [("a", None, "1"), ("b", None, "[2]")]


def test_elements_that_are_objects_stay_whole() -> None:
    rows = flattened(
        FLATTEN, "select index, value ->> 'name' from _fs_flatten('[{\"name\": \"x\"}]'::json)"
    )

    assert rows == [(0, "x")]


def test_null_and_empty_arrays_give_no_rows() -> None:
    assert flattened(FLATTEN, "select * from _fs_flatten('[]'::json)") == []
    assert flattened(FLATTEN, "select * from _fs_flatten(null::json)") == []
