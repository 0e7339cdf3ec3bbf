"""Placeholders `<% name %>`, as `snow sql -D name=value` fills them.

https://docs.snowflake.com/en/developer-guide/snowflake-cli/sql/execute-sql#using-variables-for-sql-templates
"""

import re
from collections.abc import Mapping

PLACEHOLDER = re.compile(r"<%\s*(\w+)\s*%>")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_UNSAFE = re.compile(r"['\"`;\\\n]|--|<%|%>|\$\$")
IDENTIFIERS = frozenset({"database", "warehouse"})
# A clause or a file that an account may have to do without.
MAY_BE_EMPTY = frozenset({"error_integration", "credit_quota"})


class PlaceholderError(Exception):
    """Values are missing or cannot stand in SQL; the message lists every one."""


def placeholders_in(sql: str) -> list[str]:
    """The names used in a text, each once, in order of appearance."""
    return list(dict.fromkeys(PLACEHOLDER.findall(sql)))


def fill(sql: str, values: Mapping[str, str]) -> str:
    """The text with every placeholder replaced.

    Raises:
        PlaceholderError: names without a value, all of them at once.
    """
    if missing := [name for name in placeholders_in(sql) if name not in values]:
        raise PlaceholderError(f"no value for: {', '.join(missing)}")
    return PLACEHOLDER.sub(lambda found: values[found[1]], sql)


def check_values(sql: str, values: Mapping[str, str]) -> None:
    """Every name used in the text must have a value that is safe to put into SQL.

    Raises:
        PlaceholderError: lists every missing, empty or unsafe value at once.
    """
    problems = []
    for name in placeholders_in(sql):
        value = values.get(name, "")
        if not value and name in MAY_BE_EMPTY:
            continue
        if not value:
            problems.append(f"{name}: missing")
        elif name in IDENTIFIERS and not _IDENTIFIER.fullmatch(value):
            problems.append(f"{name}: {value!r} is not an identifier")
        elif _UNSAFE.search(value):
            problems.append(f"{name}: holds a character that cannot stand in SQL")
    if problems:
        raise PlaceholderError("values for the SQL: " + "; ".join(problems))
