"""Which of several copies counts, in whatever order they come."""

from itertools import permutations
from typing import Any

import pytest
from pyspark.sql import SparkSession

from tonearm_glue.contract import ARTISTS
from tonearm_glue.manifest import rows_of
from tonearm_glue.schemas import spark_schema
from tonearm_glue.winners import one_row_per_key

pytestmark = pytest.mark.spark
EARLY, LATE = "2024-05-11T06:00:00Z", "2024-05-11T07:00:00Z"


def a_copy(**fields: Any) -> dict[str, Any]:
    copy = {
        "artist_id": "artist1",
        "name": "Ann",
        "is_full_object": False,
        "extracted_at": EARLY,
    }
    return {**copy, **fields}


def winner(spark: SparkSession, copies: list[dict[str, Any]]) -> dict[str, Any]:
    table = rows_of(spark, copies, spark_schema(ARTISTS).simpleString())
    [row] = one_row_per_key(table, ARTISTS).collect()
    assert row["mentions"] == len(copies)
    return row.asDict()


def test_a_full_object_wins_over_a_newer_simplified_one(spark: SparkSession) -> None:
    full = a_copy(is_full_object=True, name="full")

    found = winner(spark, [a_copy(extracted_at=LATE, name="newer"), full])

    assert found["name"] == "full"


def test_of_two_as_full_the_newer_one_wins(spark: SparkSession) -> None:
    found = winner(spark, [a_copy(name="zz"), a_copy(extracted_at=LATE, name="aa")])

    assert found["name"] == "aa"


def test_copies_of_one_moment_are_told_apart_by_content_in_any_order(spark: SparkSession) -> None:
    copies = [
        a_copy(name=None, genres=["rock"]),
        a_copy(genres=["rock"]),
        a_copy(genres=["rock", "pop"], popularity=3),
        a_copy(genres=None, followers=9),
    ]

    found = {repr(winner(spark, list(order))) for order in list(permutations(copies))[::5]}

    assert len(found) == 1
    assert "popularity': 3" in found.pop()
