"""Rules the project's SQL must keep, checked before anything is sent to Snowflake."""

import re
from dataclasses import dataclass

from sqlglot import TokenType, tokenize

from tonearm.warehouse.dynamic_table_checks import unsupported_constructs

_PIPE = re.compile(r"^CREATE\s.*?\bPIPE\b.*?\bAS\s+(?=\(?\s*COPY\s)(?P<copy>.*)$", re.I | re.S)
_DYNAMIC = re.compile(
    r"^CREATE\s.*?\bDYNAMIC\s+TABLE\b(?P<options>.*?)\bAS\s+(?=\(?\s*(?:SELECT|WITH)\b)(?P<query>.*)$",
    re.I | re.S,
)
_INCREMENTAL = re.compile(r"\bREFRESH_MODE\s*=\s*(?:INCREMENTAL|ADAPTIVE)\b", re.I)
_REPLACE = re.compile(
    r"^CREATE\s+OR\s+REPLACE\s+(?:SECURE\s+|TRANSIENT\s+|TEMPORARY\s+)*(?P<kind>\w+(?:\s+TABLE)?)",
    re.I,
)
_REPLACEABLE = {"VIEW", "DYNAMIC TABLE", "FUNCTION", "PROCEDURE", "TASK", "STREAMLIT"}
_DESTROYING = re.compile(r"^(DROP|TRUNCATE|UNDROP|DELETE)\b", re.I)
_CREATE_OR_ALTER = re.compile(
    r"^CREATE\s+OR\s+ALTER\s+(?!DYNAMIC\b|VIEW\b|TASK\b)(?P<kind>\w+)", re.I
)
# https://docs.snowflake.com/en/sql-reference/sql/create-pipe#usage-notes
_FORBIDDEN_IN_PIPE = {
    "FILES",
    "SIZE_LIMIT",
    "PURGE",
    "FORCE",
    "RETURN_FAILED_ONLY",
    "VALIDATION_MODE",
}
# Values of these can be hours off in a pipe; METADATA$START_SCAN_TIME is the true time.
_PIPE_CLOCKS = {
    "CURRENT_DATE",
    "CURRENT_TIME",
    "CURRENT_TIMESTAMP",
    "GETDATE",
    "LOCALTIME",
    "LOCALTIMESTAMP",
    "SYSDATE",
    "SYSTIMESTAMP",
}


@dataclass(frozen=True)
class BrokenRule:
    """One rule broken by one statement."""

    rule: str
    why: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.why}"


def check_statement(sql: str, *, is_silent: bool = False) -> list[BrokenRule]:
    """Every rule a statement breaks; none when it is fine.

    Args:
        sql: the statement.
        is_silent: whether the account has nothing that tells of a refused file.
    """
    pipe = _pipe(sql, is_silent=is_silent)
    return [*_replacing(sql), *_destroying(sql), *pipe, *_dynamic_table(sql)]


def _replacing(sql: str) -> list[BrokenRule]:
    """Nothing that holds data or history may be replaced: it would be gone.

    A table loses its rows, a pipe its load history, an integration its trust, a stage its pipes.
    """
    if found := _REPLACE.match(sql):
        kind = " ".join(found["kind"].upper().split())
        if kind not in _REPLACEABLE and kind.split()[0] not in _REPLACEABLE:
            why = f"{kind.lower()} holds data, history or trust"
            return [BrokenRule("create or replace", why)]
    if found := _CREATE_OR_ALTER.match(sql):
        return [
            BrokenRule("create or alter", f"{found['kind'].lower()} may lose columns it misses")
        ]
    return []


def _destroying(sql: str) -> list[BrokenRule]:
    if found := _DESTROYING.match(sql):
        return [BrokenRule(found[1].lower(), "a deploy never takes anything away")]
    return []


def _pipe(sql: str, *, is_silent: bool) -> list[BrokenRule]:
    found = _PIPE.match(sql)
    if found is None:
        return []
    broken = [
        BrokenRule("pipe option", option) for option in _forbidden_pipe_options(found["copy"])
    ]
    if not is_silent and not re.search(r"\bERROR_INTEGRATION\s*=", sql, re.I):
        broken.append(BrokenRule("pipe option", "without error_integration a bad file is skipped"))
    return broken


def _forbidden_pipe_options(copy: str) -> list[str]:
    """What a COPY statement holds that Snowflake refuses, or advises against, in a pipe."""
    tokens = tokenize(copy, read="snowflake")
    found: list[str] = []
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        word = token.text.upper()
        is_option = following is not None and following.token_type is TokenType.EQ
        if (is_option and word in _FORBIDDEN_IN_PIPE) or (
            word in _PIPE_CLOCKS and token.token_type is not TokenType.STRING
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


def _dynamic_table(sql: str) -> list[BrokenRule]:
    found = _DYNAMIC.match(sql)
    if found is None:
        return []
    if not _INCREMENTAL.search(found["options"]):
        return [BrokenRule("dynamic table", "refresh_mode = adaptive or incremental is not said")]
    return [BrokenRule("dynamic table", why) for why in unsupported_constructs(found["query"])]
