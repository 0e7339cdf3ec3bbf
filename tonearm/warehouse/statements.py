"""A SQL file cut into statements as Snowflake's own connector cuts it, its blind spot closed."""

import io
import re

from snowflake.connector.util_text import split_statements
from sqlglot import TokenType, tokenize
from sqlglot.errors import TokenError

_SCRIPTING = {"BEGIN", "DECLARE", "LET", "FOR", "WHILE", "REPEAT", "LOOP", "IF", "CASE", "END"}
_DOLLARS = re.compile(r"\$\$.*?\$\$", re.S)


class UnsafeStatementError(Exception):
    """A statement that a splitter would cut in the wrong place."""


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
