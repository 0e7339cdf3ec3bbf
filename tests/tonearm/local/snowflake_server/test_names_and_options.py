"""Names and option lists as Snowflake reads them."""

import pytest
from snowflake.connector.errors import ProgrammingError

from tonearm.local.snowflake_server.engine.names import ObjectName, literal, object_name, quoted
from tonearm.local.snowflake_server.engine.options import Options, parse_options


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b.c", ObjectName("A", "B", "C")),
        ("b.c", ObjectName("DB", "B", "C")),
        ("c", ObjectName("DB", "S", "C")),
        ('"a"."b.c".d', ObjectName("a", "b.c", "D")),
        ('"say ""x"""', ObjectName("DB", "S", 'say "x"')),
    ],
)
def test_a_name_is_folded_and_completed(text: str, expected: ObjectName) -> None:
    """https://docs.snowflake.com/en/sql-reference/identifiers-syntax."""
    assert object_name(text, "DB", "S") == expected


@pytest.mark.parametrize(
    ("text", "database", "schema", "errno"),
    [
        ("c", "DB", None, 90106),
        ("b.c", None, None, 90105),
        ("a.b.c.d", "DB", "S", 904),
        ("a b", "DB", "S", 904),
        ("a.", "DB", "S", 904),
    ],
)
def test_a_name_that_cannot_be_completed_is_an_error(
    text: str, database: str | None, schema: str | None, errno: int
) -> None:
    with pytest.raises(ProgrammingError) as told:
        object_name(text, database, schema)

    assert told.value.errno == errno


def test_quoting_doubles_quotes() -> None:
    assert quoted('a"b') == '"a""b"'
    assert literal("it's") == "'it''s'"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        (
            "auto_ingest = true comment = 'it''s; fine'",
            {"AUTO_INGEST": True, "COMMENT": "it's; fine"},
        ),
        ("error_integration = My_Int", {"ERROR_INTEGRATION": "My_Int"}),
        ("file_format = (format_name = 'a.b.c')", {"FILE_FORMAT": {"FORMAT_NAME": "a.b.c"}}),
        ("file_format = a.b.c -- why\n x = 1", {"FILE_FORMAT": "a.b.c", "X": "1"}),
        ("locations = ('s3://a/', 's3://b/')", {"LOCATIONS": ["s3://a/", "s3://b/"]}),
        ("a = 1, b = false", {"A": "1", "B": False}),
    ],
)
def test_options_are_read(text: str, expected: Options) -> None:
    assert parse_options(text) == expected


@pytest.mark.parametrize("text", ["comment", "a = (", "a = 1 b", "= 1", "a = 1 )"])
def test_a_malformed_list_is_an_error(text: str) -> None:
    with pytest.raises(ProgrammingError, match="syntax error"):
        parse_options(text)
