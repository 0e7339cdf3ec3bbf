"""Reads what the audit looks at: raw manifest and parts, counts, staged files, the last run."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from publish_run.audit_facts import AuditFacts, LastRun, RawPart
from publish_run.copies import RunName
from publish_run.parquet_facts import entity_facts
from tonearm_glue.contract import ENTITIES, JOBS, QUARANTINE
from tonearm_pipeline.errors import RawCorruptError
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.keys import (
    raw_pages_prefix,
    staged_counts_prefix,
    staged_entity_prefix,
    staged_quarantine_prefix,
)
from tonearm_pipeline.staged import EntityFacts, StagedStore
from tonearm_pipeline.state.last_good import LastGoodRun

_PARQUET: Final = ".parquet"


class FactsReader:
    """Reads the facts of one run.

    Args:
        json_store: the run's JSON documents.
        staged: lists and opens objects of the same bucket.
        last_good: points to the last good run.
    """

    def __init__(self, json_store: JsonStore, staged: StagedStore, last_good: LastGoodRun) -> None:
        self._json = json_store
        self._staged = staged
        self._last_good = last_good

    def read(self, run: RunName, manifest_key: str) -> AuditFacts:
        """Return the facts.

        Raises:
            RawCorruptError: there is no raw manifest.
        """
        raw = self._json.get(manifest_key)
        if raw is None:
            raise RawCorruptError(f"raw {manifest_key}: expected the raw manifest, found nothing")
        return AuditFacts(
            run_id=run.run_id,
            snapshot_date=run.snapshot_date,
            attempt=run.attempt,
            raw=raw,
            parts=self._parts(run),
            counts={job: self._counts(run, job) for job in JOBS},
            entities=self._entities(run),
            quarantine=self._quarantine(run),
            last_run=self._last_run(),
        )

    def _parts(self, run: RunName) -> list[RawPart]:
        files = self._staged.list_files(raw_pages_prefix(run.run_id), "")
        return [RawPart(file.key, file.size, self._staged.sha256(file.key)) for file in files]

    def _counts(self, run: RunName, job: str) -> Sequence[Mapping[str, Any]]:
        prefix = staged_counts_prefix(run.run_id, run.attempt, job)
        lines: list[Mapping[str, Any]] = []
        for file in self._staged.list_files(prefix, ".json"):
            text = (self._json.get_bytes(file.key) or b"").decode()
            lines += [_parsed(line) for line in text.splitlines() if line.strip()]
        return lines

    def _entities(self, run: RunName) -> dict[str, EntityFacts]:
        facts = {}
        for entity in ENTITIES:
            prefix = staged_entity_prefix(run.run_id, run.attempt, entity.name)
            files = self._staged.list_files(prefix, _PARQUET)
            facts[entity.name] = entity_facts(entity, files, self._staged.open)
        return facts

    def _quarantine(self, run: RunName) -> dict[str, EntityFacts]:
        facts = {}
        for entity in ENTITIES:
            prefix = staged_quarantine_prefix(run.run_id, run.attempt, entity.name)
            files = self._staged.list_files(prefix, _PARQUET)
            facts[entity.name] = entity_facts(QUARANTINE, files, self._staged.open)
        return facts

    def _last_run(self) -> LastRun | None:
        key = self._last_good.published_key()
        manifest = self._json.get(key) if key else None
        return _last_run_of(manifest) if manifest else None


def _parsed(line: str) -> Mapping[str, Any]:
    """Return one line of counts; one that is no JSON object counts as empty and fails the audit."""
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _last_run_of(manifest: Mapping[str, Any]) -> LastRun:
    """Return what the audit compares with, out of a published manifest."""
    entities: Mapping[str, Any] = manifest["entities"]
    return LastRun(
        run_id=manifest["run_id"],
        rows={name: figures["curated"] for name, figures in entities.items()},
        nulls={name: figures.get("nulls", {}) for name, figures in entities.items()},
    )
