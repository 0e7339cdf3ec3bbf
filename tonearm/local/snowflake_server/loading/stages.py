"""Stages, file formats and what COPY needs to know of them.

https://docs.snowflake.com/en/sql-reference/sql/create-stage
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tonearm.local.snowflake_server.engine.engine import Engine
from tonearm.local.snowflake_server.engine.names import ObjectName, folded, object_name
from tonearm.local.snowflake_server.engine.options import Options, parse_options, text_option
from tonearm.local.snowflake_server.loading.copy_job import CopyJob
from tonearm.local.snowflake_server.protocol.answers import Answer, done
from tonearm.local.snowflake_server.protocol.errors import (
    already_there,
    compile_error,
    missing,
    refused,
)

_STAGES = "_fs_global._fs_information_schema._fs_stages"
_PROPERTIES = "_fs_global.tonearm.stage_properties"


@dataclass(frozen=True)
class CreateStage:
    """A CREATE STAGE statement."""

    name: ObjectName
    is_replace: bool
    is_if_missing: bool
    options: str


def create_stage(engine: Engine, request: CreateStage) -> Answer:
    """Create an external stage under its storage integration.

    Raises:
        ProgrammingError: it is there, is no S3 stage, or its integration does not allow the URL.
    """
    name = request.name
    there = find_stage_url(engine, name) is not None
    if there and request.is_if_missing:
        return done(f"{name.name} already exists, statement succeeded.")
    if there and not request.is_replace:
        raise already_there(str(name))
    options = parse_options(request.options)
    url = text_option(options, "URL")
    if not url.startswith("s3://"):
        raise refused("a stage that is not on S3")
    integration = folded(text_option(options, "STORAGE_INTEGRATION") or '""')
    _check_integration(engine, integration, url)
    with engine.store.changing():
        drop_stage(engine, name)
        _remember(engine, name, options, integration)
    return done(f"Stage area {name.name} successfully created.")


def _remember(engine: Engine, name: ObjectName, options: Options, integration: str) -> None:
    """Write a stage where fakesnow looks for stages, and beside it what fakesnow does not keep."""
    values = {
        "created_on": engine.clock.now(),
        "name": name.name,
        "database_name": name.database,
        "schema_name": name.schema,
        "url": text_option(options, "URL"),
        "has_credentials": "N",
        "has_encryption_key": "N",
        "owner": "SYSADMIN",
        "comment": text_option(options, "COMMENT"),
        "type": "EXTERNAL",
        "cloud": "AWS",
        "storage_integration": integration,
        "owner_role_type": "ROLE",
        "directory_enabled": "N",
    }
    marks = ", ".join("?" * len(values))
    engine.store.run(
        f"insert into {_STAGES} ({', '.join(values)}) values ({marks})",  # noqa: S608
        list(values.values()),
    )
    engine.store.run(
        f"insert into {_PROPERTIES} values (?, ?, ?, ?, ?, ?)",  # noqa: S608
        [
            *name,
            integration,
            _format_of(options.get("FILE_FORMAT"), name),
            engine.clock.now(),
        ],
    )


def alter_stage(engine: Engine, name: ObjectName, options: Options) -> Answer:
    """ALTER STAGE … SET: pipes over a stage that moved stop until they are created anew.

    https://docs.snowflake.com/en/user-guide/data-load-snowpipe-manage
    """
    if unknown := options.keys() - {"URL", "STORAGE_INTEGRATION", "COMMENT"}:
        raise refused(f"ALTER STAGE … SET {', '.join(sorted(unknown))}")
    where = " where database_name = ? and schema_name = ? and name = ?"
    url = text_option(options, "URL", stage_url(engine, name))
    if "STORAGE_INTEGRATION" in options or "URL" in options:
        integration = _integration_of(engine, name)
        if "STORAGE_INTEGRATION" in options:
            integration = folded(text_option(options, "STORAGE_INTEGRATION"))
        _check_integration(engine, integration, url)
        engine.store.run(
            f"update {_STAGES} set url = ?, storage_integration = ?{where}",  # noqa: S608
            [url, integration, *name],
        )
        engine.store.run(
            f"update {_PROPERTIES} set storage_integration = ?, altered_on = ?"  # noqa: S608
            " where database = ? and schema = ? and name = ?",
            [integration, engine.clock.now(), *name],
        )
    if "COMMENT" in options:
        comment = text_option(options, "COMMENT")
        engine.store.run(f"update {_STAGES} set comment = ?{where}", [comment, *name])  # noqa: S608
    return done()


def altered_on(engine: Engine, name: ObjectName) -> datetime | None:
    """When a stage was created or last moved; None when there is no such stage."""
    found = engine.store.rows(
        f"select altered_on from {_PROPERTIES}"  # noqa: S608
        " where database = ? and schema = ? and name = ?",
        list(name),
    )
    return found[0][0] if found else None


def _integration_of(engine: Engine, name: ObjectName) -> str:
    found = engine.store.rows(
        f"select storage_integration from {_PROPERTIES}"  # noqa: S608
        " where database = ? and schema = ? and name = ?",
        list(name),
    )
    return str(found[0][0]) if found else ""


def drop_stage(engine: Engine, name: ObjectName) -> None:
    """Forget a stage; files stay where they are."""
    engine.store.run(
        f"delete from {_STAGES}"  # noqa: S608
        " where database_name = ? and schema_name = ? and name = ?",
        list(name),
    )
    engine.store.run(
        f"delete from {_PROPERTIES} where database = ? and schema = ? and name = ?",  # noqa: S608
        list(name),
    )


def find_stage_url(engine: Engine, name: ObjectName) -> str | None:
    """The URL of a stage, ending in a slash."""
    found = engine.store.rows(
        f"select url from {_STAGES}"  # noqa: S608
        " where database_name = ? and schema_name = ? and name = ?",
        list(name),
    )
    return str(found[0][0]).rstrip("/") + "/" if found else None


def stage_url(engine: Engine, name: ObjectName) -> str:
    """The same, for a stage that must be there."""
    url = find_stage_url(engine, name)
    if url is None:
        raise missing("Stage", str(name))
    return url


def check_parquet(engine: Engine, job: CopyJob) -> None:
    """The job's file format must be there and be Parquet.

    Raises:
        ProgrammingError: it is missing, or of a type this server does not read.
    """
    kind = job.file_type or _type_of(engine, job.file_format or _stage_format(engine, job.stage))
    if kind != "PARQUET":
        raise refused(f"COPY INTO from {kind.lower() or 'csv'} files")


def _type_of(engine: Engine, name: ObjectName | None) -> str:
    if name is None:
        return ""
    found = engine.store.rows(
        "select type from _fs_global._fs_information_schema._fs_file_formats"
        " where database_name = ? and schema_name = ? and name = ?",
        list(name),
    )
    if not found:
        raise missing("File format", str(name))
    return str(found[0][0]).upper()


def _stage_format(engine: Engine, stage: ObjectName) -> ObjectName | None:
    found = engine.store.rows(
        f"select file_format from {_PROPERTIES}"  # noqa: S608
        " where database = ? and schema = ? and name = ?",
        list(stage),
    )
    if not found or not found[0][0]:
        return None
    return object_name(str(found[0][0]), stage.database, stage.schema)


def _format_of(option: Any, stage: ObjectName) -> str:
    name = option.get("FORMAT_NAME", "") if isinstance(option, dict) else option or ""
    return str(object_name(str(name), stage.database, stage.schema)) if name else ""


def _check_integration(engine: Engine, integration: str, url: str) -> None:
    if not integration:
        return
    properties = engine.store.account_object("INTEGRATION", integration)
    if properties is None:
        raise missing("Integration", integration)
    allowed = properties.get("STORAGE_ALLOWED_LOCATIONS", [])
    if not any(place == "*" or url.startswith(place) for place in allowed):
        raise compile_error(
            f"Location '{url}' is not allowed by integration '{integration}'.", 3167, "42601"
        )
