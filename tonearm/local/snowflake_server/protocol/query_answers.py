"""What goes in and out with a statement: bound values, and results as the connectors read them."""

import secrets
from typing import Any

from fakesnow.converter import from_binding
from fakesnow.rowtype import describe_as_rowtype
from fakesnow.statement_type import DML_TYPE_IDS, statement_type_id
from sqlglot import ParseError, parse_one

from tonearm.local.snowflake_server.engine.session import Cursor, Session
from tonearm.local.snowflake_server.protocol import results
from tonearm.local.snowflake_server.statements.parameters import zone


def bindings(body: dict[str, Any]) -> Any:
    """A tuple of values by position, a dict by name, or a list of rows."""
    bindings = body.get("bindings")
    if not bindings:
        return None
    if not all(key.isdigit() for key in bindings):
        return {name: from_binding(value) for name, value in bindings.items()}
    ordered = [bindings[str(at)] for at in range(1, len(bindings) + 1)]
    if any(isinstance(item["value"], list) for item in ordered):
        columns = [[from_binding({**item, "value": v}) for v in item["value"]] for item in ordered]
        return list(zip(*columns, strict=True))
    return tuple(from_binding(item) for item in ordered)


def _type_id(sql: str) -> int:
    try:
        return int(statement_type_id(parse_one(sql, read="snowflake")))
    except ParseError:
        return 0


def result(session: Session, cursor: Cursor, sql: str, rows_changed: int | None) -> dict[str, Any]:
    """The answer to a statement that ran."""
    table = cursor._arrow_table
    rowtype = describe_as_rowtype(cursor._describe_last_sql())
    type_id = _type_id(sql)
    result: dict[str, Any] = {"queryResultFormat": "arrow", "rowsetBase64": ""}
    if rows_changed is not None:
        result = {"queryResultFormat": "json", "rowset": [[str(rows_changed)]]}
    elif table is not None and type_id in DML_TYPE_IDS:
        result = {"queryResultFormat": "json", "rowset": results.rows_as_text(table)}
    elif table is not None:
        result["rowsetBase64"] = results.encoded(table, rowtype)
    total = 1 if rows_changed is not None else (table.num_rows if table is not None else 0)
    return {
        "parameters": [{"name": "TIMEZONE", "value": zone(session)}],
        "rowtype": rowtype,
        "total": total,
        "queryId": cursor.sfqid,
        "statementTypeId": type_id,
        **_current(session),
        **result,
    }


def described(session: Session, rowtype: list[Any], sql: str) -> dict[str, Any]:
    """The answer to one that is only described."""
    return {
        "rowtype": rowtype,
        "total": 0,
        "returned": 0,
        "queryId": secrets.token_hex(16),
        "statementTypeId": _type_id(sql),
        "queryResultFormat": "arrow",
        "rowsetBase64": "",
        **_current(session),
    }


def _current(session: Session) -> dict[str, str | None]:
    return {
        "finalDatabaseName": session.database,
        "finalSchemaName": session.schema,
        "finalWarehouseName": session.warehouse,
        "finalRoleName": session.role,
    }
