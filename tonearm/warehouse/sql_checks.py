"""Rules the project's SQL must keep, checked before anything is sent to Snowflake."""

import re
from dataclasses import dataclass

from tonearm.warehouse.dynamic_table_checks import unsupported_constructs
from tonearm.warehouse.pipe_checks import forbidden_pipe_options

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


@dataclass(frozen=True)
class Finding:
    """One rule broken by one statement."""

    rule: str
    why: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.why}"


def check_statement(sql: str, *, is_silent: bool = False) -> list[Finding]:
    """Every rule a statement breaks; none when it is fine.

    Args:
        sql: the statement.
        is_silent: whether the account has nothing that tells of a refused file.
    """
    pipe = _pipe(sql, is_silent=is_silent)
    return [*_replacing(sql), *_destroying(sql), *pipe, *_dynamic_table(sql)]


def _replacing(sql: str) -> list[Finding]:
    """Nothing that holds data or history may be replaced: it would be gone.

    A table loses its rows, a pipe its load history, an integration its trust, a stage its pipes.
    """
    if found := _REPLACE.match(sql):
        kind = " ".join(found["kind"].upper().split())
        if kind not in _REPLACEABLE and kind.split()[0] not in _REPLACEABLE:
            return [Finding("create or replace", f"{kind.lower()} holds data, history or trust")]
    if found := _CREATE_OR_ALTER.match(sql):
        return [Finding("create or alter", f"{found['kind'].lower()} may lose columns it misses")]
    return []


def _destroying(sql: str) -> list[Finding]:
    if found := _DESTROYING.match(sql):
        return [Finding(found[1].lower(), "a deploy never takes anything away")]
    return []


def _pipe(sql: str, *, is_silent: bool) -> list[Finding]:
    found = _PIPE.match(sql)
    if found is None:
        return []
    findings = [Finding("pipe option", option) for option in forbidden_pipe_options(found["copy"])]
    if not is_silent and not re.search(r"\bERROR_INTEGRATION\s*=", sql, re.I):
        findings.append(Finding("pipe option", "without error_integration a bad file is skipped"))
    return findings


def _dynamic_table(sql: str) -> list[Finding]:
    found = _DYNAMIC.match(sql)
    if found is None:
        return []
    if not _INCREMENTAL.search(found["options"]):
        return [Finding("dynamic table", "refresh_mode = adaptive or incremental is not said")]
    return [Finding("dynamic table", why) for why in unsupported_constructs(found["query"])]
