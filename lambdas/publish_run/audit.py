"""The audit between staged and curated: does what was transformed agree with what was read?

Pure decisions on facts that others have read. Every rule yields `Difference`s that name step, file
and figures; a run with any of them publishes nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from publish_run.audit_facts import (
    AuditFacts,
    AuditResult,
    Counts,
    QuarantineLimits,
    RawPart,
    counts_of,
    unequal,
)
from tonearm_glue.contract import CONTRACT_VERSION, ENTITIES, JOBS, QUARANTINE, Entity
from tonearm_pipeline.differences import Difference
from tonearm_pipeline.errors import QuarantineLimitError
from tonearm_pipeline.ledger import ENTRY_KINDS, playlist_differences
from tonearm_pipeline.null_rates import jump_warnings, lost_value_differences
from tonearm_pipeline.staged import EntityFacts

LEAST_ROWS_FOR_SHARE: Final = 20
_KINDS_WITH_ROWS: Final = tuple(kind for kind in ENTRY_KINDS if kind != "malformed")


def audit(facts: AuditFacts) -> AuditResult:
    """Compare staged files, counts and raw manifest; nothing is read or written here."""
    counts = counts_of(facts.counts)
    differences = [
        *_counts_differences(facts),
        *_figure_differences(counts),
        *_playlist_differences(facts, counts),
        *_schema_differences(facts),
        *_row_differences(facts, counts),
        *_key_differences(facts),
        *_lineage_differences(facts),
        *_entry_differences(facts, counts),
        *_quarantine_differences(facts, counts),
        *lost_value_differences(facts, counts),
    ]
    raw = tuple(_raw_differences(facts))
    return AuditResult(raw, tuple(differences), tuple(jump_warnings(facts)))


def check_quarantine(counts: Counts, limits: QuarantineLimits) -> None:
    """Stop a run of which too much went to quarantine.

    Raises:
        QuarantineLimitError: names the entity and its figures.
    """
    for entity in ENTITIES:
        quarantined = counts.of(entity.name, "quarantined")
        read = counts.of(entity.name, "read")
        share = quarantined / read if read else 0.0
        is_many = quarantined > limits.rows
        is_large_share = quarantined > LEAST_ROWS_FOR_SHARE and share > limits.share
        if is_many or is_large_share:
            raise QuarantineLimitError(
                f"quarantine {entity.name}: {quarantined} of {read} rows ({share:.1%}); "
                f"allowed are {limits.rows} rows and {limits.share:.1%}; nothing was published"
            )


def _raw_differences(facts: AuditFacts) -> Iterable[Difference]:
    found = {part.key: part for part in facts.parts}
    for part in facts.raw["parts"]:
        yield from _part_differences(part, found.pop(part["key"], None))
    for key in found:
        yield Difference("raw", "object", "named by the manifest", "not named", file=key)
    for job, lines in facts.counts.items():
        for line in lines:
            corrupt = ((f"corrupt lines ({job})", 0, line.get("corrupt_lines", 0)),)
            yield from unequal("raw", corrupt)


def _part_differences(expected: Mapping[str, Any], found: RawPart | None) -> Iterable[Difference]:
    if found is None:
        yield Difference("raw", "object", "present", "missing", file=expected["key"])
    elif found.size != expected["bytes"]:
        yield Difference("raw", "bytes", expected["bytes"], found.size, file=found.key)
    elif found.sha256 != expected["sha256"]:
        yield Difference("raw", "sha256", expected["sha256"], found.sha256, file=found.key)


def _counts_differences(facts: AuditFacts) -> Iterable[Difference]:
    raw_lines = sum(part["lines"] for part in facts.raw["parts"])
    for job in JOBS:
        lines = facts.counts.get(job, [])
        if len(lines) != 1:
            yield Difference("counts", f"lines of counts ({job})", 1, len(lines))
        for line in lines:
            compared: tuple[tuple[str, object, object], ...] = (
                ("job", job, line.get("job")),
                (f"contract version ({job})", CONTRACT_VERSION, line.get("contract_version")),
                (f"raw lines ({job})", raw_lines, line.get("raw_lines")),
            )
            yield from unequal("counts", compared)


def _figure_differences(counts: Counts) -> Iterable[Difference]:
    for entity in ENTITIES:
        name = entity.name
        parts = sum(counts.of(name, figure) for figure in ("accepted", "repeats", "quarantined"))
        compared = (("accepted + repeats + quarantined", counts.of(name, "read"), parts),)
        yield from unequal("counts", compared, entity=name)


def _playlist_differences(facts: AuditFacts, counts: Counts) -> Iterable[Difference]:
    uncounted = dict(counts.playlists)
    for read in facts.raw["playlists"]:
        yield from playlist_differences(read, uncounted.pop(read["playlist_id"], None))
    for playlist_id in uncounted:
        yield Difference("playlists", "playlist read", "none", "counted", playlist_id=playlist_id)


def _schema_differences(facts: AuditFacts) -> Iterable[Difference]:
    for entity, found in [*facts.entities.items(), *facts.quarantine.items()]:
        for problem in found.schema_problems:
            what = f"type of {problem.column}" if problem.column else "file"
            yield Difference(
                "schema", what, problem.expected, problem.found, entity=entity, file=problem.file
            )


def _row_differences(facts: AuditFacts, counts: Counts) -> Iterable[Difference]:
    for entity in ENTITIES:
        rows = facts.entities[entity.name].rows
        compared = (("rows", counts.of(entity.name, "accepted"), rows),)
        files = facts.entities[entity.name].files
        file = files[0].key if len(files) == 1 else ""
        yield from unequal("staged", compared, entity=entity.name, file=file)


def _key_differences(facts: AuditFacts) -> Iterable[Difference]:
    for entity in ENTITIES:
        found = facts.entities[entity.name]
        if found.schema_problems:
            continue
        distinct = (("distinct keys", found.rows, found.distinct_keys),)
        yield from unequal("keys", distinct, entity=entity.name)
        yield from _required_differences(entity, entity.name, found)


def _required_differences(contract: Entity, name: str, found: EntityFacts) -> Iterable[Difference]:
    for column in contract.columns:
        nulls = found.nulls.get(column.name, 0)
        if column.is_required and nulls:
            yield Difference("nulls", f"NULLs in {column.name}", 0, nulls, entity=name)


def _lineage_differences(facts: AuditFacts) -> Iterable[Difference]:
    expected = {
        "run_id": (facts.run_id,),
        "attempt": (str(facts.attempt),),
        "snapshot_date": (facts.snapshot_date,),
    }
    for entity, found in [*facts.entities.items(), *facts.quarantine.items()]:
        if not found.rows or found.schema_problems:
            continue
        for column, values in expected.items():
            compared = ((f"values of {column}", list(values), list(found.lineage[column])),)
            yield from unequal("keys", compared, entity=entity)


def _entry_differences(facts: AuditFacts, counts: Counts) -> Iterable[Difference]:
    """Rows per playlist and kind, and the counts each playlist row states."""
    entries = facts.entities["playlist_entries"]
    stated = facts.entities["playlists"]
    for playlist_id, counted in counts.playlists.items():
        if not entries.schema_problems:
            rows = entries.by_playlist.get(playlist_id, {})
            yield from _kind_differences("playlist_entries", playlist_id, counted, rows)
        if not stated.schema_problems:
            row = stated.by_playlist.get(playlist_id, {})
            yield from _stated_differences(playlist_id, counted, row)
    for name in ("playlist_entries", "playlists"):
        for playlist_id in facts.entities[name].by_playlist:
            if playlist_id not in counts.playlists:
                yield Difference(
                    "staged", "rows", "none", "some", entity=name, playlist_id=playlist_id
                )


def _kind_differences(
    entity: str, playlist_id: str, counted: Mapping[str, Any], rows: Mapping[str, int]
) -> Iterable[Difference]:
    kinds = [*_KINDS_WITH_ROWS, *(kind for kind in rows if kind not in _KINDS_WITH_ROWS)]
    compared = [(f"rows of {kind}", counted.get(kind, 0), rows.get(kind, 0)) for kind in kinds]
    yield from unequal("staged", compared, entity=entity, playlist_id=playlist_id)


def _stated_differences(
    playlist_id: str, counted: Mapping[str, Any], row: Mapping[str, int]
) -> Iterable[Difference]:
    compared = [(name, counted.get(name, 0), row.get(name)) for name in ("api_total", *ENTRY_KINDS)]
    yield from unequal("staged", compared, entity="playlists", playlist_id=playlist_id)


def _quarantine_differences(facts: AuditFacts, counts: Counts) -> Iterable[Difference]:
    for entity in ENTITIES:
        name = entity.name
        found = facts.quarantine[name]
        compared = (("rows", counts.of(name, "quarantined"), found.rows),)
        yield from unequal("quarantine", compared, entity=name)
        yield from _required_differences(QUARANTINE, f"quarantine of {name}", found)
