"""Reads footers and key columns of staged Parquet files.

The one module of the audit that needs pyarrow, which on Lambda comes from AWS's managed
layer (AWSSDKPandas). That one is built without most codecs: a footer can be read whatever the
columns are packed with, a column only when Arrow has its codec
(aws/aws-sdk-pandas, building/lambda/build-lambda-layer.sh, ARROW_WITH_...).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tonearm_glue.contract import PARQUET_CODEC, Column, Entity, Kind
from tonearm_pipeline.ledger import ENTRY_KINDS
from tonearm_pipeline.staged import EntityFacts, SchemaProblem, StagedFile, StoredFile

READABLE_CODECS: Final = ("SNAPPY", "GZIP", "UNCOMPRESSED")
LINEAGE_COLUMNS: Final = ("run_id", "attempt", "snapshot_date")
ENTRY_KIND_FIGURES: Final = {
    "song": "songs",
    "episode": "episodes",
    "local_file": "local_files",
    "unavailable": "unavailable",
}

_MOST_LINEAGE_VALUES: Final = 10
_TYPE_TEXTS: Final = {
    Kind.TEXT: "string",
    Kind.INTEGER: "int32",
    Kind.BIGINT: "int64",
    Kind.BOOLEAN: "bool",
    Kind.DATE: "date32[day]",
    Kind.TIMESTAMP: "timestamp[us, tz=UTC]",
    Kind.TEXTS: "list<string>",
    Kind.CREDITS: "list<struct<artist_id: string, name: string>>",
}
_LISTS: Final = (Kind.TEXTS, Kind.CREDITS)


def entity_facts(
    entity: Entity, files: Sequence[StoredFile], opened: Callable[[StoredFile], BinaryIO]
) -> EntityFacts:
    """Return the facts of one entity's files; columns are read only where all schemas are right."""
    staged: list[StagedFile] = []
    problems: list[SchemaProblem] = []
    readable: list[pq.ParquetFile] = []
    for file in files:
        parquet = _parquet_file(file, opened, problems)
        rows = parquet.metadata.num_rows if parquet else 0
        staged.append(StagedFile(file.key, file.size, file.etag, rows))
        if parquet:
            problems += _schema_problems(entity, file.key, parquet)
            problems += _codec_problems(file.key, parquet)
            readable.append(parquet)
    if problems:
        return EntityFacts(files=tuple(staged), schema_problems=tuple(problems))
    return _facts_of_columns(entity, tuple(staged), readable)


def _parquet_file(
    file: StoredFile, opened: Callable[[StoredFile], BinaryIO], problems: list[SchemaProblem]
) -> pq.ParquetFile | None:
    try:
        return pq.ParquetFile(opened(file))
    except pa.ArrowInvalid as exc:
        found = str(exc).splitlines()[0][:200]
        problems.append(SchemaProblem(file.key, "", "a Parquet file", found))
        return None


def _schema_problems(entity: Entity, key: str, parquet: pq.ParquetFile) -> Iterable[SchemaProblem]:
    found = {field.name: _type_text(field.type) for field in parquet.schema_arrow}
    for column in entity.columns:
        expected = _TYPE_TEXTS[column.kind]
        actual = found.pop(column.name, "no such column")
        if actual != expected:
            yield SchemaProblem(key, column.name, expected, actual)
    for name, actual in found.items():
        yield SchemaProblem(key, name, "no such column", actual)


def _codec_problems(key: str, parquet: pq.ParquetFile) -> Iterable[SchemaProblem]:
    found = {chunk.compression for chunk in _all_chunks(parquet)}
    for codec in sorted(found.difference(READABLE_CODECS)):
        yield SchemaProblem(key, "", f"columns packed with {PARQUET_CODEC}", codec.lower())


def _type_text(kind: Any) -> str:
    """Spell an Arrow type without the names of list items and without nullability."""
    if pa.types.is_list(kind):
        return f"list<{_type_text(kind.value_type)}>"
    if pa.types.is_struct(kind):
        fields = (kind.field(number) for number in range(kind.num_fields))
        inner = ", ".join(f"{field.name}: {_type_text(field.type)}" for field in fields)
        return f"struct<{inner}>"
    return str(kind)


def _facts_of_columns(
    entity: Entity, staged: tuple[StagedFile, ...], readable: Sequence[pq.ParquetFile]
) -> EntityFacts:
    required = [column.name for column in entity.columns if column.is_required]
    names = list(dict.fromkeys([*entity.key, *required]))
    table = _read(readable, names) if readable else _empty_table(entity, names)
    nulls = {name: table.column(name).null_count for name in required}
    for column in entity.columns:
        if not column.is_required:
            nulls |= _nulls_from_footers(column, readable)
    return EntityFacts(
        files=staged,
        distinct_keys=_distinct(table, entity.key),
        nulls=nulls,
        lineage={name: _values(table, name) for name in LINEAGE_COLUMNS},
        by_playlist=_by_playlist(entity.name, table),
    )


def _read(readable: Sequence[pq.ParquetFile], names: Sequence[str]) -> pa.Table:
    """Read a few columns of all files; texts as dictionaries, since ids repeat."""
    tables = []
    for parquet in readable:
        table = parquet.read(columns=list(names))
        tables.append(_with_dictionaries(table))
    return pa.concat_tables(tables).unify_dictionaries()


def _with_dictionaries(table: pa.Table) -> pa.Table:
    columns = [
        column.dictionary_encode() if pa.types.is_string(column.type) else column
        for column in table.columns
    ]
    return pa.table(dict(zip(table.column_names, columns, strict=True)))


def _empty_table(entity: Entity, names: Sequence[str]) -> pa.Table:
    known = {column.name for column in entity.columns}
    return pa.table({name: pa.nulls(0) for name in names if name in known})


def _distinct(table: pa.Table, key: Sequence[str]) -> int:
    if not table.num_rows:
        return 0
    return int(table.group_by(list(key)).aggregate([]).num_rows)


def _values(table: pa.Table, name: str) -> tuple[str, ...]:
    values = pc.unique(table.column(name)).to_pylist()
    return tuple(sorted(str(value) for value in values)[:_MOST_LINEAGE_VALUES])


def _nulls_from_footers(column: Column, readable: Sequence[pq.ParquetFile]) -> dict[str, int]:
    """NULLs of a column by the footers' statistics; nothing when a footer does not say."""
    is_list = column.kind in _LISTS
    total = 0
    has_value = False
    for parquet in readable:
        for chunk in _chunks(parquet, column.name):
            statistics = chunk.statistics
            if statistics is None or not statistics.has_null_count:
                return {}
            total += statistics.null_count
            has_value |= statistics.null_count < chunk.num_values
    if not is_list:
        return {column.name: total}
    rows = sum(parquet.metadata.num_rows for parquet in readable)
    return {column.name: 0 if has_value else rows}


def _chunks(parquet: pq.ParquetFile, name: str) -> Iterable[Any]:
    for chunk in _all_chunks(parquet):
        if chunk.path_in_schema.split(".", 1)[0] == name:
            yield chunk


def _all_chunks(parquet: pq.ParquetFile) -> Iterable[Any]:
    metadata = parquet.metadata
    for group_number in range(metadata.num_row_groups):
        group = metadata.row_group(group_number)
        yield from (group.column(number) for number in range(group.num_columns))


def _by_playlist(entity: str, table: pa.Table) -> Mapping[str, Mapping[str, int]]:
    if not table.num_rows:
        return {}
    if entity == "playlist_entries":
        return _entry_kinds(table)
    if entity == "playlists":
        return _stated_counts(table)
    return {}


def _entry_kinds(table: pa.Table) -> dict[str, dict[str, int]]:
    """Entries of each kind per playlist; a kind the contract does not know keeps its own name."""
    grouped = table.group_by(["playlist_id", "entry_kind"]).aggregate([([], "count_all")])
    found: dict[str, dict[str, int]] = {}
    for row in grouped.to_pylist():
        kind = ENTRY_KIND_FIGURES.get(row["entry_kind"], str(row["entry_kind"]))
        found.setdefault(str(row["playlist_id"]), {})[kind] = row["count_all"]
    return found


def _stated_counts(table: pa.Table) -> dict[str, dict[str, int]]:
    names = ("api_total", *ENTRY_KINDS)
    return {
        str(row["playlist_id"]): {name: row[name] for name in names}
        for row in table.select(["playlist_id", *names]).to_pylist()
    }
