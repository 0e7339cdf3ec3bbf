"""What the SQL files, filled for this stack, say should be in the account."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlglot import TokenType, exp, parse_one, tokenize

from tonearm.errors import OperatorError
from tonearm.warehouse.deploy import BrokenRulesError, PlannedStatement, plan
from tonearm.warehouse.statements import PlaceholderError, UnsafeStatementError
from tonearm.warehouse.wiring.core_tables import ExpectedTable, expected_table

_CREATE = re.compile(
    r"CREATE\s+(?:OR\s+(?:ALTER|REPLACE)\s+)?(?:SECURE\s+|TRANSIENT\s+)*"
    r"(?P<kind>DYNAMIC\s+TABLE|FILE\s+FORMAT|RESOURCE\s+MONITOR"
    r"|(?:STORAGE|NOTIFICATION)\s+INTEGRATION|\w+)\s+"
    r"(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>[\w$.]+)",
    re.I,
)
_PIPE_COPY = re.compile(r"\bAS\s+(?=\(?\s*COPY\s)(?P<copy>.*)$", re.I | re.S)
# A key in the SQL is a secret's other half: it changes without the file having changed.
NO_KEY = "KEY"


@dataclass(frozen=True)
class SqlFile:
    """One file: how many statements, and a checksum of them."""

    statements: int
    checksum: str


@dataclass(frozen=True)
class ExpectedPipe:
    """A pipe's COPY statement and the file it comes from."""

    copy: str
    file: str


@dataclass(frozen=True)
class Expected:
    """What should be in the account.

    Attributes:
        files: the SQL files by name.
        objects: upper-case names by kind, such as `{"PIPE": {"TONEARM.LANDING.ALBUMS_PIPE"}}`.
        columns: the columns of each table with their types.
        pipes: the pipes by name.
        dynamic_tables: the dynamic tables by name, each after those it reads.
        grants: the GRANT statements.
    """

    files: Mapping[str, SqlFile]
    objects: Mapping[str, frozenset[str]]
    columns: Mapping[str, Mapping[str, str]]
    pipes: Mapping[str, ExpectedPipe]
    dynamic_tables: Mapping[str, ExpectedTable]
    grants: tuple[str, ...]

    def of_kind(self, kind: str) -> frozenset[str]:
        """The names of one kind."""
        return self.objects.get(kind, frozenset())


def expected(values: Mapping[str, str]) -> Expected:
    """Read the SQL files with these values.

    Raises:
        OperatorError: values are missing or unsafe, or the files break the project's own rules.
    """
    try:
        statements = plan({**values, "rsa_public_key": NO_KEY})
    except (PlaceholderError, UnsafeStatementError, BrokenRulesError) as error:
        text = "; ".join(str(error).splitlines())
        raise OperatorError(text, "deploy the current template, `sam deploy`") from error
    objects: dict[str, set[str]] = defaultdict(set)
    for statement in statements:
        if found := created(statement.sql):
            objects[found[0]].add(found[1])
    return Expected(
        _files(statements),
        {kind: frozenset(names) for kind, names in objects.items()},
        _columns(statements),
        _pipes(statements),
        _dynamic_tables(statements),
        tuple(s.sql for s in statements if s.sql[:6].upper() == "GRANT "),
    )


def created(sql: str) -> tuple[str, str] | None:
    """Kind and upper-case name of what a statement creates; None when it creates nothing."""
    found = _CREATE.match(sql)
    if found is None:
        return None
    return " ".join(found["kind"].upper().split()), found["name"].upper()


def same_copy(one: str, other: str) -> bool:
    """Whether two COPY statements say the same, apart from spacing, comments and case of words."""
    return _words(one) == _words(other)


def checksum(text: str) -> str:
    """A short checksum for the ledger."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _words(copy: str) -> list[str]:
    tokens = [
        t for t in tokenize(copy, read="snowflake") if t.token_type is not TokenType.SEMICOLON
    ]
    return [f"'{t.text}'" if t.token_type is TokenType.STRING else t.text.upper() for t in tokens]


def _files(statements: Sequence[PlannedStatement]) -> dict[str, SqlFile]:
    files = {}
    for name, group in groupby(statements, lambda statement: statement.file):
        texts = [statement.sql for statement in group]
        files[name] = SqlFile(len(texts), checksum(";\n".join(texts)))
    return files


def _columns(statements: Sequence[PlannedStatement]) -> dict[str, dict[str, str]]:
    found = {}
    for statement in statements:
        match created(statement.sql):
            case ("TABLE", name):
                tree = parse_one(statement.sql, read="snowflake")
                found[name] = {
                    column.name.upper(): column.args["kind"].sql(dialect="snowflake")
                    for column in tree.find_all(exp.ColumnDef)
                }
    return found


def _pipes(statements: Sequence[PlannedStatement]) -> dict[str, ExpectedPipe]:
    pipes = {}
    for statement in statements:
        match created(statement.sql), _PIPE_COPY.search(statement.sql):
            case ("PIPE", name), re.Match() as copy:
                pipes[name] = ExpectedPipe(copy["copy"].strip(), statement.file)
    return pipes


def _dynamic_tables(statements: Sequence[PlannedStatement]) -> dict[str, ExpectedTable]:
    found = ((created(statement.sql), statement) for statement in statements)
    return {
        made[1]: expected_table(statement.file, statement.sql)
        for made, statement in found
        if made and made[0] == "DYNAMIC TABLE"
    }
