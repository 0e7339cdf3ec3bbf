"""A SQL file's placeholders filled, and the file cut into statements.

Placeholders are `<% name %>`, as `snow sql -D name=value` fills them:
https://docs.snowflake.com/en/developer-guide/snowflake-cli/sql/execute-sql#using-variables-for-sql-templates
Statements are cut as Snowflake's own connector cuts them; scripting that it would cut in the wrong
place is refused.
"""

import io
import re
from collections.abc import Mapping

from snowflake.connector.util_text import split_statements
from sqlglot import TokenType, tokenize
from sqlglot.errors import TokenError

_SCRIPTING = {"BEGIN", "DECLARE", "LET", "FOR", "WHILE", "REPEAT", "LOOP", "IF", "CASE", "END"}
_DOLLARS = re.compile(r"\$\$.*?\$\$", re.S)
PLACEHOLDER = re.compile(r"<%\s*(\w+)\s*%>")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_UNSAFE = re.compile(r"['\"`;\\\n]|--|<%|%>|\$\$")
IDENTIFIERS = frozenset({"database", "warehouse"})
# A clause or a file that an account may have to do without.
MAY_BE_EMPTY = frozenset({"error_integration", "credit_quota"})


class PlaceholderError(Exception):
    """Values are missing or cannot stand in SQL; the message lists every one."""


class UnsafeStatementError(Exception):
    """A statement that a splitter would cut in the wrong place."""


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


def statements_in(sql: str) -> list[str]:
    """The statements of a file, in order, without the closing semicolons.

    Raises:
        UnsafeStatementError: scripting outside `$$`: its semicolons would be taken for ends.
    """
    found = [without_outer_comments(text) for text, _ in split_statements(io.StringIO(sql))]
    statements = [text for text in found if text]
    for statement in statements:
        check_no_bare_scripting(statement)
    return statements


def check_no_bare_scripting(statement: str) -> None:
    """Refuse a piece of a BEGIN … END block that is not inside `$$`.

    Raises:
        UnsafeStatementError: the statement opens, continues or ends such a block.
    """
    words = _leading_words(_DOLLARS.sub(" ", statement))
    is_transaction = words[0] == "BEGIN" and (
        len(words) == 1 or words[1] in ("TRANSACTION", "WORK")
    )
    body_begins = re.search(r"\bAS\s+(?:BEGIN|DECLARE)\b", _DOLLARS.sub(" ", statement), re.I)
    if (words[0] in _SCRIPTING and not is_transaction) or body_begins:
        first = " ".join(statement.split())[:60]
        raise UnsafeStatementError(f"scripting outside $$ … $$: {first}")


def title(statement: str, length: int = 72) -> str:
    """A statement in one line, for a plan or a progress report."""
    words = " ".join(without_outer_comments(statement).split())
    return words if len(words) <= length else words[: length - 1] + "…"


def _leading_words(statement: str) -> list[str]:
    return [word.upper() for word in re.findall(r"[A-Za-z_]+", statement)[:2]]


def without_outer_comments(statement: str) -> str:
    """A statement without the comments around it and the closing semicolon."""
    try:
        tokens = tokenize(statement, read="snowflake")
    except TokenError:
        return statement.strip()
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        tokens.pop()
    return statement[tokens[0].start : tokens[-1].end + 1] if tokens else ""
