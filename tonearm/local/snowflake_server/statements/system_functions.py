"""SYSTEM$ functions and the session's own names.

https://docs.snowflake.com/en/sql-reference/functions/system_pipe_status,
.../system_pipe_force_resume, .../system_validate_storage_integration.
"""

import json
from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from tonearm.local.snowflake_server.engine.names import folded
from tonearm.local.snowflake_server.loading import pipes
from tonearm.local.snowflake_server.loading.pipe_work import PipeWork
from tonearm.local.snowflake_server.loading.s3_files import Files
from tonearm.local.snowflake_server.protocol.errors import compile_error, missing, refused
from tonearm.local.snowflake_server.statements import tasks

if TYPE_CHECKING:
    from tonearm.local.snowflake_server.engine.session import Session

INGEST = "SYSTEM$LOCAL_SNOWPIPE_INGEST"  # not Snowflake's: how the local Snowpipe hands over a file
_CALLS = {
    "SYSTEM$PIPE_STATUS",
    "SYSTEM$PIPE_FORCE_RESUME",
    "SYSTEM$VALIDATE_STORAGE_INTEGRATION",
    "SYSTEM$TASK_DEPENDENTS_ENABLE",
    INGEST,
    "CURRENT_WAREHOUSE",
    "CURRENT_REGION",
    "CURRENT_ROLE",
    "CURRENT_USER",
}


def is_system_call(node: Expr) -> bool:
    """Whether a node is a function this module answers."""
    return _name(node) in _CALLS


def system_call(node: Expr, session: "Session", work: PipeWork) -> Expr:
    """The function's value as a literal, under the column name Snowflake gives it."""
    value = _value(node, session, work)
    literal = exp.Null() if value is None else exp.Literal.string(value)
    if isinstance(node.parent, exp.Select) and node.arg_key == "expressions":
        return exp.alias_(literal, node.sql(dialect="snowflake").upper(), quoted=True)
    return literal


def _name(node: Expr) -> str:
    if isinstance(node, exp.Anonymous):
        return str(node.name).upper()
    if isinstance(node, exp.CurrentUser):
        return "CURRENT_USER"
    return str(node.sql_name()).upper() if isinstance(node, exp.Func) else ""


def _value(node: Expr, session: "Session", work: PipeWork) -> str | None:
    arguments = [str(item.name) for item in node.expressions]
    match _name(node):
        case "CURRENT_WAREHOUSE":
            value = session.warehouse
        case "CURRENT_REGION":
            value = session.engine.options.region
        case "CURRENT_ROLE":
            value = session.role
        case "CURRENT_USER":
            value = session.user
        case "SYSTEM$VALIDATE_STORAGE_INTEGRATION":
            value = _validate(session, arguments)
        case "SYSTEM$TASK_DEPENDENTS_ENABLE":
            value = tasks.enable_dependents(session.engine, session.named("".join(arguments)))
        case name:
            value = _pipe_value(name, _pipe(session, arguments), arguments[1:], work)
    return value


def _pipe_value(name: str, row: pipes.PipeRow, rest: list[str], work: PipeWork) -> str:
    match name:
        case "SYSTEM$PIPE_STATUS":
            return work.status(row)
        case "SYSTEM$PIPE_FORCE_RESUME":
            return work.force_resume(row, "".join(rest))
        case _:
            outcome = work.ingest(row, *rest)
            told = {"status": outcome.status, "rows": outcome.rows, "error": outcome.first_error}
            return json.dumps(told)


def _pipe(session: "Session", arguments: list[str]) -> pipes.PipeRow:
    if not arguments:
        raise compile_error("not enough arguments for function", 938)
    return pipes.pipe_named(session.engine, session.named(arguments[0]))


def _validate(session: "Session", arguments: list[str]) -> str:
    """Test an integration by listing a path or reading a file under it."""
    match arguments:
        case [name, path, file, "list" | "read" as action]:
            pass
        case _:
            raise refused("SYSTEM$VALIDATE_STORAGE_INTEGRATION other than 'list' and 'read'")
    properties = session.engine.store.account_object("INTEGRATION", folded(name))
    if properties is None:
        raise missing("Integration", folded(name))
    allowed = properties.get("STORAGE_ALLOWED_LOCATIONS", [])
    if path not in allowed:  # the function takes no path below an allowed one
        return _validated(action, f"Location '{path}' is not allowed by the integration.")
    try:
        _try_access(session.engine.files, path, file if action == "read" else "")
    except Exception as exc:  # noqa: BLE001 - whatever S3 says is the result of the test
        return _validated(action, str(exc))
    return _validated(action)


def _try_access(files: Files, path: str, file: str) -> None:
    if file:
        files.one(path.rstrip("/") + "/" + file)
    else:
        next(iter(files.listed(path)), None)


def _validated(action: str, failure: str = "") -> str:
    if not failure:
        return json.dumps({"status": "success", "actions": {action.upper(): {"status": "success"}}})
    told = {"message": failure, "status": "failure"}
    words = "Some of the integration checks failed."
    return json.dumps({"status": "failure", "actions": {action.upper(): told}, "message": words})
