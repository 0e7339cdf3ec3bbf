"""The shapes Spark reads and writes, said once.

Raw schemas name only the fields a job uses; the parser skips the rest. Every leaf is text, so the
one thing that can be wrong about a value's type is an object or a list where the other, or a
scalar, stands; lines.py handles that. Written schemas come from the contract.
"""

from collections.abc import Mapping

from pyspark.sql import types

from tonearm_glue.contract import Entity, Kind

CREDITS = types.ArrayType(
    types.StructType(
        [
            types.StructField("artist_id", types.StringType()),
            types.StructField("name", types.StringType()),
        ]
    )
)

_SPARK_TYPES: Mapping[Kind, types.DataType] = {
    Kind.TEXT: types.StringType(),
    Kind.INTEGER: types.IntegerType(),
    Kind.BIGINT: types.LongType(),
    Kind.BOOLEAN: types.BooleanType(),
    Kind.DATE: types.DateType(),
    Kind.TIMESTAMP: types.TimestampType(),
    Kind.TEXTS: types.ArrayType(types.StringType()),
    Kind.CREDITS: CREDITS,
}


def spark_schema(entity: Entity) -> types.StructType:
    """The Spark schema of an entity's files."""
    return types.StructType(
        [
            types.StructField(column.name, _SPARK_TYPES[column.kind], not column.is_required)
            for column in entity.columns
        ]
    )


def struct(**fields: str) -> str:
    """A struct type in Spark's own words; `id_` stands for `id` where a name would shadow."""
    return "struct<" + ",".join(f"`{name}`:{kind}" for name, kind in fields.items()) + ">"


def texts(*names: str) -> dict[str, str]:
    """Text fields of a struct."""
    return dict.fromkeys(names, "string")


def array(element: str) -> str:
    """An array type."""
    return f"array<{element}>"


def page_of(element: str) -> str:
    """A page of a list: where it starts and what it holds."""
    return struct(offset="string", items=array(element))


def entry_of(track: str) -> str:
    """A playlist entry whose content has this shape, under its old and its new name."""
    return struct(
        added_at="string",
        added_by=struct(**texts("id")),
        is_local="string",
        item=track,
        track=track,
    )


URLS = struct(**texts("spotify"))
IMAGES = array(struct(**texts("url", "width")))
KIND_FIELDS = {**texts("id", "type", "uri", "is_local", "name"), "show": struct(**texts("name"))}
"""Fields of a track or episode by which it is told what it is."""
