"""Reads the fields of a function's event and names the one that is missing or wrong."""

from collections.abc import Mapping
from typing import Any

from tonearm_pipeline.errors import BadEventError


def text_field(event: Mapping[str, Any], name: str) -> str:
    """Return a field that must be a text with something in it.

    Raises:
        BadEventError: it is missing, empty, or not a text.
    """
    value = optional_text_field(event, name)
    if not value:
        raise BadEventError(f"the event's '{name}' is missing or empty")
    return value


def optional_text_field(event: Mapping[str, Any], name: str) -> str:
    """Return a text field, or an empty text when it is missing or null.

    Raises:
        BadEventError: it is there and not a text.
    """
    value = event.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadEventError(f"the event's '{name}' must be a text, not {type(value).__name__}")
    return value


def integer_field(event: Mapping[str, Any], name: str, minimum: int) -> int:
    """Return a field that must be a whole number of at least `minimum`.

    Step Functions hands on JSON numbers, so 2.0 is a whole number too.

    Raises:
        BadEventError: it is missing, no whole number, or too small.
    """
    value: Any = event.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not float(value).is_integer() or value < minimum:
        raise BadEventError(
            f"the event's '{name}' must be a whole number from {minimum} on, not {value!r}"
        )
    return int(value)
