"""A session with the account: rows as dictionaries, refusals as one line with a fix."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from snowflake.connector.errors import Error, OperationalError

from tonearm.errors import OperatorError
from tonearm.warehouse.connect import ConnectionSettings, connect, seconds_for

# https://docs.snowflake.com/en/sql-reference/snowflake-sql-error-codes is no full list: 2003 and
# 2043 are "does not exist or not authorized", 2140 and 1003 what an unknown function or verb gives.
MISSING = {2003, 2043}
UNSUPPORTED = {2, 1003, 2140}


class RefusedError(OperatorError):
    """Snowflake refused a statement."""

    def __init__(self, reason: str, errno: int, sql: str) -> None:
        self.errno = errno
        self.reason = reason
        line = " ".join(sql.split())
        super().__init__(f"Snowflake refused `{line[:80]}`: {reason}", "run the command again")

    @property
    def is_missing(self) -> bool:
        """The object is not there, or this role may not see it."""
        return self.errno in MISSING

    @property
    def is_unsupported(self) -> bool:
        """The account does not know the statement or function."""
        return self.errno in UNSUPPORTED


class Account:
    """One session."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """The rows a statement gives, column names in lower case.

        Raises:
            RefusedError: Snowflake refused it.
        """
        try:
            with self.connection.cursor() as cursor:
                cursor.execute(sql, timeout=seconds_for(sql))
                names = [column.name.lower() for column in cursor.description]
                return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        except Error as error:
            raise RefusedError(_reason(error), error.errno or 0, sql) from error

    def rows_if_there(self, sql: str) -> list[dict[str, Any]]:
        """The same; none when the object they belong to does not exist."""
        try:
            return self.rows(sql)
        except RefusedError as error:
            if error.is_missing:
                return []
            raise

    def value(self, sql: str) -> str:
        """The first value of the first row, as text."""
        return str(next(iter(self.rows(sql)[0].values())))

    def run(self, sql: str) -> None:
        """Run a statement for its effect."""
        self.rows(sql)

    def start(self, sql: str) -> None:
        """Have a statement run by itself; its end is not waited for.

        Raises:
            RefusedError: Snowflake refused it.
        """
        try:
            with self.connection.cursor() as cursor:
                cursor.execute_async(sql)
        except Error as error:
            raise RefusedError(_reason(error), error.errno or 0, sql) from error

    def types(self, query: str) -> list[Any]:
        """The columns a query would give, without running it; none when it is refused."""
        try:
            with self.connection.cursor() as cursor:
                return list(cursor.describe(query) or [])
        except Error:
            return []

    def properties(self, sql: str) -> dict[str, str]:
        """What a DESC tells, property by property; empty when the object does not exist."""
        rows = self.rows_if_there(sql)
        return {
            str(row["property"]).upper(): str(row.get("property_value", row.get("value")) or "")
            for row in rows
        }


@contextmanager
def open_account(sign_in: Callable[[], Any], who: str, fix: str) -> Iterator[Account]:
    """A session as the admin, closed at the end.

    Args:
        sign_in: opens the connection.
        who: whose it is, for the message.
        fix: what to check when Snowflake says no.

    Raises:
        OperatorError: what to sign in with cannot be read, or Snowflake refuses or does not answer.
    """
    try:
        connection = sign_in()
    except (ValueError, TypeError, OSError) as error:
        raise OperatorError(f"{who}: what to sign in with cannot be read ({error})", fix) from error
    except Error as error:
        raise OperatorError(f"Snowflake does not let {who} in ({_reason(error)})", fix) from error
    try:
        yield Account(connection)
    finally:
        connection.close()


def login_refusal(settings: ConnectionSettings) -> str:
    """Why Snowflake does not let this user in with this key; empty when it does.

    Raises:
        OperatorError: it did not answer.
    """
    try:
        connect(settings).close()
    except OperationalError as error:
        who = f"{settings.user}@{settings.account}"
        raise OperatorError(
            f"Snowflake does not let {who} in ({_reason(error)})", "check the account identifier"
        ) from error
    except Error as error:
        return _reason(error)
    return ""


def _reason(error: Error) -> str:
    text = " ".join(str(error.raw_msg or error.msg or error).split())
    return re.sub(r"^SQL compilation error: ", "", text)[:300]
