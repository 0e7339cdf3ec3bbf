"""What handlers of statements work with, and what they give back."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonearm.local.snowflake_server.engine.engine import Engine
from tonearm.local.snowflake_server.engine.names import IDENTIFIER, QUALIFIED
from tonearm.local.snowflake_server.loading.loading import Loader
from tonearm.local.snowflake_server.loading.pipe_work import PipeWork
from tonearm.local.snowflake_server.protocol.answers import Answer

if TYPE_CHECKING:
    from tonearm.local.snowflake_server.engine.session import Session


@dataclass(frozen=True)
class Services:
    """The parts of the server a statement may need."""

    engine: Engine
    loader: Loader
    pipe_work: PipeWork


type Handled = Answer | str | None  # an answer, other SQL to run instead, or nothing of ours
type Handler = Callable[[Services, "re.Match[str]", "Session"], Handled]
type Rule = tuple["re.Pattern[str]", Handler]

NAMED = rf"(?P<name>{QUALIFIED})"
THERE = r"(?P<there>IF\s+EXISTS\s+)?"


def rule(pattern: str, handler: Handler) -> Rule:
    """A whole statement that a handler answers."""
    return re.compile(pattern + r"\s*$", re.I | re.S), handler


def creation(kind: str, name: str = IDENTIFIER) -> str:
    """The pattern of CREATE [OR REPLACE | OR ALTER] kind [IF NOT EXISTS] name …."""
    return (
        r"CREATE\s+(?P<replace>OR\s+REPLACE\s+)?(?P<alter>OR\s+ALTER\s+)?"
        rf"{kind}\s+(?P<missing>IF\s+NOT\s+EXISTS\s+)?(?P<name>{name})(?P<tail>.*)"
    )
