"""How one value of the Web API becomes one value of a table.

Every leaf of the raw schemas is text (schemas.py), so that a number sent as a float, or as text, or
an object where a text was expected, is read and then judged here, never lost by the parser. All
casts are `try_` casts: Spark 4 runs ANSI, where a plain cast of bad data stops the job.
"""

from pyspark.sql import Column
from pyspark.sql import functions as fn

from tonearm_glue.schemas import CREDITS

_BEYOND_BIGINT = float(1 << 63)
_REAL = r"^[+-]?[0-9]+(\.[0-9]+([eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)$"
# What Spark's own cast to a whole number overlooks around the digits.
_BLANKS = "".join(map(chr, (*range(0x21), 0x7F)))
_ISRC = "^[A-Z0-9]{12}$"
_RELEASE_DATE = "^[0-9]{4}(-[0-9]{2}){0,2}$"
_RELEASE_DATE_PARTS = "struct<year:string,month:string,day:string>"


def text(value: Column) -> Column:
    """The text as it came; NULL when empty."""
    return fn.nullif(value, fn.lit(""))


def whole(value: Column, kind: str) -> Column:
    """A whole number of this Spark type, also from a float like `3.0`; NULL when there is none.

    Digits alone never go through a float: a number just below the least bigint would become it.
    Nor does what only Java takes for a float (`12d`, `NaN`).
    """
    written = fn.btrim(value, fn.lit(_BLANKS))
    real = fn.when(written.rlike(_REAL), written.try_cast("double"))
    rounded = real.try_cast("bigint")
    # Two to the 63rd itself would be cut to the greatest bigint, which as a float it equals.
    is_whole = (rounded.cast("double") == real) & (real < _BEYOND_BIGINT)
    return fn.coalesce(value.try_cast(kind), fn.when(is_whole, rounded.try_cast(kind)))


def flag(value: Column) -> Column:
    """True or false; NULL when it is neither."""
    return fn.when(value == "true", fn.lit(True)).when(value == "false", fn.lit(False))


def moment(value: Column) -> Column:
    """A point in time, UTC; NULL when the text is not a date and a time.

    Spark's cast would also take a bare year, or a bare time of day as of today.
    """
    return fn.when(fn.substring(value, 11, 1) == "T", value.try_cast("timestamp"))


def moment_unless_epoch(value: Column) -> Column:
    """A point in time; NULL for 1970-01-01T00:00:00Z, by which Spotify says it does not know."""
    return fn.nullif(moment(value), fn.lit("1970-01-01T00:00:00Z").cast("timestamp"))


def isrc(value: Column) -> Column:
    """The recording code in upper case without hyphens; NULL when not 12 letters and digits."""
    plain = fn.upper(fn.regexp_replace(value, "-", ""))
    return fn.when(plain.rlike(_ISRC), plain)


def texts(values: Column) -> Column:
    """A list of texts without nulls and empty ones; NULL when there is no list."""
    return fn.filter(values, lambda value: value.isNotNull() & (value != ""))


def credits_of(artists: Column) -> Column:
    """Credited artists in credit order; what is not an object is left out; NULL without a list.

    `array_contains` answers false only when no element is that value and none is NULL, so a list
    that is in order, as nearly all are, is renamed without a look at each element.
    """
    is_plain = fn.coalesce(
        ~fn.array_contains(artists["id"], "") & ~fn.array_contains(artists["name"], ""),
        fn.lit(False),
    )
    return fn.when(is_plain, artists.cast(CREDITS)).otherwise(_credits_one_by_one(artists))


def largest_image(images: Column) -> Column:
    """Address of the widest image, the first of several; of unknown widths, of the first image."""
    widths = images["width"].try_cast("array<double>")
    widest = fn.get(images["url"], fn.array_position(widths, fn.array_max(widths)).cast("int") - 1)
    return text(fn.coalesce(text(widest), fn.get(images["url"], fn.lit(0))))


def release_date_text(value: Column) -> Column:
    """The release date as it came; of the object form of 2014, as much as it says."""
    return fn.when(value.startswith("{"), _text_of_parts(value)).otherwise(text(value))


def release_date_precision(value: Column, date_text: Column, precision: Column) -> Column:
    """The precision as it came, else what the date's own form says.

    `date_text` is what `release_date_text` made of `value`.
    """
    shape = (
        fn.when(date_text.rlike("^[0-9]{4}$"), "year")
        .when(date_text.rlike("^[0-9]{4}-[0-9]{2}$"), "month")
        .when(date_text.rlike(_RELEASE_DATE), "day")
    )
    said = fn.when(fn.coalesce(~value.startswith("{"), fn.lit(True)), fn.lower(text(precision)))
    return fn.coalesce(said, shape)


def release_date(date_text: Column, precision: Column) -> Column:
    """First day of what is known; NULL when there is no true date (`0000`, an impossible day)."""
    is_true = date_text.rlike(_RELEASE_DATE) & ~date_text.startswith("0000")
    known = fn.when(precision == "year", fn.substring(date_text, 1, 4)).when(
        precision == "month", fn.substring(date_text, 1, 7)
    )
    padded = fn.concat(fn.coalesce(known, date_text), fn.lit("-01-01"))
    return fn.when(is_true, fn.substring(padded, 1, 10).try_cast("date"))


def _credits_one_by_one(artists: Column) -> Column:
    return fn.transform(
        fn.filter(artists, lambda artist: artist.isNotNull()),
        lambda artist: fn.struct(
            text(artist["id"]).alias("artist_id"), text(artist["name"]).alias("name")
        ),
    )


def _text_of_parts(value: Column) -> Column:
    parts = fn.from_json(value, _RELEASE_DATE_PARTS)
    year, month, day = (whole(parts[name], "int") for name in ("year", "month", "day"))
    year_text = fn.when(year.between(1, 9999), fn.lpad(year.cast("string"), 4, "0"))
    month_text = fn.when(month.between(1, 12), fn.lpad(month.cast("string"), 2, "0"))
    day_text = fn.when(
        month_text.isNotNull() & day.between(1, 31), fn.lpad(day.cast("string"), 2, "0")
    )
    return fn.when(year_text.isNotNull(), fn.concat_ws("-", year_text, month_text, day_text))
