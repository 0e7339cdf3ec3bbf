"""Results in the shape the connectors read: Arrow, with NULL for a NULL timestamp.

fakesnow's own encoding gives 1970-01-01 for one.
"""

from base64 import b64encode
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from fakesnow.arrow import to_ipc, to_sf_schema

_MICROSECONDS = 1_000_000
_UTC_OFFSET = 1440  # Snowflake writes a zone as minutes from UTC plus 1440


def encoded(table: pa.Table, rowtype: list[Any]) -> str:
    """A table as base64 of one Arrow stream."""
    if not table.num_rows:
        return ""
    columns = [_column(column) for column in table.columns]
    schema = pa.schema(
        [field.with_type(column.type) for field, column in zip(table.schema, columns, strict=True)]
    )
    converted = pa.Table.from_arrays(columns, schema=to_sf_schema(schema, rowtype))
    return b64encode(to_ipc(converted)).decode()


def rows_as_text(table: pa.Table) -> list[list[str | None]]:
    """The same as rows of text, which is how the result of DML travels."""
    columns = [column.to_pylist() for column in table.columns]
    return [
        [None if value is None else str(value) for value in row]
        for row in zip(*columns, strict=True)
    ]


def _column(column: Any) -> Any:
    if pa.types.is_timestamp(column.type):
        return _timestamps(column.combine_chunks())
    if pa.types.is_time(column.type):
        return pc.multiply(column.cast(pa.int64()), 1000)
    if pa.types.is_null(column.type):
        return column.cast(pa.string())  # an untyped NULL is text
    return column


def _timestamps(values: Any) -> Any:
    """Seconds and nanoseconds, and the zone for those that have one."""
    if isinstance(values, pa.ChunkedArray):
        values = values.chunk(0) if values.num_chunks == 1 else pa.concat_arrays(values.chunks)
    micros = pc.fill_null(values.cast(pa.timestamp("us", values.type.tz)).cast(pa.int64()), 0)
    seconds = pc.floor(pc.divide(micros.cast(pa.float64()), _MICROSECONDS)).cast(pa.int64())
    rest = pc.subtract(micros, pc.multiply(seconds, _MICROSECONDS))
    parts = [seconds, pc.multiply(rest, 1000).cast(pa.int32())]
    names = ["epoch", "fraction"]
    if values.type.tz:
        parts.append(pa.array([_UTC_OFFSET] * len(values), pa.int32()))
        names.append("timezone")
    fields = [
        pa.field(name, part.type, nullable=False) for name, part in zip(names, parts, strict=True)
    ]
    return pa.StructArray.from_arrays(parts, fields=fields, mask=values.is_null())
