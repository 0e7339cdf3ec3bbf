"""Judges NULLs of staged rows, since a run that differs is not yet a run that is wrong.

* A key or required column with any NULL fails (`audit` looks at that).
* An optional column must hold as many values as its job counted when it wrote the rows: fewer means
  that the files are not what the job wrote. That fails.
* A share of NULLs far from the last good run's is a warning, even if nothing is left of a column:
  Spotify does take fields away, and a pipeline that stopped for that would stop for good. The
  warning is stored with the run, counted as a metric, and told in the run's note.
"""

from collections.abc import Iterable
from typing import Final

from publish_run.audit_facts import AuditFacts, Counts
from tonearm_glue.contract import ENTITIES, Entity, Kind
from tonearm_pipeline.differences import Difference

LEAST_ROWS_FOR_RATES: Final = 10
NULL_RATE_JUMP: Final = 0.5
_LISTS: Final = (Kind.TEXTS, Kind.CREDITS)


def null_rate(nulls: int, rows: int) -> float:
    """Return the share of NULLs, 0 when there are no rows."""
    return nulls / rows if rows else 0.0


def lost_value_differences(facts: AuditFacts, counts: Counts) -> Iterable[Difference]:
    """Yield the optional columns whose values are not as many as the job counted."""
    for entity in ENTITIES:
        found = facts.entities[entity.name]
        for column, (present, rows) in _countable(entity, counts):
            nulls = found.nulls.get(column)
            if rows == found.rows and nulls is not None and nulls != rows - present:
                what = f"NULLs in {column}"
                yield Difference("nulls", what, rows - present, nulls, entity=entity.name)


def jump_warnings(facts: AuditFacts) -> Iterable[Difference]:
    """Yield the columns whose share of NULLs is far from the last good run's."""
    last = facts.last_run
    if last is None:
        return
    for entity, found in facts.entities.items():
        if min(found.rows, last.rows.get(entity, 0)) < LEAST_ROWS_FOR_RATES:
            continue
        before = last.nulls.get(entity, {})
        for column in sorted(found.nulls.keys() & before.keys()):
            then = null_rate(before[column], last.rows[entity])
            now = null_rate(found.nulls[column], found.rows)
            if abs(now - then) >= NULL_RATE_JUMP:
                what = f"share of NULLs in {column} (run {last.run_id})"
                yield Difference("nulls", what, round(then, 3), round(now, 3), entity=entity)


def _countable(entity: Entity, counts: Counts) -> Iterable[tuple[str, tuple[int, int]]]:
    """Optional columns with the job's count of values; of lists the footers tell too little."""
    presence = counts.field_presence.get(entity.name, {})
    for column in entity.columns:
        if column.name in presence and not column.is_required and column.kind not in _LISTS:
            present, rows = presence[column.name]
            yield column.name, (present, rows)
