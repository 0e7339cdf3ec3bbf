"""Placeholders `<% name %>`."""

import pytest

from tonearm.warehouse.placeholders import PlaceholderError, check_values, fill, placeholders_in


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
