"""A COPY INTO statement, read into what it asks for.

https://docs.snowflake.com/en/sql-reference/sql/copy-into-table
"""

import re
from dataclasses import dataclass

from sqlglot import Expr, exp, parse_one

from tonearm.local.snowflake_server.engine.names import ObjectName, object_name
from tonearm.local.snowflake_server.protocol.errors import compile_error, refused

METADATA = {
    "METADATA$FILENAME",
    "METADATA$FILE_ROW_NUMBER",
    "METADATA$START_SCAN_TIME",
}
_MOST_FILES = 1000
_KNOWN = {
    "FILES",
    "PATTERN",
    "FILE_FORMAT",
    "MATCH_BY_COLUMN_NAME",
    "INCLUDE_METADATA",
    "ON_ERROR",
    "FORCE",
    "LOAD_UNCERTAIN_FILES",
}


@dataclass(frozen=True)
class CopyJob:
    """Source, target and options of one COPY INTO."""

    table: ObjectName
    stage: ObjectName
    path: str  # below the stage's URL; "" or ending as written
    files: tuple[str, ...] = ()
    pattern: str = ""
    file_format: ObjectName | None = None
    file_type: str = ""
    metadata: tuple[tuple[str, str], ...] = ()  # (target column, METADATA$ column)
    on_error: str = ""  # "" when not said: the default differs between pipes and statements
    force: bool = False
    load_uncertain_files: bool = False


def pattern_takes(pattern: str, text: str) -> bool:
    """Whether a PATTERN takes a path; no pattern takes all."""
    return not pattern or re.fullmatch(pattern, text) is not None


def parse_copy(sql: str, database: str | None, schema: str | None) -> CopyJob:
    """Read a COPY statement.

    Raises:
        ProgrammingError: it is none, or asks for something this server does not do.
    """
    statement = parse_one(sql, read="snowflake")
    if not isinstance(statement, exp.Copy):
        raise compile_error("A COPY INTO statement was expected.")
    return copy_job(statement, database, schema)


def copy_job(statement: exp.Copy, database: str | None, schema: str | None) -> CopyJob:
    """What a parsed COPY statement asks for."""
    options = {str(item.this.name).upper(): item for item in statement.args.get("params") or []}
    if unknown := sorted(options.keys() - _KNOWN):
        raise refused(f"COPY INTO with {', '.join(unknown)}")
    _check_match(options)
    stage, path = _source(statement, database, schema)
    file_format, file_type = _format(options, database, schema)
    return CopyJob(
        table=_table(statement, database, schema),
        stage=stage,
        path=path,
        files=_files(options),
        pattern=_word(options, "PATTERN"),
        file_format=file_format,
        file_type=file_type,
        metadata=_metadata(options),
        on_error=_on_error(options),
        force=_flag(options, "FORCE"),
        load_uncertain_files=_flag(options, "LOAD_UNCERTAIN_FILES"),
    )


def _table(statement: exp.Copy, database: str | None, schema: str | None) -> ObjectName:
    if not isinstance(statement.this, exp.Table):
        raise refused("COPY INTO with a column list or into a location")
    return object_name(statement.this.sql(dialect="snowflake"), database, schema)


def _source(
    statement: exp.Copy, database: str | None, schema: str | None
) -> tuple[ObjectName, str]:
    source = statement.args["files"][0]
    if not isinstance(source, exp.Table):
        raise refused("COPY INTO from a query (a transformation)")
    text = source.name
    if not text.startswith("@"):
        raise refused("COPY INTO from anything but a named stage")
    stage, _, path = text[1:].partition("/")
    return object_name(stage, database, schema), path


def _check_match(options: dict[str, Expr]) -> None:
    if _word(options, "MATCH_BY_COLUMN_NAME").upper() != "CASE_INSENSITIVE":
        raise refused("COPY INTO without match_by_column_name = case_insensitive")


def _format(
    options: dict[str, Expr], database: str | None, schema: str | None
) -> tuple[ObjectName | None, str]:
    given = options.get("FILE_FORMAT")
    if given is None:
        return None, ""
    pairs = {
        str(item.this.name).upper(): str(item.args["value"].name) for item in given.expressions
    }
    if "TYPE" in pairs:
        return None, pairs["TYPE"].upper()
    name = pairs.get("FORMAT_NAME") or given.expression.name
    return object_name(name, database, schema), ""


def _files(options: dict[str, Expr]) -> tuple[str, ...]:
    if "FILES" not in options:
        return ()
    names = tuple(str(found.name) for found in options["FILES"].find_all(exp.Literal))
    if len(names) > _MOST_FILES:
        raise compile_error(f"The number of files exceeds the maximum of {_MOST_FILES}.", 1007)
    return names


def _metadata(options: dict[str, Expr]) -> tuple[tuple[str, str], ...]:
    if "INCLUDE_METADATA" not in options:
        return ()
    pairs = tuple(
        (str(pair.this.name).upper(), str(pair.expression.name).upper())
        for pair in options["INCLUDE_METADATA"].find_all(exp.EQ)
    )
    if unknown := sorted({source for _, source in pairs} - METADATA):
        raise refused(f"INCLUDE_METADATA with {', '.join(unknown)}")
    return pairs


def _on_error(options: dict[str, Expr]) -> str:
    value = _word(options, "ON_ERROR").upper()
    if value not in ("", "SKIP_FILE", "ABORT_STATEMENT"):
        raise refused(f"COPY INTO with on_error = {value.lower()}")
    return value


def _word(options: dict[str, Expr], key: str) -> str:
    item = options.get(key)
    return str(item.expression.name) if item is not None else ""


def _flag(options: dict[str, Expr], key: str) -> bool:
    item = options.get(key)
    return bool(item is not None and item.expression.this is True)
