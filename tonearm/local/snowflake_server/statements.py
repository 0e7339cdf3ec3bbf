"""Statements this server answers itself, told apart by their leading words."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tonearm.local.snowflake_server import account, dynamic_tables, pipes, shows, stages
from tonearm.local.snowflake_server.answers import Answer, done, texts
from tonearm.local.snowflake_server.dynamic_tables import CreateDynamicTable
from tonearm.local.snowflake_server.engine import Engine
from tonearm.local.snowflake_server.errors import compile_error, missing, refused
from tonearm.local.snowflake_server.integrations import describe_integration
from tonearm.local.snowflake_server.loading import Loader
from tonearm.local.snowflake_server.names import IDENTIFIER, QUALIFIED, folded, quoted
from tonearm.local.snowflake_server.pipe_work import PipeWork
from tonearm.local.snowflake_server.pipes import CreatePipe
from tonearm.local.snowflake_server.stages import CreateStage
from tonearm.warehouse.statements import without_outer_comments

if TYPE_CHECKING:
    from tonearm.local.snowflake_server.session import Session

type Handled = Answer | str | None  # an answer, other SQL to run instead, or nothing of ours
type Handler = Callable[["Statements", "re.Match[str]", "Session"], Handled]

_ACCOUNT = r"(?P<kind>ROLE|USER|WAREHOUSE|(?:\w+\s+)?INTEGRATION)"
_CREATE = (
    r"CREATE\s+(?P<replace>OR\s+REPLACE\s+)?(?P<alter>OR\s+ALTER\s+)?{}\s+"
    r"(?P<missing>IF\s+NOT\s+EXISTS\s+)?(?P<name>{})(?P<tail>.*)"
)


class Statements:
    """Answers statements."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.loader = Loader(engine)
        self.pipe_work = PipeWork(engine, self.loader)

    def answer(self, sql: str, session: "Session") -> Handled:
        """The server's own answer to a statement; None when fakesnow is to run it."""
        text = without_outer_comments(sql)
        for pattern, handler in _RULES:
            if found := pattern.match(text):
                return handler(self, found, session)
        return None

    def create_account_object(self, found: "re.Match[str]", _: "Session") -> Handled:
        """CREATE ROLE, USER, WAREHOUSE, … INTEGRATION."""
        if found["alter"]:
            raise refused(f"CREATE OR ALTER {found['kind']}")
        return account.create_object(
            self.engine,
            found["kind"],
            found["name"],
            found["tail"],
            replace=bool(found["replace"]),
            if_missing=bool(found["missing"]),
        )

    def alter_account_object(self, found: "re.Match[str]", _: "Session") -> Handled:
        """ALTER ROLE, USER, WAREHOUSE, … INTEGRATION."""
        there = bool(found["there"])
        return account.alter_object(
            self.engine, found["kind"], found["name"], found["tail"], if_there=there
        )

    def drop_account_object(self, found: "re.Match[str]", _: "Session") -> Handled:
        """DROP ROLE, USER, WAREHOUSE, … INTEGRATION."""
        there = bool(found["there"])
        return account.drop_object(self.engine, found["kind"], found["name"], if_there=there)

    def grant(self, found: "re.Match[str]", _: "Session") -> Handled:
        """GRANT and REVOKE."""
        return account.grant(self.engine, found.string)

    def use(self, found: "re.Match[str]", session: "Session") -> Handled:
        """USE ROLE and USE WAREHOUSE."""
        kind, name = found["kind"].upper(), folded(found["name"])
        account.check_there(self.engine, kind, name)
        if kind == "ROLE":
            session.role = name
        else:
            session.warehouse = name
        return done()

    def set_session(self, found: "re.Match[str]", _: "Session") -> Handled:
        """ALTER SESSION SET of parameters without effect here."""
        if re.search(r"\bAUTOCOMMIT\b", found["tail"], re.I):
            return None
        if re.search(r"\bTIMEZONE\b", found["tail"], re.I) and "UTC" not in found["tail"].upper():
            raise refused("a session time zone other than UTC")
        return done()

    def create_stage(self, found: "re.Match[str]", session: "Session") -> Handled:
        """CREATE STAGE."""
        request = CreateStage(
            session.named(found["name"]),
            bool(found["replace"]),
            bool(found["missing"]),
            found["tail"],
        )
        return stages.create_stage(self.engine, request)

    def drop_stage(self, found: "re.Match[str]", session: "Session") -> Handled:
        """DROP STAGE."""
        name = session.named(found["name"])
        if not found["there"]:
            stages.stage_url(self.engine, name)
        stages.drop_stage(self.engine, name)
        return done(f"{name.name} successfully dropped.")

    def list_stage(self, found: "re.Match[str]", session: "Session") -> Handled:
        """LIST of an external stage."""
        stage, _, path = found["place"].partition("/")
        base = stages.stage_url(self.engine, session.named(stage)) + path
        files = self.engine.files.listed(base)
        rows = [
            (file.url, str(file.size), file.content_key, f"{file.last_modified:%a, %d %b %Y %T} GMT")
            for file in files
        ]
        return texts(["name", "size", "md5", "last_modified"], rows)

    def create_pipe(self, found: "re.Match[str]", session: "Session") -> Handled:
        """CREATE PIPE."""
        if found["alter"]:
            raise refused("CREATE OR ALTER PIPE")
        parts = re.split(r"\bAS\s+(?=\(?\s*COPY\s+INTO\b)", found["tail"], maxsplit=1, flags=re.I)
        if len(parts) != 2:
            raise compile_error("syntax error: a pipe needs AS COPY INTO.")
        request = CreatePipe(
            session.named(found["name"]),
            bool(found["replace"]),
            bool(found["missing"]),
            parts[0],
            parts[1].strip(),
        )
        return pipes.create_pipe(self.engine, request)

    def alter_pipe(self, found: "re.Match[str]", session: "Session") -> Handled:
        """ALTER PIPE."""
        name = session.named(found["name"])
        if found["there"] and pipes.find_pipe(self.engine, name) is None:
            return done()
        return self.pipe_work.alter(pipes.pipe_named(self.engine, name), found["tail"])

    def drop_pipe(self, found: "re.Match[str]", session: "Session") -> Handled:
        """DROP PIPE."""
        name = session.named(found["name"])
        row = pipes.find_pipe(self.engine, name)
        if row is None and not found["there"]:
            raise missing("Pipe", str(name))
        if row is not None:
            pipes.drop_pipe(self.engine, row)
        return done(f"{name.name} successfully dropped.")

    def describe_pipe(self, found: "re.Match[str]", session: "Session") -> Handled:
        """DESC PIPE."""
        row = pipes.pipe_named(self.engine, session.named(found["name"]))
        return shows.describe_pipe(self.engine, row)

    def describe_integration(self, found: "re.Match[str]", _: "Session") -> Handled:
        """DESC INTEGRATION."""
        return describe_integration(self.engine, found["name"])

    def show(self, found: "re.Match[str]", session: "Session") -> Handled:
        """SHOW of what fakesnow does not know."""
        return shows.show(self.engine, found["kind"], found["tail"], session.database)

    def create_dynamic_table(self, found: "re.Match[str]", session: "Session") -> Handled:
        """CREATE DYNAMIC TABLE, as a view that is always fresh."""
        name = session.named(found["name"])
        parts = re.split(r"\bAS\s+(?=\(?\s*(?:SELECT|WITH)\b)", found["tail"], 1, re.I)
        if len(parts) != 2:
            raise compile_error("syntax error: a dynamic table needs AS and a query.")
        request = CreateDynamicTable(
            name, bool(found["missing"]), bool(found["replace"] or found["alter"]), *parts
        )
        there = dynamic_tables.is_dynamic_table(self.engine, name)
        if there and request.is_if_missing:
            return done(f"{name.name} already exists, statement succeeded.")
        if there and not request.is_replace_or_alter:
            raise compile_error(f"Object '{name}' already exists.", 2002, "42710")
        options = dynamic_tables.check_request(self.engine, request)
        session.cursor().execute(f"create or replace view {name.sql} as {request.query}")
        return dynamic_tables.remember(self.engine, request, options)

    def alter_dynamic_table(self, found: "re.Match[str]", session: "Session") -> Handled:
        """ALTER DYNAMIC TABLE … REFRESH, SUSPEND, RESUME: nothing to do for a view."""
        name = session.named(found["name"])
        if not dynamic_tables.is_dynamic_table(self.engine, name):
            raise missing("Dynamic table", str(name))
        if found["tail"].strip().upper() != "REFRESH":
            raise refused(f"ALTER DYNAMIC TABLE … {found['tail'].strip()}")
        return done()

    def drop_dynamic_table(self, found: "re.Match[str]", session: "Session") -> Handled:
        """DROP DYNAMIC TABLE."""
        name = session.named(found["name"])
        if not dynamic_tables.is_dynamic_table(self.engine, name):
            if found["there"]:
                return done(f"{name.name} successfully dropped.")
            raise missing("Dynamic table", str(name))
        session.cursor().execute(f"drop view if exists {name.sql}")
        dynamic_tables.forget(self.engine, name)
        return done(f"{name.name} successfully dropped.")

    def create_database(self, found: "re.Match[str]", session: "Session") -> Handled:
        """CREATE DATABASE [IF NOT EXISTS]: an existing one is kept, and becomes the session's."""
        name = folded(found["name"])
        if found["replace"] or found["alter"]:
            raise refused("replacing a database")
        if name in self.engine.databases():
            if not found["missing"]:
                raise compile_error(f"Object '{name}' already exists.", 2002, "42710")
            session.cursor().execute(f"use database {quoted(name)}")
            return done(f"{name} already exists, statement succeeded.")
        return f"create database {quoted(name)}"

    def refuse(self, found: "re.Match[str]", _: "Session") -> Handled:
        """What this server cannot follow."""
        raise refused(" ".join(found[0].split()).lower())


def _rule(pattern: str, handler: Handler) -> tuple["re.Pattern[str]", Handler]:
    return re.compile(pattern + r"\s*$", re.I | re.S), handler


_NAMED = rf"(?P<name>{QUALIFIED})"
_THERE = r"(?P<there>IF\s+EXISTS\s+)?"
_RULES: tuple[tuple["re.Pattern[str]", Handler], ...] = (
    _rule(_CREATE.format(_ACCOUNT, IDENTIFIER), Statements.create_account_object),
    _rule(rf"ALTER\s+{_ACCOUNT}\s+{_THERE}{_NAMED}(?P<tail>.*)", Statements.alter_account_object),
    _rule(rf"DROP\s+{_ACCOUNT}\s+{_THERE}{_NAMED}", Statements.drop_account_object),
    _rule(r"(?:GRANT|REVOKE)\b.*", Statements.grant),
    _rule(r"USE\s+(?P<kind>ROLE|WAREHOUSE)\s+" + _NAMED, Statements.use),
    _rule(r"USE\s+SECONDARY\s+ROLES\s+(?P<tail>\w+)", Statements.set_session),
    _rule(r"ALTER\s+SESSION\s+(?:UN)?SET\b(?P<tail>.*)", Statements.set_session),
    _rule(_CREATE.format(r"(?:TRANSIENT\s+)?DATABASE", IDENTIFIER), Statements.create_database),
    _rule(_CREATE.format("STAGE", QUALIFIED), Statements.create_stage),
    _rule(rf"DROP\s+STAGE\s+{_THERE}{_NAMED}", Statements.drop_stage),
    _rule(r"(?:LIST|LS)\s+@(?P<place>\S+)", Statements.list_stage),
    _rule(_CREATE.format("PIPE", QUALIFIED), Statements.create_pipe),
    _rule(rf"ALTER\s+PIPE\s+{_THERE}{_NAMED}(?P<tail>.*)", Statements.alter_pipe),
    _rule(rf"DROP\s+PIPE\s+{_THERE}{_NAMED}", Statements.drop_pipe),
    _rule(rf"DESC(?:RIBE)?\s+PIPE\s+{_NAMED}", Statements.describe_pipe),
    _rule(rf"DESC(?:RIBE)?\s+(?:\w+\s+)?INTEGRATION\s+{_NAMED}", Statements.describe_integration),
    _rule(
        r"SHOW\s+(?P<kind>PIPES|DYNAMIC\s+TABLES|ROLES|USERS|WAREHOUSES"
        r"|(?:STORAGE\s+|NOTIFICATION\s+)?INTEGRATIONS)\b(?P<tail>.*)",
        Statements.show,
    ),
    _rule(
        _CREATE.format(r"(?:TRANSIENT\s+)?DYNAMIC\s+TABLE", QUALIFIED),
        Statements.create_dynamic_table,
    ),
    _rule(rf"ALTER\s+DYNAMIC\s+TABLE\s+{_NAMED}(?P<tail>.*)", Statements.alter_dynamic_table),
    _rule(rf"DROP\s+DYNAMIC\s+TABLE\s+{_THERE}{_NAMED}", Statements.drop_dynamic_table),
    (re.compile(r"CREATE\s+OR\s+ALTER\s+(?!DYNAMIC)\w+", re.I), Statements.refuse),
    (re.compile(r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:STREAM|TASK|PROCEDURE)\b", re.I), Statements.refuse),
    (re.compile(r"(?:EXECUTE\s+IMMEDIATE|DECLARE|CALL)\b", re.I), Statements.refuse),
    (re.compile(r"BEGIN(?!\s*$|\s+(?:TRANSACTION|WORK)\b)\s+\w+", re.I), Statements.refuse),
)
