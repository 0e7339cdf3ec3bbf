"""Differences between what the jobs left and what the reference says."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.glue_jobs.jobs import JOBS, Row, Staged
from tests.glue_jobs.raw_files import RUN_ID, RawRun
from tests.glue_jobs.reference import Reference
from tonearm_glue.contract import ENTITIES, Entity

POINTED = (
    "entity",
    "reason_code",
    "reason_detail",
    "raw_key",
    "line",
    "entry",
    "occurrence",
    "playlist_id",
)


def reference_of(run: RawRun, *, attempt: int = 1) -> Reference:
    """The reference's answer to a raw run."""
    reference = Reference(run.manifest([]), attempt)
    reference.read(
        (f"raw/{RUN_ID}/pages/part-{number:05d}.json.gz", lines)
        for number, lines in enumerate(run.parts)
    )
    return reference


def differences(staged: Staged, reference: Reference) -> list[str]:
    """Every difference, in words; none when the jobs and the reference agree."""
    found = [word for entity in ENTITIES for word in _of_table(entity, staged.tables, reference)]
    found += _of_quarantine(staged, reference)
    for job in JOBS:
        counts = {**staged.counts[job]}
        counts.pop("contract_version")
        found += _of_values(f"counts of {job}", counts, reference.counts(job))
    return found


def entries_in(reference: Reference) -> int:
    """Playlist entries and album tracks the reference has looked at."""
    names = ("songs", "playlist_entries")
    refused = sum(refusal[0] in names for refusal in reference.refused)
    on_albums: int = len(reference.mentions["songs"]) - sum(
        row["entry_kind"] == "song" for row in reference.mentions["playlist_entries"]
    )
    return len(reference.mentions["playlist_entries"]) + on_albums + refused


def _of_table(entity: Entity, tables: dict[str, list[Row]], reference: Reference) -> Iterator[str]:
    expected = _by_key(entity, reference.table(entity.name))
    found = _by_key(entity, tables[entity.name])
    for key in sorted(expected.keys() | found.keys(), key=repr):
        name = f"{entity.name} {key}"
        if len(expected.get(key, ())) != 1 or len(found.get(key, ())) != 1:
            yield from _of_values(name, found.get(key), expected.get(key))
            continue
        [ours], [theirs] = expected[key], found[key]
        if list(theirs) != list(entity.names) or set(ours) != set(entity.names):
            yield f"{name}: columns {set(theirs) ^ set(ours)}"
        for column in entity.names:
            yield from _of_values(f"{name} {column}", theirs.get(column), ours.get(column))


def _by_key(entity: Entity, rows: list[Row]) -> dict[tuple[Any, ...], list[Row]]:
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[name] for name in entity.key), []).append(row)
    return found


def _of_quarantine(staged: Staged, reference: Reference) -> Iterator[str]:
    found = Counter(tuple(row[name] for name in POINTED) for row in staged.quarantine)
    expected = Counter[Any](reference.refused)
    for refusal in (found - expected).elements():
        yield f"quarantined, but not by the reference: {refusal}"
    for refusal in (expected - found).elements():
        yield f"not quarantined, but by the reference: {refusal}"


def _of_values(name: str, found: Any, expected: Any) -> Iterator[str]:
    if isinstance(found, dict) and isinstance(expected, dict):
        for key in sorted(found.keys() | expected.keys()):
            yield from _of_values(f"{name}.{key}", found.get(key), expected.get(key))
    elif found != expected or type(found) is not type(expected):
        yield f"{name}: found {found!r}, expected {expected!r}"
