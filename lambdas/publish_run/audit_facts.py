"""What an audit looks at, and what it answers. Plain values; `audit` and `null_rates` decide."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tonearm_glue.contract import JOBS
from tonearm_pipeline.differences import Difference
from tonearm_pipeline.staged import EntityFacts


@dataclass(frozen=True)
class RawPart:
    """One object under the run's raw pages as it lies in S3 now."""

    key: str
    size: int
    sha256: str


@dataclass(frozen=True)
class LastRun:
    """What the last good run published: rows and NULLs per entity."""

    run_id: str
    rows: Mapping[str, int]
    nulls: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class AuditFacts:
    """Everything the audit looks at.

    Attributes:
        run_id: the run.
        snapshot_date: the date its rows must carry.
        attempt: the attempt its rows must carry.
        raw: the raw manifest.
        parts: the raw parts as they lie in S3.
        counts: the lines of each job's counts.
        entities: facts of the staged files per entity.
        quarantine: facts of the staged quarantine files per entity.
        last_run: the last good run, where one is known.
    """

    run_id: str
    snapshot_date: str
    attempt: int
    raw: Mapping[str, Any]
    parts: Sequence[RawPart]
    counts: Mapping[str, Sequence[Mapping[str, Any]]]
    entities: Mapping[str, EntityFacts]
    quarantine: Mapping[str, EntityFacts]
    last_run: LastRun | None = None


@dataclass(frozen=True)
class AuditResult:
    """What the audit found: differences stop the run, warnings are told."""

    raw: tuple[Difference, ...] = ()
    differences: tuple[Difference, ...] = ()
    warnings: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class QuarantineLimits:
    """How many rows of one entity may go to quarantine.

    Attributes:
        share: of what was read; looked at only when more than a handful of rows is in quarantine,
            since one bad entry of three is no sign of a broken job.
        rows: whatever the share.
    """

    share: float
    rows: int


@dataclass(frozen=True)
class Counts:
    """The counts of the three jobs put together."""

    entities: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    playlists: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    field_presence: Mapping[str, Mapping[str, Sequence[int]]] = field(default_factory=dict)

    def of(self, entity: str, figure: str) -> int:
        """Return one figure of an entity; 0 when the job did not see it."""
        return int(self.entities.get(entity, {}).get(figure, 0))


def counts_of(counts: Mapping[str, Sequence[Mapping[str, Any]]]) -> Counts:
    """Put the counts of the jobs together: each job speaks for its own entities only."""
    entities: dict[str, Mapping[str, int]] = {}
    presence: dict[str, Mapping[str, Sequence[int]]] = {}
    playlists: dict[str, Mapping[str, Any]] = {}
    for job, owned in JOBS.items():
        for line in counts.get(job, []):
            for entity in owned:
                entities[entity.name] = line.get("entities", {}).get(entity.name, {})
            presence |= line.get("field_presence", {})
            playlists |= {entry["playlist_id"]: entry for entry in line.get("playlists") or ()}
    return Counts(entities, playlists, presence)


def unequal(
    step: str,
    compared: Iterable[tuple[str, object, object]],
    entity: str = "",
    playlist_id: str = "",
    file: str = "",
) -> Iterable[Difference]:
    """Yield a difference for each (what, expected, found) whose figures are not equal."""
    for what, expected, found in compared:
        if expected != found:
            yield Difference(
                step, what, expected, found, entity=entity, playlist_id=playlist_id, file=file
            )
