"""One value of the Web API becomes one value of a table: each rule with its odd cases."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

import pytest
from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as fn

from tonearm_glue import values
from tonearm_glue.manifest import rows_of

pytestmark = pytest.mark.spark
_IMAGES = "array<struct<url:string,width:string>>"
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1
_ARTISTS = "array<struct<id:string,name:string>>"


class Rule(NamedTuple):
    """A rule, the type of what it is given, and what it makes of each thing given."""

    id: str
    make: Callable[[Column], Column]
    kind: str
    cases: list[tuple[Any, Any]]


def _released(document: Column) -> Column:
    given, said = document["date"], document["precision"]
    text = values.release_date_text(given)
    precision = values.release_date_precision(given, text, said)
    day = values.release_date(text, precision)
    return fn.concat_ws(" ", text, precision, day.cast("string"))


def _dated(given: Any, said: str | None = None) -> dict[str, Any]:
    return {
        "date": given if isinstance(given, str | None) else json.dumps(given),
        "precision": said,
    }


RULES = [
    Rule(
        "text",
        values.text,
        "string",
        [("One", "One"), (" spaced ", " spaced "), ("東京", "東京"), ("", None), (None, None)],
    ),
    Rule(
        "integer",
        lambda value: values.whole(value, "int"),
        "string",
        [
            *(("7", 7), ("7.0", 7), ("2.1E5", 210000), ("-1", -1), ("0", 0)),
            *(("7.5", None), ("many", None), ("", None), (None, None), ("true", None)),
            *(("3000000000", None), ("2147483647.0", 2147483647), ("NaN", None)),
            *(("2147483647", 2147483647), ("2147483648", None), ("2147483648.0", None)),
            *(("-2147483648", -2147483648), ("-2147483648.0", -2147483648)),
            *(("-2147483649", None), ("-2147483649.0", None), ("1e19", None)),
            *((str(_LEAST), None), (str(_LEAST - 1), None), (f"{_LEAST}.0", None)),
        ],
    ),
    Rule(
        "bigint",
        lambda value: values.whole(value, "bigint"),
        "string",
        [
            ("3000000000", 3000000000),
            ("3e9", 3000000000),
            *((str(_MOST), _MOST), (str(_MOST + 1), None), (str(1 << 70), None)),
            *((str(_LEAST), _LEAST), (str(_LEAST - 1), None), (str(-(1 << 70)), None)),
            *((f"{_MOST}.0", None), (f"{_MOST + 1}.0", None), (f"{float(_MOST + 1)}", None)),
            *((f"{_LEAST}.0", _LEAST), (f"{float(_LEAST)}", _LEAST), (f"{_LEAST - 2048}.0", None)),
            *(("1e19", None), ("-1e19", None), ("1e400", None), ("-1e400", None)),
            *(("9007199254740993", 9007199254740993), (f"{_MOST - 1023}.0", _MOST - 1023)),
            *(("NaN", None), ("Infinity", None), ("12d", None), ("12.0f", None), ("0x1p3", None)),
            *((" 12 ", 12), ("\t12.0\n", 12), ("\u00a012.0", None), ("5.", None), (".0", None)),
        ],
    ),
    Rule(
        "flag",
        values.flag,
        "string",
        [("true", True), ("false", False), ("maybe", None), ("1", None), ("", None), (None, None)],
    ),
    Rule(
        "moment",
        lambda value: values.moment_unless_epoch(value).cast("string"),
        "string",
        [
            ("2021-02-26T14:30:31Z", "2021-02-26 14:30:31"),
            ("2021-02-26T14:30:31.25Z", "2021-02-26 14:30:31.25"),
            ("2021-02-26T14:30:31+02:00", "2021-02-26 12:30:31"),
            *(("1970-01-01T00:00:00Z", None), ("2021-02-30T00:00:00Z", None)),
            *(("2021-02-26", None), ("2021", None), ("14:30:31", None), ("", None)),
        ],
    ),
    Rule(
        "isrc",
        values.isrc,
        "string",
        [
            *(("USUG12002597", "USUG12002597"), ("uscgh1260174", "USCGH1260174")),
            *(("GB-AYE-69-00531", "GBAYE6900531"), ("short", None), ("US UG12002597", None)),
            *(("", None), (None, None)),
        ],
    ),
    Rule(
        "release_date",
        _released,
        "struct<date:string,precision:string>",
        [
            (_dated("2016-05-03", "day"), "2016-05-03 day 2016-05-03"),
            (_dated("1962-02", "month"), "1962-02 month 1962-02-01"),
            (_dated("1983", "year"), "1983 year 1983-01-01"),
            (_dated("1983"), "1983 year 1983-01-01"),
            (_dated("1962-02"), "1962-02 month 1962-02-01"),
            (_dated("2016-05-03", "YEAR"), "2016-05-03 year 2016-01-01"),
            (_dated("2016", "day"), "2016 day 2016-01-01"),
            (_dated("0000", "year"), "0000 year"),
            (_dated("2023-02-29", "day"), "2023-02-29 day"),
            (_dated("soon"), "soon"),
            (_dated("", "day"), "day"),
            (_dated(None), ""),
            (_dated({"year": 1983, "month": None, "day": None}), "1983 year 1983-01-01"),
            (_dated({"year": 1971, "month": 8, "day": 9.0}), "1971-08-09 day 1971-08-09"),
            (_dated({"year": 1971, "month": None, "day": 9}), "1971 year 1971-01-01"),
            (_dated({"year": 1971, "month": 8}), "1971-08 month 1971-08-01"),
            (_dated({"year": 0}), ""),
        ],
    ),
    Rule(
        "credits",
        values.credits_of,
        _ARTISTS,
        [
            ([{"id": "b", "name": "B"}, {"id": "a", "name": "A"}], [("b", "B"), ("a", "A")]),
            ([{"id": None, "name": "vril"}], [(None, "vril")]),
            ([{"id": "a", "name": ""}, None], [("a", None)]),
            ([], []),
            (None, None),
        ],
    ),
    Rule(
        "genres",
        values.texts,
        "array<string>",
        [(["rock", None, ""], ["rock"]), ([], []), (None, None)],
    ),
    Rule(
        "image",
        values.largest_image,
        _IMAGES,
        [
            ([{"url": "a", "width": 640}, {"url": "b", "width": 300}], "a"),
            ([{"url": "a", "width": 64}, {"url": "b", "width": 640.0}], "b"),
            ([{"url": "a"}, {"url": "b"}], "a"),
            ([{"url": "a"}, {"url": "b", "width": 1}], "b"),
            *(([{"url": ""}], None), ([None], None), ([], None), (None, None)),
        ],
    ),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_makes_of_each_value_what_it_should(spark: SparkSession, rule: Rule) -> None:
    given = [{"at": at, "value": value} for at, (value, _) in enumerate(rule.cases)]
    table = rows_of(spark, given, f"struct<at:int,value:{rule.kind}>")

    made = table.select("at", rule.make(fn.col("value")).alias("made")).orderBy("at").collect()

    assert [_plain(row["made"]) for row in made] == [expected for _, expected in rule.cases]


def _plain(value: Any) -> Any:
    return (
        [tuple(one) if isinstance(one, tuple) else one for one in value]
        if isinstance(value, list)
        else value
    )


def test_a_date_is_a_date(spark: SparkSession) -> None:
    table = rows_of(spark, [{"text": "1962-02"}], "struct<text:string>")

    [row] = table.select(
        values.release_date(fn.col("text"), fn.lit("month")).alias("day")
    ).collect()

    assert row["day"] == date(1962, 2, 1)
