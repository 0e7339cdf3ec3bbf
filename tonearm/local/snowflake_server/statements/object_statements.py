"""Statements on stages and pipes."""

import re
from typing import TYPE_CHECKING

from tonearm.local.snowflake_server.engine.names import QUALIFIED
from tonearm.local.snowflake_server.engine.options import parse_options
from tonearm.local.snowflake_server.loading import pipes, stages
from tonearm.local.snowflake_server.loading.pipes import CreatePipe
from tonearm.local.snowflake_server.loading.stages import CreateStage
from tonearm.local.snowflake_server.protocol.answers import done, texts
from tonearm.local.snowflake_server.protocol.errors import compile_error, missing, refused
from tonearm.local.snowflake_server.statements import shows
from tonearm.local.snowflake_server.statements.grammar import (
    NAMED,
    THERE,
    Handled,
    Rule,
    Services,
    creation,
    rule,
)

if TYPE_CHECKING:
    from tonearm.local.snowflake_server.engine.session import Session

_AS_COPY = re.compile(r"\bAS\s+(?=\(?\s*COPY\s+INTO\b)", re.I)


def create_stage(services: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """CREATE STAGE."""
    if found["alter"]:
        raise refused("CREATE OR ALTER STAGE")
    request = CreateStage(
        session.named(found["name"]), bool(found["replace"]), bool(found["missing"]), found["tail"]
    )
    return stages.create_stage(services.engine, request)


def drop_stage(services: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """DROP STAGE."""
    name = session.named(found["name"])
    if not found["there"]:
        stages.stage_url(services.engine, name)
    stages.drop_stage(services.engine, name)
    return done(f"{name.name} successfully dropped.")


def alter_stage(services: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """ALTER STAGE … SET."""
    name = session.named(found["name"])
    if found["there"] and stages.find_stage_url(services.engine, name) is None:
        return done()
    return stages.alter_stage(services.engine, name, parse_options(found["tail"]))


def list_stage(services: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """LIST of an external stage."""
    stage, _, path = found["place"].partition("/")
    base = stages.stage_url(services.engine, session.named(stage)) + path
    rows = [
        (file.url, str(file.size), file.content_key, f"{file.last_modified:%a, %d %b %Y %T} GMT")
        for file in services.engine.files.listed(base)
    ]
    return texts(["name", "size", "md5", "last_modified"], rows)


def create_pipe(services: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """CREATE PIPE."""
    if found["alter"]:
        raise refused("CREATE OR ALTER PIPE")
    options, copy = _cut(_AS_COPY, found["tail"], "a pipe needs AS COPY INTO")
    request = CreatePipe(
        session.named(found["name"]), bool(found["replace"]), bool(found["missing"]), options, copy
    )
    return pipes.create_pipe(services.engine, request)


def alter_pipe(services: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """ALTER PIPE."""
    name = session.named(found["name"])
    if found["there"] and pipes.find_pipe(services.engine, name) is None:
        return done()
    return services.pipe_work.alter(pipes.pipe_named(services.engine, name), found["tail"])


def drop_pipe(services: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """DROP PIPE."""
    name = session.named(found["name"])
    row = pipes.find_pipe(services.engine, name)
    if row is None and not found["there"]:
        raise missing("Pipe", str(name))
    if row is not None:
        pipes.drop_pipe(services.engine, row)
    return done(f"{name.name} successfully dropped.")


def describe_pipe(services: Services, found: "re.Match[str]", session: "Session") -> Handled:
    """DESC PIPE."""
    row = pipes.pipe_named(services.engine, session.named(found["name"]))
    return shows.describe_pipe(services.engine, row)


def _cut(at: "re.Pattern[str]", tail: str, wanted: str) -> tuple[str, str]:
    match at.split(tail, maxsplit=1):
        case [options, body]:
            return options, body.strip()
        case _:
            raise compile_error(f"syntax error: {wanted}.")


RULES: tuple[Rule, ...] = (
    rule(creation("STAGE", QUALIFIED), create_stage),
    rule(rf"ALTER\s+STAGE\s+{THERE}{NAMED}\s+SET\s+(?P<tail>.*)", alter_stage),
    rule(rf"DROP\s+STAGE\s+{THERE}{NAMED}", drop_stage),
    rule(r"(?:LIST|LS)\s+@(?P<place>\S+)", list_stage),
    rule(creation("PIPE", QUALIFIED), create_pipe),
    rule(rf"ALTER\s+PIPE\s+{THERE}{NAMED}(?P<tail>.*)", alter_pipe),
    rule(rf"DROP\s+PIPE\s+{THERE}{NAMED}", drop_pipe),
    rule(rf"DESC(?:RIBE)?\s+PIPE\s+{NAMED}", describe_pipe),
)
