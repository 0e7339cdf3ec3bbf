"""What the run left in the bucket and in the Data Catalog, read back."""

import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import pyarrow.parquet as pq
from botocore.exceptions import ClientError

from publish_run.catalog import PARTITION, hive_columns
from publish_run.parquet_facts import READABLE_CODECS
from tonearm.verify.comparing import shown
from tonearm.verify.outcomes import Fault, Outcome, judged
from tonearm.verify.subject import Subject
from tonearm_glue.contract import entity_named
from tonearm_pipeline.keys import CURATED_PREFIX, curated_entity_prefix, staged_prefix

_PARQUET: Final = ".parquet"
_MISSING: Final = ("404", "NoSuchKey", "EntityNotFoundException")


class Footer(NamedTuple):
    """What a Parquet file says of itself."""

    rows: int
    codecs: frozenset[str]


def check_codecs(subject: Subject) -> Outcome:
    """Every staged and curated file of the run can be read inside Lambda."""
    keys = [*_staged_keys(subject), *(file["key"] for _, file in subject.published_files)]
    by_codec: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        footer = _footer(subject, key)
        # One that is missing is named by the step of the files.
        for codec in footer.codecs if footer else ():
            by_codec[codec].append(key)
    faults = [
        Fault(
            f"{len(found)} files, {found[0]} for one, are packed with {codec.lower()}, which the "
            "Lambda layer cannot read",
            f"{subject.command('sam deploy')} if the jobs are not this project's, then "
            f"{_read_again(subject)}",
        )
        for codec, found in sorted(by_codec.items())
        if codec not in READABLE_CODECS
    ]
    return judged(f"{len(keys)} files: {', '.join(sorted(by_codec)).lower() or 'empty'}", faults)


def check_files(subject: Subject) -> Outcome:
    """The curated files are those of the manifest: none missing, none changed, rows as counted."""
    files = subject.published_files
    faults = [fault for _, file in files for fault in _file_faults(subject, file)]
    rows = sum(file["rows"] for _, file in files)
    return judged(f"{len(files)} files with {rows:,} rows", faults)


def check_catalogue(subject: Subject) -> Outcome:
    """The Data Catalog has a table for each entity with rows, with the contract's columns."""
    names = subject.published_entities
    faults = [fault for name in names for fault in _table_faults(subject, name)]
    return judged(f"{len(names)} tables with the contract's columns", faults)


def check_partitions(subject: Subject) -> Outcome:
    """The run's day is a partition of each of those tables and lies where its files do."""
    names = subject.published_entities
    faults = [fault for name in names for fault in _partition_faults(subject, name)]
    return judged(f"{len(names)} tables have the day {subject.manifest[PARTITION]}", faults)


def _staged_keys(subject: Subject) -> Iterator[str]:
    manifest = subject.manifest
    prefix = staged_prefix(manifest["run_id"], manifest["attempt"])
    pages = subject.runs.s3.get_paginator("list_objects_v2").paginate(
        Bucket=subject.runs.bucket, Prefix=prefix
    )
    for page in pages:
        keys = (item["Key"] for item in page.get("Contents", []))
        yield from (key for key in keys if key.endswith(_PARQUET))


def _footer(subject: Subject, key: str) -> Footer | None:
    """The footer of a file; None when it is not there."""
    try:
        body = subject.runs.s3.get_object(Bucket=subject.runs.bucket, Key=key)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:
            return None
        raise
    metadata = pq.ParquetFile(io.BytesIO(body)).metadata
    groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
    codecs = {g.column(index).compression for g in groups for index in range(g.num_columns)}
    return Footer(metadata.num_rows, frozenset(codecs))


def _file_faults(subject: Subject, file: Mapping[str, Any]) -> Iterator[Fault]:
    key, again = file["key"], _read_again(subject)
    footer = _footer(subject, key)
    if footer is None:
        yield Fault(f"{key} is missing", again)
        return
    if footer.rows != file["rows"]:
        yield Fault(f"{key} has {footer.rows} rows, the manifest says {file['rows']}", again)
    head = subject.runs.s3.head_object(Bucket=subject.runs.bucket, Key=key)
    if head["ETag"].strip('"') != file["etag"]:
        yield Fault(f"{key} was changed after it was published", again)


def _table_faults(subject: Subject, entity: str) -> Iterator[Fault]:
    again = f"{_read_again(subject)}; publishing makes the table anew"
    table = _asked(
        lambda glue, database: glue.get_table(DatabaseName=database, Name=entity), subject
    )
    if table is None:
        yield Fault(f"the catalogue has no table {entity}", again)
        return
    storage = table["Table"]["StorageDescriptor"]
    has = {column["Name"]: column["Type"] for column in storage["Columns"]}
    wanted = hive_columns(entity_named(entity))
    for name in sorted(wanted.keys() | has.keys()):
        if wanted.get(name) != has.get(name):
            types = f"{shown(has.get(name))}, not {shown(wanted.get(name))}"
            yield Fault(f"column {name} of the table {entity} is {types}", again)
    place = f"s3://{subject.runs.bucket}/{CURATED_PREFIX}{entity}/"
    if storage["Location"] != place:
        yield Fault(f"the table {entity} lies at {storage['Location']}, not {place}", again)


def _partition_faults(subject: Subject, entity: str) -> Iterator[Fault]:
    day = str(subject.manifest[PARTITION])
    found = _asked(
        lambda glue, database: glue.get_partition(
            DatabaseName=database, TableName=entity, PartitionValues=[day]
        ),
        subject,
    )
    if found is None:
        yield Fault(f"the table {entity} has no partition {day}", _read_again(subject))
        return
    place = f"s3://{subject.runs.bucket}/{curated_entity_prefix(entity, day)}"
    has = found["Partition"]["StorageDescriptor"]["Location"]
    if has.rstrip("/") != place.rstrip("/"):
        what = f"the partition {day} of {entity} lies at {has}, not {place}"
        yield Fault(what, _read_again(subject))


def _asked(ask: Any, subject: Subject) -> Any:
    try:
        return ask(subject.clients("glue"), subject.stack.output("GlueDatabase"))
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:
            return None
        raise


def _read_again(subject: Subject) -> str:
    sources = " ".join(f"--source {source}" for source in subject.sources)
    return subject.command(f"tonearm run {sources} --full")
