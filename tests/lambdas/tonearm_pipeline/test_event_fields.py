from typing import Any

import pytest

from tonearm_pipeline.errors import BadEventError
from tonearm_pipeline.event_fields import integer_field, optional_text_field, text_field


def test_a_text_is_returned() -> None:
    assert text_field({"run_id": "r1"}, "run_id") == "r1"


@pytest.mark.parametrize("event", [{}, {"run_id": ""}, {"run_id": None}])
def test_a_missing_or_empty_text_is_named(event: dict[str, Any]) -> None:
    with pytest.raises(BadEventError, match="'run_id' is missing or empty"):
        text_field(event, "run_id")


def test_a_text_of_another_type_is_named() -> None:
    with pytest.raises(BadEventError, match="'run_id' must be a text, not int"):
        optional_text_field({"run_id": 5}, "run_id")


@pytest.mark.parametrize("event", [{}, {"key": None}, {"key": ""}])
def test_an_optional_text_may_be_left_out(event: dict[str, Any]) -> None:
    assert optional_text_field(event, "key") == ""


@pytest.mark.parametrize("value", [2, 2.0])
def test_a_whole_number_may_come_as_a_float(value: float) -> None:
    assert integer_field({"attempt": value}, "attempt", minimum=1) == 2


@pytest.mark.parametrize("value", [None, "2", 1.5, 0, True, float("nan"), float("inf")])
def test_what_is_no_whole_number_or_too_small_is_named(value: object) -> None:
    with pytest.raises(BadEventError, match="'attempt' must be a whole number from 1 on"):
        integer_field({"attempt": value}, "attempt", minimum=1)
