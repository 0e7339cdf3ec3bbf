"""SHOW of the objects fakesnow does not know: pipes, dynamic tables and account-level objects.

https://docs.snowflake.com/en/sql-reference/sql/show-pipes, .../show-dynamic-tables,
.../show-integrations
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tonearm.local.snowflake_server.dynamic import dynamic_shows
from tonearm.local.snowflake_server.engine.engine import Engine
from tonearm.local.snowflake_server.engine.names import identifiers
from tonearm.local.snowflake_server.loading import pipes
from tonearm.local.snowflake_server.protocol.answers import Answer, Value, columns
from tonearm.local.snowflake_server.protocol.errors import refused
from tonearm.local.snowflake_server.statements import tasks
from tonearm.local.snowflake_server.statements.account import SYSTEM_ROLES

_TAIL = re.compile(
    r"^\s*(?:LIKE\s+'(?P<like>[^']*)')?"
    r"\s*(?:IN\s+(?P<scope>ACCOUNT|DATABASE|SCHEMA)?\s*(?P<name>[\w$.\"]+)?)?\s*$",
    re.I | re.S,
)


@dataclass(frozen=True)
class Scope:
    """What a SHOW asks for: a name pattern, a database, a schema; None is all."""

    like: str | None
    database: str | None
    schema: str | None

    def takes(self, database: str, schema: str, name: str) -> bool:
        """Whether an object is in scope."""
        return (
            self.database in (None, database)
            and self.schema in (None, schema)
            and like_takes(self.like, name)
        )


def parse_scope(tail: str, database: str | None) -> Scope:
    """The scope a SHOW's tail names; without one it is the session's database, if it has one."""
    found = _TAIL.match(tail)
    if found is None:
        raise refused(f"SHOW … {tail.strip()}")
    like, kind, name = found["like"], (found["scope"] or "").upper(), found["name"]
    if kind == "ACCOUNT" or (name is None and database is None):
        return Scope(like, None, None)
    if name is None:
        return Scope(like, database, None)
    parts = identifiers(name)
    if kind == "DATABASE":
        return Scope(like, parts[0], None)
    return Scope(like, parts[-2] if len(parts) > 1 else database, parts[-1])


def like_takes(like: str | None, name: str) -> bool:
    """Snowflake's LIKE of SHOW: case-insensitive, % and _."""
    if like is None:
        return True
    pattern = re.escape(like).replace("%", ".*").replace("_", ".")
    return re.fullmatch(pattern, name, re.I) is not None


def show(engine: Engine, kind: str, tail: str, database: str | None) -> Answer:
    """The answer of SHOW <kind>."""
    word = " ".join(kind.upper().split())
    if word in _SCOPED:
        return _SCOPED[word](engine, parse_scope(tail, database))
    found = re.fullmatch(r"\s*(?:LIKE\s+'([^']*)')?\s*", tail, re.I)
    if found is None:
        raise refused(f"SHOW {word} {tail.strip()}")
    return _account_objects(engine, word, found[1])


def describe_pipe(engine: Engine, row: pipes.PipeRow) -> Answer:
    """DESC PIPE: the row SHOW PIPES has for it."""
    return Answer(_PIPE_COLUMNS, [_pipe(engine, row)])


_PIPE_COLUMNS = columns(
    "created_on timestamptz, name, database_name, schema_name, definition, owner, "
    "notification_channel, comment, integration, pattern, error_integration, owner_role_type, "
    "invalid_reason, kind"
)


def _pipe(engine: Engine, row: pipes.PipeRow) -> tuple[Value, ...]:
    channel = engine.options.notification_channel if row.is_auto_ingest else ""
    return (
        row.created_on,
        row.name.name,
        row.name.database,
        row.name.schema,
        row.definition,
        "SYSADMIN",
        channel or None,
        row.comment,
        None,
        row.job.pattern or None,
        row.error_integration or None,
        "ROLE",
        None,
        "STAGE",
    )


def _pipes(engine: Engine, scope: Scope) -> Answer:
    rows = [_pipe(engine, row) for row in pipes.all_pipes(engine) if scope.takes(*row.name)]
    return Answer(_PIPE_COLUMNS, rows)


def _dynamic_tables(engine: Engine, scope: Scope) -> Answer:
    return dynamic_shows.shown(engine, scope.takes)


def _tasks(engine: Engine, scope: Scope) -> Answer:
    rows = [row for name, row in tasks.shown(engine) if scope.takes(*name)]
    return Answer(tasks.COLUMNS, rows)


_SCOPED: dict[str, Callable[[Engine, Scope], Answer]] = {
    "PIPES": _pipes,
    "DYNAMIC TABLES": _dynamic_tables,
    "TASKS": _tasks,
}
_ACCOUNT_COLUMNS = columns(
    "created_on timestamptz, name, type, enabled, comment, credit_quota, resource_monitor"
)
_ACCOUNT_KINDS = {
    "ROLES": "ROLE",
    "USERS": "USER",
    "WAREHOUSES": "WAREHOUSE",
    "RESOURCE MONITORS": "RESOURCE MONITOR",
    "INTEGRATIONS": "INTEGRATION",
    "STORAGE INTEGRATIONS": "INTEGRATION",
    "NOTIFICATION INTEGRATIONS": "INTEGRATION",
}


def _account_objects(engine: Engine, word: str, like: str | None) -> Answer:
    kind = _ACCOUNT_KINDS[word]
    wanted = word.split(maxsplit=1)[0] if word.endswith(" INTEGRATIONS") else ""
    found = engine.store.rows(
        "select created_on, name, properties from _fs_global.tonearm.account_objects"
        " where kind = ? order by name",
        [kind],
    )
    rows: list[tuple[Value, ...]] = []
    for created_on, name, properties in found:
        said = json.loads(properties)
        subtype = str(said.get("INTEGRATION_TYPE", ""))
        if like_takes(like, name) and wanted in ("", subtype):
            enabled = str(said.get("ENABLED", "")).lower()
            limit = (said.get("CREDIT_QUOTA"), str(said.get("RESOURCE_MONITOR", "null")).upper())
            rows.append((created_on, name, subtype, enabled, said.get("COMMENT", ""), *limit))
    return Answer(_ACCOUNT_COLUMNS, [*rows, *_system_roles(kind, like)])


def _system_roles(kind: str, like: str | None) -> Iterable[tuple[Value, ...]]:
    if kind != "ROLE":
        return []
    return [
        (None, name, "", "", "", None, None)
        for name in sorted(SYSTEM_ROLES)
        if like_takes(like, name)
    ]
