"""The Spark schemas and the contract say the same: names, order, types, what may be NULL."""

import pytest
from pyspark.sql import types

from tonearm_glue.contract import ENTITIES, QUARANTINE, Entity, Kind
from tonearm_glue.schemas import spark_schema

_WORDS = {
    Kind.TEXT: "string",
    Kind.INTEGER: "int",
    Kind.BIGINT: "bigint",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.TIMESTAMP: "timestamp",
    Kind.TEXTS: "array<string>",
    Kind.CREDITS: "array<struct<artist_id:string,name:string>>",
}
_ALL = pytest.mark.parametrize("entity", [*ENTITIES, QUARANTINE], ids=lambda entity: entity.name)


def test_every_kind_of_column_has_its_spark_type() -> None:
    assert set(_WORDS) == set(Kind)


@_ALL
def test_columns_have_the_contracts_names_order_and_types(entity: Entity) -> None:
    schema = spark_schema(entity)

    expected = [(column.name, _WORDS[column.kind]) for column in entity.columns]
    assert [(one.name, one.dataType.simpleString()) for one in schema] == expected


@_ALL
def test_only_what_is_required_may_not_be_null(entity: Entity) -> None:
    schema = spark_schema(entity)

    required = [column.name for column in entity.columns if column.is_required]
    assert [one.name for one in schema if not one.nullable] == required


@_ALL
def test_a_key_is_made_of_columns(entity: Entity) -> None:
    assert set(entity.key) <= set(entity.names)
    assert len(set(entity.names)) == len(entity.names)


def test_timestamps_are_points_in_time_not_wall_clocks() -> None:
    found = [one.dataType for entity in ENTITIES for one in spark_schema(entity)]

    assert types.TimestampType() in found
    assert types.TimestampNTZType() not in found
