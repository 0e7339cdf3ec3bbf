"""What a job leaves under its staging area: Parquet tables, quarantine, counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as fn

from tonearm_glue.arguments import JobArgs
from tonearm_glue.contract import CONTRACT_VERSION, QUARANTINE, Entity
from tonearm_glue.manifest import rows_of
from tonearm_glue.schemas import spark_schema

_MADE_HERE = ("run_id", "attempt", "snapshot_date")
_QUARANTINE_NULLS = {"playlist_id": "string", "reason_detail": "string"}


@dataclass(frozen=True)
class EntityCounts:
    """read = accepted + repeats + quarantined, always."""

    read: int
    accepted: int
    quarantined: int

    def as_json(self) -> dict[str, int]:
        """The four figures by name."""
        return {
            "read": self.read,
            "accepted": self.accepted,
            "repeats": self.read - self.accepted - self.quarantined,
            "quarantined": self.quarantined,
        }


@dataclass
class JobCounts:
    """What one job has to say for itself, as one JSON line."""

    job: str
    raw_lines: int = 0
    corrupt_lines: int = 0
    ignored_lines: int = 0
    entities: dict[str, EntityCounts] = field(default_factory=dict)
    playlists: list[dict[str, Any]] = field(default_factory=list)
    field_presence: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    quarantine_rows: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """All of it by name."""
        entities = {name: counts.as_json() for name, counts in self.entities.items()}
        return {**vars(self), "contract_version": CONTRACT_VERSION, "entities": entities}


def in_contract(rows: DataFrame, entity: Entity, args: JobArgs) -> DataFrame:
    """The rows with the run's columns added: exactly the entity's columns, types and order."""
    made = {
        "run_id": fn.lit(args.run_id),
        "attempt": fn.lit(args.attempt),
        "snapshot_date": fn.lit(args.snapshot_date),
    }
    columns = [
        made.get(one.name, fn.col(one.name)).cast(one.dataType).alias(one.name)
        for one in spark_schema(entity)
    ]
    return rows.select(*columns)


def write_table(
    rows: DataFrame, entity: Entity, args: JobArgs, files: int = 1
) -> dict[str, list[int]]:
    """Write an entity's files, replacing this job's earlier try, and return its field presence.

    A table without rows is one file without rows.
    """
    presence = Observation()
    table = rows.transform(in_contract, entity, args).observe(presence, *_presence_of(entity))
    table.coalesce(files).write.mode("overwrite").parquet(args.staged_folder(entity.name))
    return _as_presence(entity, presence.get)


def write_quarantine(rows: DataFrame, entity_name: str, args: JobArgs) -> None:
    """Write the quarantined rows of one entity as one file, in the order of raw."""
    missing = {
        name: fn.lit(None).cast(kind)
        for name, kind in _QUARANTINE_NULLS.items()
        if name not in rows.columns
    }
    table = rows.withColumns({"entity": fn.lit(entity_name), **missing}).transform(
        in_contract, QUARANTINE, args
    )
    ordered = table.coalesce(1).sortWithinPartitions("raw_key", "line", "entry", "occurrence")
    ordered.write.mode("overwrite").parquet(args.staged_folder("quarantine", entity_name))


def write_counts(spark: SparkSession, counts: JobCounts, args: JobArgs) -> None:
    """Write the job's counts as one JSON line."""
    line = rows_of(spark, [counts.as_json()], _COUNTS)
    folder = args.staged_folder("counts", counts.job)
    line.write.mode("overwrite").option("ignoreNullFields", "false").json(folder)


def _presence_of(entity: Entity) -> Iterable[Column]:
    yield fn.count("*").alias("rows")
    for column in entity.columns:
        if not column.is_required:
            yield fn.count(column.name).alias(column.name)


def _as_presence(entity: Entity, observed: Mapping[str, Any]) -> dict[str, list[int]]:
    return {
        column.name: [observed[column.name], observed["rows"]]
        for column in entity.columns
        if not column.is_required
    }


_FIGURES = "map<string,map<string,bigint>>"
_COUNTS = (
    "struct<job:string,contract_version:int,raw_lines:bigint,corrupt_lines:bigint,"
    f"ignored_lines:bigint,entities:{_FIGURES},playlists:array<struct<playlist_id:string,"
    "api_total:int,songs:int,episodes:int,local_files:int,unavailable:int,malformed:int,"
    "is_consistent:boolean>>,field_presence:map<string,map<string,array<bigint>>>,"
    "quarantine_rows:map<string,bigint>>"
)
