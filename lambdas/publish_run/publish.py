"""Write, audit, publish: the audit decides, then files are copied, then the manifest commits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from publish_run.audit import audit, check_quarantine
from publish_run.audit_facts import AuditFacts, AuditResult, QuarantineLimits, counts_of
from publish_run.catalog import Catalog
from publish_run.copies import (
    PublishedFile,
    Publisher,
    RunName,
    compose_manifest,
    plan_copies,
)
from publish_run.events import PublishRequest, PublishResult
from publish_run.facts import FactsReader
from tonearm_pipeline.clock import Clock, utc_text
from tonearm_pipeline.differences import describe
from tonearm_pipeline.errors import AuditError, RawCorruptError
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.keys import published_manifest_key


@dataclass(frozen=True)
class Publishing:
    """Audits and publishes runs of one stack."""

    store: JsonStore
    facts: FactsReader
    publisher: Publisher
    catalog: Catalog
    limits: QuarantineLimits
    clock: Clock

    def run(self, request: PublishRequest) -> PublishResult:
        """Publish one run, or return what an earlier call of the same attempt published.

        Raises:
            RawCorruptError: raw pages are not what the manifest says, or a job met corrupt lines.
            AuditError: staged files do not pass; nothing was published.
            QuarantineLimitError: too much is in quarantine; nothing was published.
        """
        key = published_manifest_key(request.run.run_id)
        committed = self._committed(key, request.run)
        if committed is not None:
            return PublishResult.from_manifest(key, committed)
        facts = self.facts.read(request.run, request.manifest_key)
        result = self._audited(facts)
        copies = plan_copies(request.run, facts.entities, facts.quarantine)
        files = self.publisher.publish(request.run, copies)
        self.catalog.register(_entities_with_files(files), request.run.snapshot_date)
        manifest = compose_manifest(
            request.run,
            raw_manifest_key=request.manifest_key,
            published_at=utc_text(self.clock.now()),
            counts=counts_of(facts.counts),
            audited=facts.entities,
            files=files,
            result=result,
        )
        self.store.put(key, manifest)
        return PublishResult.from_manifest(key, manifest)

    def _committed(self, key: str, run: RunName) -> Mapping[str, Any] | None:
        manifest: Mapping[str, Any] | None = self.store.get(key)
        if manifest is None or manifest["attempt"] < run.attempt:
            return None
        if manifest["attempt"] > run.attempt:
            raise AuditError(
                f"publish {key}: attempt {manifest['attempt']} is published, "
                f"attempt {run.attempt} is older"
            )
        return manifest

    def _audited(self, facts: AuditFacts) -> AuditResult:
        result = audit(facts)
        if result.raw:
            raise RawCorruptError(f"{describe(result.raw)}; nothing was published")
        if result.differences:
            raise AuditError(f"{describe(result.differences)}; nothing was published")
        check_quarantine(counts_of(facts.counts), self.limits)
        return result


def _entities_with_files(files: list[PublishedFile]) -> list[str]:
    names = [file.copy.entity for file in files if not file.copy.is_quarantine]
    return list(dict.fromkeys(names))
