"""Closes a run: ledger, receipt, state of the sources, figures, and a note to the topic."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from aws_lambda_powertools import Logger

from record_run.events import RecordRequest, RecordResult
from record_run.figures import run_figures
from record_run.losses import record_losses
from record_run.notify import Topic
from record_run.old_attempts import Superseded
from record_run.receipt import ReceiptFacts, compose_receipt
from record_run.settings import SERVICE
from record_run.usage import RunMeter, measured
from tonearm_pipeline.clock import Clock
from tonearm_pipeline.differences import describe
from tonearm_pipeline.errors import (
    AwsRefusedError,
    BadEventError,
    LedgerUnbalancedError,
    RawCorruptError,
    StorageUnavailableError,
)
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.keys import ledger_key, load_key, receipt_key
from tonearm_pipeline.ledger import ENTITY_NAMES, RunFacts, compose_ledger, differences_of
from tonearm_pipeline.metrics import publish_figures
from tonearm_pipeline.state.last_good import LastGoodRun
from tonearm_pipeline.state.sources import SourceStates

_WRITERS: Final = 8

logger = Logger(service=SERVICE, child=True)


@dataclass(frozen=True)
class Recording:
    """Closes the runs of one stack.

    Attributes:
        store: the run's JSON documents.
        states: the state of each source.
        last_good: points to the last good run.
        superseded: takes files of earlier attempts away.
        topic: is told how the run ended.
        namespace: CloudWatch namespace of the figures.
        clock: tells when it ended.
        meter: measures what it used.
    """

    store: JsonStore
    states: SourceStates
    last_good: LastGoodRun
    superseded: Superseded
    topic: Topic
    namespace: str
    clock: Clock
    meter: RunMeter

    def run(self, request: RecordRequest) -> RecordResult:
        """Write ledger and receipt; a balanced run advances the sources. Repeating it is safe.

        Raises:
            RawCorruptError: there is no raw manifest.
            BadEventError: the published manifest the event names is not there.
            LedgerUnbalancedError: names step, file and difference; the ledger is written.
        """
        facts = self._facts(request)
        ledger = compose_ledger(facts)
        now = self.clock.now()
        usage, state_seconds = measured(
            self.meter, request.run_id, request.execution_id, facts.published, now
        )
        receipt = compose_receipt(
            ReceiptFacts(
                ledger=ledger,
                raw=facts.raw,
                published=facts.published,
                load=facts.load,
                execution_id=request.execution_id,
                started_at=request.started_at,
                finished_at=now,
                state_seconds=state_seconds,
                usage=usage,
            )
        )
        self.store.put(ledger_key(request.run_id), ledger)
        self.store.put(receipt_key(request.run_id), receipt)
        if ledger["balances"]:
            self._advance(request, facts.raw)
            self._remove_superseded(request)
            record_losses(facts, self.store, self.topic, self.namespace)
        self._tell(ledger, receipt, facts.published)
        if not ledger["balances"]:
            raise LedgerUnbalancedError(describe(differences_of(ledger)))
        return _result(request, ledger)

    def _facts(self, request: RecordRequest) -> RunFacts:
        raw = self.store.get(request.manifest_key)
        if raw is None:
            raise RawCorruptError(f"raw {request.manifest_key}: no raw manifest")
        published = load = None
        if request.published_key:
            published = self.store.get(request.published_key)
            load = self.store.get(load_key(request.run_id))
            if published is None:
                raise BadEventError(f"published_key: there is no {request.published_key}")
        return RunFacts(
            run_id=request.run_id,
            snapshot_date=request.snapshot_date,
            attempt=request.attempt,
            raw=raw,
            published=published,
            load=load,
        )

    def _advance(self, request: RecordRequest, raw: Mapping[str, Any]) -> None:
        """Remember what was read; only now, so that sources of a failed run are read again."""
        sources = raw["sources"]
        with ThreadPoolExecutor(max_workers=_WRITERS) as writers:
            stored = list(writers.map(self._advance_source, sources))
        logger.info("advanced sources", extra={"sources": len(stored), "stored": sum(stored)})
        if request.published_key:
            self.last_good.remember(request.run_id, request.published_key)

    def _remove_superseded(self, request: RecordRequest) -> None:
        """Only now, when the warehouse holds this attempt, does nobody need the earlier ones."""
        removed = self.superseded.remove(request.run_id, request.snapshot_date, request.attempt)
        if removed:
            logger.info("removed files of earlier attempts", extra={"files": removed})

    def _advance_source(self, source: Mapping[str, Any]) -> bool:
        return self.states.advance(source["source"], source["next_state"])

    def _tell(
        self,
        ledger: Mapping[str, Any],
        receipt: Mapping[str, Any],
        published: Mapping[str, Any] | None,
    ) -> None:
        warnings = len((published or {}).get("warnings", []))
        figures = run_figures(ledger, receipt, warnings)
        publish_figures(self.namespace, SERVICE, figures, {"run_id": ledger["run_id"]})
        if not ledger["balances"]:
            return  # the failure path tells it, with the next command
        status = ledger["status"]
        subject = f"Tonearm run {ledger['run_id']}: {status}"
        try:
            self.topic.tell(status, subject, _note(ledger, receipt))
        except (AwsRefusedError, StorageUnavailableError) as exc:
            # The run is recorded; a note that cannot be sent must not turn it red.
            logger.warning("the note was not sent", extra={"reason": str(exc)})


def _result(request: RecordRequest, ledger: Mapping[str, Any]) -> RecordResult:
    return RecordResult(
        run_id=request.run_id,
        status=ledger["status"],
        ledger_key=ledger_key(request.run_id),
        receipt_key=receipt_key(request.run_id),
        counts={name: ledger["entities"][name]["curated"] for name in ENTITY_NAMES},
    )


def _note(ledger: Mapping[str, Any], receipt: Mapping[str, Any]) -> str:
    rows = ", ".join(f"{name} {ledger['entities'][name]['curated']}" for name in ENTITY_NAMES)
    sources = receipt["sources"]
    return "\n".join(
        [
            f"Run {ledger['run_id']} for {ledger['snapshot_date']}: {ledger['status']}",
            f"Rows: {rows}",
            f"Playlists read {sources['playlists']}, unchanged {sources['unchanged']}, "
            f"refused {sources['refused']}; API calls {receipt['calls']['total']}; "
            f"{receipt['seconds']:.0f} s",
        ]
    )
