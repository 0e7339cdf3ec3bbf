"""Names of database objects: upper case unless quoted, completed from the session.

https://docs.snowflake.com/en/sql-reference/identifiers-syntax
"""

import re
from typing import NamedTuple

from snowflake.connector.errors import ProgrammingError

from tonearm.local.snowflake_server.protocol.errors import compile_error

IDENTIFIER = r'(?:"(?:[^"]|"")+"|[A-Za-z_][\w$]*)'
QUALIFIED = rf"{IDENTIFIER}(?:\.{IDENTIFIER}){{0,2}}"
_PARTS = re.compile(IDENTIFIER)


class ObjectName(NamedTuple):
    """Database, schema and name, in the case they are stored in."""

    database: str
    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.database}.{self.schema}.{self.name}"

    @property
    def sql(self) -> str:
        """The name quoted for the engine."""
        return ".".join(quoted(part) for part in self)


def quoted(identifier: str) -> str:
    """An identifier in double quotes."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a string literal."""
    return "'" + text.replace("'", "''") + "'"


def folded(identifier: str) -> str:
    """One identifier as it is stored."""
    if identifier.startswith('"'):
        return identifier[1:-1].replace('""', '"')
    return identifier.upper()


def identifiers(text: str) -> list[str]:
    """The parts of a dotted name.

    Raises:
        ProgrammingError: it is not a name.
    """
    if not re.fullmatch(rf"{IDENTIFIER}(?:\.{IDENTIFIER})*", text.strip()):
        raise compile_error(f"Invalid identifier '{text}'.", 904)
    return [folded(part) for part in _PARTS.findall(text)]


def object_name(text: str, database: str | None, schema: str | None) -> ObjectName:
    """A name completed from the session's database and schema.

    Raises:
        ProgrammingError: 090105 or 090106, when the session has none to complete it with.
    """
    match identifiers(text):
        case [name]:
            return ObjectName(_database(database), _schema(schema), name)
        case [in_schema, name]:
            return ObjectName(_database(database), in_schema, name)
        case [in_database, in_schema, name]:
            return ObjectName(in_database, in_schema, name)
        case _:
            raise compile_error(f"Invalid identifier '{text}'.", 904)


def _database(database: str | None) -> str:
    return _needed(database, "database", 90105)


def _schema(schema: str | None) -> str:
    return _needed(schema, "schema", 90106)


def _needed(value: str | None, kind: str, errno: int) -> str:
    if value is None:
        message = (
            f"Cannot perform operation. This session does not have a current {kind}. "
            f"Call 'USE {kind.upper()}', or use a qualified name."
        )
        raise ProgrammingError(msg=message, errno=errno, sqlstate="22000")
    return value
