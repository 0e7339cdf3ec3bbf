"""Errors as Snowflake words and numbers them."""

import re

import duckdb
from snowflake.connector.errors import Error as SnowflakeError
from snowflake.connector.errors import ProgrammingError

TRY_AGAIN = 603  # an internal error: nothing is wrong with the statement
_COLOUR = re.compile(r"\x1b\[\d+m")


class OwnError(ProgrammingError):
    """An error this server words itself, whatever the engine said before."""


def compile_error(message: str, errno: int = 1003, sqlstate: str = "42000") -> OwnError:
    """A statement Snowflake would not compile."""
    text = f"SQL compilation error:\n{_COLOUR.sub('', message)}"
    return OwnError(msg=text, errno=errno, sqlstate=sqlstate)


def missing(kind: str, name: str) -> OwnError:
    """An object that is not there."""
    return compile_error(f"{kind} '{name}' does not exist or not authorized.", 2003, "02000")


def already_there(name: str) -> OwnError:
    """An object that is there already."""
    return compile_error(f"Object '{name}' already exists.", 2002, "42710")


def refused(what: str) -> OwnError:
    """Something Snowflake does and this server does not: an error is better than another answer."""
    return OwnError(
        msg=f"Unsupported feature on the local server: {what}", errno=2, sqlstate="0A000"
    )


def as_snowflake_error(error: Exception) -> SnowflakeError:
    """Any failure of the engine as the error a connector expects, so that it does not retry."""
    if isinstance(error, OwnError):
        return error
    if isinstance(error, SnowflakeError):
        cause = error.__cause__  # an engine's error, which fakesnow numbers in its own way
        return as_snowflake_error(cause) if isinstance(cause, duckdb.Error) else error
    text = _COLOUR.sub("", str(error))
    if isinstance(error, duckdb.InvalidInputException) and "Division by zero" in text:
        return ProgrammingError(msg="Division by zero", errno=100051, sqlstate="22012")
    for kind, errno, sqlstate in _DUCKDB_ERRORS:
        if isinstance(error, kind):
            return ProgrammingError(msg=text.split("\n")[0], errno=errno, sqlstate=sqlstate)
    name = type(error).__name__
    return ProgrammingError(msg=f"{name}: {text[:800]}", errno=TRY_AGAIN, sqlstate="XX000")


_DUCKDB_ERRORS: tuple[tuple[type[Exception], int, str], ...] = (
    (duckdb.ConstraintException, 100072, "22000"),
    (duckdb.ConversionException, 100038, "22018"),
    (duckdb.OutOfRangeException, 100132, "22003"),
    (duckdb.ParserException, 1003, "42000"),
    (duckdb.BinderException, 904, "42000"),
    (duckdb.CatalogException, 2003, "42S02"),
    (duckdb.IOException, 91003, "55000"),
)
