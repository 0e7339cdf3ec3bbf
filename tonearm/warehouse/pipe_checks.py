"""Which copy options a pipe must not hold.

https://docs.snowflake.com/en/sql-reference/sql/create-pipe#usage-notes
"""

from sqlglot import TokenType, tokenize

_FORBIDDEN = {
    "FILES",
    "SIZE_LIMIT",
    "PURGE",
    "FORCE",
    "RETURN_FAILED_ONLY",
    "VALIDATION_MODE",
}
# Values of these can be hours off in a pipe; METADATA$START_SCAN_TIME is the true time.
_CLOCKS = {
    "CURRENT_DATE",
    "CURRENT_TIME",
    "CURRENT_TIMESTAMP",
    "GETDATE",
    "LOCALTIME",
    "LOCALTIMESTAMP",
    "SYSDATE",
    "SYSTIMESTAMP",
}


def forbidden_pipe_options(copy: str) -> list[str]:
    """What a COPY statement holds that Snowflake refuses, or advises against, in a pipe."""
    tokens = tokenize(copy, read="snowflake")
    found: list[str] = []
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        word = token.text.upper()
        is_option = following is not None and following.token_type is TokenType.EQ
        if (is_option and word in _FORBIDDEN) or (
            word in _CLOCKS and token.token_type is not TokenType.STRING
        ):
            found.append(word.lower())
    if _aborts(copy):
        found.append("on_error = abort_statement")
    return found


def _aborts(copy: str) -> bool:
    words = [token.text.upper() for token in tokenize(copy, read="snowflake")]
    return any(
        words[at : at + 3] == ["ON_ERROR", "=", "ABORT_STATEMENT"] for at in range(len(words))
    )
