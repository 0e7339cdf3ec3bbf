"""How one value of the Web API reads, in plain Python: the leaves of the reference."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

Json = Any

_NUMBER = re.compile(r"[+-]?([0-9]+)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_BLANKS = "".join(map(chr, (*range(33), 127)))
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")
_PRECISIONS = ("year", "month", "day")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def dig(value: Json, *names: str) -> Json:
    """The value under these names; None where something else than an object is in the way."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def objects(value: Json) -> list[dict[str, Json] | None] | None:
    """A list whose odd members have become None; None when it is no list."""
    if not isinstance(value, list):
        return None
    return [one if isinstance(one, dict) else None for one in value]


def text(value: Json) -> str | None:
    """A text as it came, other values as JSON writes them; None for null and for nothing."""
    if value is None or isinstance(value, str):
        return value or None
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def whole(value: Json, bits: int) -> int | None:
    """A whole number that fits; also one sent as a float or as text."""
    found = number(value)
    limit = 1 << (bits - 1)
    if found is None or not -limit <= found < limit or found != int(found):
        return None
    return int(found)


def number(value: Json) -> int | float | None:
    """A number, also one sent as text; digits alone are exact, however many."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip(_BLANKS)):
        plain = value.strip(_BLANKS)
        return int(plain) if plain.lstrip("+-").isdigit() else float(plain)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number else None


def flag(value: Json) -> bool | None:
    """True or false, also as text; None for anything else."""
    return {"true": True, "false": False}.get(text(value) or "")


def moment(value: Json) -> datetime | None:
    """A point in time in UTC; None for what is not a date and a time."""
    if not isinstance(value, str) or value[10:11] != "T":
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)


def moment_unless_epoch(value: Json) -> datetime | None:
    """A point in time, but None for the first moment of 1970: Spotify's word for unknown."""
    read = moment(value)
    return None if read == _EPOCH else read


def isrc(value: str | None) -> str | None:
    """Upper case, no hyphens, twelve letters and digits, or None."""
    plain = (value or "").replace("-", "").upper()
    return plain if re.fullmatch(r"[A-Z0-9]{12}", plain) else None


def texts(value: Json) -> list[str] | None:
    """The members of a list that say something."""
    if not isinstance(value, list):
        return None
    return [said for said in map(text, value) if said is not None]


def artist_credits(value: Json) -> list[dict[str, str | None]] | None:
    """Artists in credit order, without members that are no objects."""
    named = objects(value)
    if named is None:
        return None
    return [
        {"artist_id": text(a.get("id")), "name": text(a.get("name"))}
        for a in named
        if a is not None
    ]


def image_url(value: Json) -> str | None:
    """Address of the widest image (the first such); of the first image when no width is known."""
    images = [(dig(one, "url"), number(dig(one, "width"))) for one in objects(value) or ()]
    known = [(url, float(width)) for url, width in images if width is not None]
    if known:
        widest = max(width for _url, width in known)
        first = next((url for url, width in known if width == widest), None)
        return text(first) or text(images[0][0])
    return text(images[0][0]) if images else None


def release(value: Json, said: Json) -> tuple[str | None, str | None, date | None]:
    """Text, precision and first day of a release date in any of its forms."""
    written = _written(value)
    form = _DATE.fullmatch(written or "")
    shape = _PRECISIONS[sum(part is not None for part in form.groups()) - 1] if form else None
    given = None if isinstance(value, dict) else (text(said) or "").lower() or None
    precision = given or shape
    return written, precision, _first_day(form.groups(), precision) if form else None


def _written(value: Json) -> str | None:
    if not isinstance(value, dict):
        return text(value)
    limits = (("year", 9999), ("month", 12), ("day", 31))
    parts: list[str] = []
    for name, most in limits:
        number = whole(value.get(name), 32)
        if number is None or not 1 <= number <= most:
            break
        parts.append(f"{number:04d}" if name == "year" else f"{number:02d}")
    return "-".join(parts) or None


def _first_day(parts: Sequence[str | None], precision: str | None) -> date | None:
    known = {"year": 1, "month": 2}.get(precision or "", 3)
    padded = [int(part) if part and at < known else 1 for at, part in enumerate(parts)]
    try:
        return date(*padded)
    except ValueError:
        return None
