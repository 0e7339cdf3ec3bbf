"""Parquet files for the small account's table."""

import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.snowflake.local_account import LocalAccount
from tonearm.local.snowflake_server.statements.system_functions import INGEST

FIELDS: dict[str, Any] = {
    "id": pa.string(),
    "n": pa.int64(),
    "tags": pa.list_(pa.string()),
    "day": pa.date32(),
    "heard_at": pa.timestamp("us", "UTC"),
}
AT = datetime(2024, 5, 1, 6, 0, 1, 123456, tzinfo=UTC)


def rows(count: int, start: int = 0) -> list[dict[str, Any]]:
    """So many rows with ids from start."""
    return [
        {"id": f"r{at}", "n": at, "tags": ["x", 'y"z'], "day": date(2024, 5, 1), "heard_at": AT}
        for at in range(start, start + count)
    ]


def parquet(found: Sequence[Mapping[str, Any]], fields: Mapping[str, Any] = FIELDS) -> bytes:
    """Rows as Parquet."""
    table = pa.Table.from_pylist(
        [dict(row) for row in found], schema=pa.schema(list(fields.items()))
    )
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def put(account: LocalAccount, name: str, content: bytes | None = None) -> str:
    """Stage a file under in/t/; its URL."""
    return account.files.put(f"in/t/{name}", parquet(rows(2)) if content is None else content)


def ingest(account: LocalAccount, url: str) -> str:
    """Hand a file to the pipe; what became of it."""
    told = json.loads(account.value(f"select {INGEST}('db.s.p', '{url}')"))
    return str(told["status"])


def count(account: LocalAccount) -> int:
    """Rows in the table."""
    return int(account.value("select count(*) from db.s.t"))
