"""Columns on their way from Python to Spark."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa


@dataclass(frozen=True)
class PerLine:
    """A column of values that each stand for all rows of a line.

    Attributes:
        values: one for each line.
        lines: for each row, which of them.
    """

    values: Sequence[Any]
    lines: pa.Int32Array


type Column = Sequence[Any] | PerLine
type Columns = Sequence[Column]
"""The columns of some rows, in the order of the job's plain columns; none when there are none."""


def batches(columns: Columns, schema: pa.Schema, *, first: int) -> Iterator[pa.RecordBatch]:
    """The rows as one batch, or none; columns of the schema that are not given are NULL.

    Args:
        columns: what is given.
        schema: of the batch.
        first: where in the schema the first of them stands.
    """
    if not columns:
        return
    fields = list(schema)[first : first + len(columns)]
    given = [_array(one, field.type) for one, field in zip(columns, fields, strict=True)]
    count = len(given[0])
    arrays = [pa.nulls(count, field.type) for field in schema]
    arrays[first : first + len(given)] = given
    yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _array(column: Column, kind: pa.DataType) -> "pa.Array[Any]":
    if isinstance(column, PerLine):
        return pa.array(column.values, kind).take(column.lines)
    return pa.array(column, kind)
