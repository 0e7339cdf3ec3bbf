"""Compares what a template says of a resource with what the service says of it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tonearm.verify.deployed import UNKNOWN


def differing(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    """A line for each property that is not as wanted; properties the service does not tell count.

    Args:
        wanted: the properties of the template, filled in.
        found: those of the service, under the same names.
    """
    for name, value in wanted.items():
        there = found.get(name)
        if not is_same(value, there):
            yield f"{name} is {shown(there)}, not {shown(value)}"


def is_same(wanted: Any, found: Any) -> bool:
    """Whether two values say the same: numbers, texts and flags are one, as in a template."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and _is_same_mapping(wanted, found)
    if isinstance(wanted, list):
        return isinstance(found, list) and _is_same_list(wanted, found)
    if isinstance(wanted, str) and UNKNOWN in wanted:
        return True
    return bool(_plain(wanted) == _plain(found))


def shown(value: Any) -> str:
    """A value as a fault names it."""
    return "absent" if value is None else f"{value!s:.80}"


def _is_same_mapping(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    return wanted.keys() == found.keys() and all(is_same(wanted[k], found[k]) for k in wanted)


def _is_same_list(wanted: list[Any], found: list[Any]) -> bool:
    pairs = zip(_sorted(wanted), _sorted(found), strict=False)
    return len(wanted) == len(found) and all(is_same(one, other) for one, other in pairs)


def _sorted(values: Sequence[Any]) -> list[Any]:
    return sorted(values, key=str)


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    try:
        return float(value)
    except (TypeError, ValueError):
        return value
