"""Registers published files in the Glue Data Catalog, so that Athena sees what Snowflake sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import awswrangler as wr
from botocore.exceptions import ClientError

from tonearm_glue.contract import PARQUET_CODEC, Entity, Kind, entity_named
from tonearm_pipeline.errors import SettingsError, StorageUnavailableError
from tonearm_pipeline.json_store import error_code, storage_errors
from tonearm_pipeline.keys import CURATED_PREFIX, curated_entity_prefix

PARTITION: Final = "snapshot_date"
_MOST_COMMENT_CHARACTERS: Final = 255
_HIVE_TYPES: Final = {
    Kind.TEXT: "string",
    Kind.INTEGER: "int",
    Kind.BIGINT: "bigint",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.TIMESTAMP: "timestamp",
    Kind.TEXTS: "array<string>",
    Kind.CREDITS: "array<struct<artist_id:string,name:string>>",
}


def hive_columns(entity: Entity) -> dict[str, str]:
    """Return the table's columns and their types, without the partition column.

    The files hold snapshot_date too (Snowflake does not see path parts), but a table of the catalog
    may not have one name twice; Athena reads Parquet columns by name and takes it from the path.
    """
    return {
        column.name: _HIVE_TYPES[column.kind]
        for column in entity.columns
        if column.name != PARTITION
    }


class Catalog:
    """The tables of one Glue database over the curated files of one bucket."""

    def __init__(self, database: str, bucket: str) -> None:
        self._database = database
        self._bucket = bucket

    def register(self, entities: Sequence[str], snapshot_date: str) -> None:
        """Create or widen the tables of these entities and add the day's partition.

        A repetition changes nothing: a table that fits is left, a partition that is there is kept.

        Raises:
            SettingsError: there is no such database.
            StorageUnavailableError: Glue did not answer, throttled, or refused a partition.
        """
        for name in entities:
            with storage_errors(f"register {name} in the Data Catalog"):
                try:
                    self._register(entity_named(name), snapshot_date)
                except ClientError as exc:
                    if error_code(exc) == "EntityNotFoundException":
                        raise SettingsError(
                            f"GLUE_DATABASE: the Data Catalog has no database {self._database}"
                        ) from exc
                    raise
                except wr.exceptions.ServiceApiError as exc:
                    raise StorageUnavailableError(f"register {name}: {exc}") from exc

    def _register(self, entity: Entity, snapshot_date: str) -> None:
        columns = hive_columns(entity)
        wr.catalog.create_parquet_table(
            database=self._database,
            table=entity.name,
            path=f"s3://{self._bucket}/{CURATED_PREFIX}{entity.name}/",
            columns_types=columns,
            partitions_types={PARTITION: "date"},
            compression=PARQUET_CODEC,
            description=entity.grain,
            columns_comments=_comments(entity),
            mode="append",
        )
        location = f"s3://{self._bucket}/{curated_entity_prefix(entity.name, snapshot_date)}"
        wr.catalog.add_parquet_partitions(
            database=self._database,
            table=entity.name,
            partitions_values={location: [snapshot_date]},
            compression=PARQUET_CODEC,
            columns_types=columns,
        )


def _comments(entity: Entity) -> dict[str, str]:
    return {column.name: column.meaning[:_MOST_COMMENT_CHARACTERS] for column in entity.columns}
