"""Statements this server answers itself, told apart by their leading words."""

import re
from typing import TYPE_CHECKING

from tonearm.local.snowflake_server.dynamic import dynamic_statements
from tonearm.local.snowflake_server.engine.engine import Engine
from tonearm.local.snowflake_server.loading.loading import Loader
from tonearm.local.snowflake_server.loading.pipe_work import PipeWork
from tonearm.local.snowflake_server.protocol.errors import refused
from tonearm.local.snowflake_server.statements import account_statements, object_statements, tasks
from tonearm.local.snowflake_server.statements.grammar import Handled, Rule, Services

if TYPE_CHECKING:
    from tonearm.local.snowflake_server.engine.session import Session


_COMMENT = r"(?:--[^\n]*(?:\n|\Z)|//[^\n]*(?:\n|\Z)|/\*.*?\*/)"
_AROUND_START = re.compile(rf"\A(?:\s|{_COMMENT})+", re.S)
_AROUND_END = re.compile(rf"(?:\s|;|\n\s*{_COMMENT})+\Z", re.S)


class Statements:
    """Answers statements."""

    def __init__(self, engine: Engine) -> None:
        loader = Loader(engine)
        self.services = Services(engine, loader, PipeWork(engine, loader))

    def answer(self, sql: str, session: "Session") -> Handled:
        """The server's own answer to a statement; None when fakesnow is to run it.

        Raises:
            ProgrammingError: the statement is wrong, or one this server cannot follow.
        """
        text = _bare(sql)
        for pattern, handler in _RULES:
            if found := pattern.match(text):
                return handler(self.services, found, session)
        return None


def _bare(sql: str) -> str:
    """A statement without the comments around it and the closing semicolon."""
    return _AROUND_END.sub("", _AROUND_START.sub("", sql))


def _refuse(_: Services, found: "re.Match[str]", _session: "Session") -> Handled:
    raise refused(" ".join(found[0].split()).lower())


def _refused(pattern: str) -> Rule:
    return re.compile(pattern, re.I), _refuse


_RULES: tuple[Rule, ...] = (
    *account_statements.RULES,
    *object_statements.RULES,
    *dynamic_statements.RULES,
    *tasks.RULES,
    _refused(r"CREATE\s+OR\s+ALTER\s+\w+"),  # fakesnow would empty the table
    _refused(r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:STREAM|PROCEDURE)\b"),
    _refused(r"(?:EXECUTE\s+IMMEDIATE|DECLARE|CALL|BEGIN)\b"),
    _refused(r"UNDROP\b"),
    _refused(r"CREATE\s+(?:OR\s+REPLACE\s+)?EXTERNAL\s+TABLE\b"),
)
