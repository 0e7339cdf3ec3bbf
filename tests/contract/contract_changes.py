"""What a change of the column contract must bring with it: version, changelog line, migration.

Each version of the contract is known by a fingerprint of its columns. A change that keeps the
version, or raises it without the rest, is told in words.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tonearm_glue.contract import Entity


@dataclass(frozen=True)
class Project:
    """The places that must agree.

    Attributes:
        version: the contract's version.
        entities: all its tables.
        fingerprints: of every version there was.
        changelog: the text of the changelog.
        sql: the text of all SQL files.
    """

    version: int
    entities: Sequence[Entity]
    fingerprints: Mapping[int, str]
    changelog: str
    sql: str


def fingerprint(entities: Sequence[Entity]) -> str:
    """Return what tells two contracts apart: keys, columns, their order, types, units and NULLs."""
    said = [
        [entity.name, entity.key, [_column(entity, name) for name in entity.names]]
        for entity in entities
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def problems(project: Project) -> Iterator[str]:
    """Yield what a change of the contract has left undone."""
    known = project.fingerprints.get(project.version)
    found = fingerprint(project.entities)
    if known is None:
        yield f"version {project.version} has no fingerprint here: it is {found}"
    elif known != found:
        yield f"columns changed ({found}) under version {project.version}: raise CONTRACT_VERSION"
    for version in range(1, project.version + 1):
        if f"Column contract {version}" not in project.changelog:
            yield f"CHANGELOG.md has no line 'Column contract {version}: …'"
    yield from _migration_problems(project)


def _migration_problems(project: Project) -> Iterator[str]:
    for entity in project.entities:
        for column in entity.columns:
            if column.since > project.version:
                yield f"{entity.name}.{column.name} is of version {column.since}, yet to come"
            elif column.since > 1 and not _is_added(project.sql, entity.name, column.name):
                yield f"no SQL file adds {entity.name}.{column.name} to a landing table that exists"


def _is_added(sql: str, entity: str, column: str) -> bool:
    added = (
        rf"alter table (?:<% database %>\.)?landing\.{entity}\s+add column if not exists {column}\b"
    )
    return re.search(added, sql, re.IGNORECASE) is not None


def _column(entity: Entity, name: str) -> list[object]:
    [column] = [one for one in entity.columns if one.name == name]
    return [column.name, column.kind.value, column.is_required, column.unit, column.since]
