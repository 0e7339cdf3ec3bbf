"""A finished run with all its documents."""

from datetime import UTC, datetime

import pytest

from record_run.receipt import ReceiptFacts, compose_receipt
from record_run.usage import usage_of
from tests.lambdas.history import a_history
from tests.lambdas.tonearm_pipeline.finished_run import RUN_ID, finished_facts
from tonearm.report.documents import RunDocuments, gather
from tonearm_pipeline.ledger import compose_ledger

NOW = datetime(2026, 11, 22, 9, 7, 30, tzinfo=UTC)
USAGE = {
    "transitions": 21,
    "lambda": {"invocations": 6, "ms": 9000, "gb_seconds": 8.0},
    "glue": {"runs": 3, "dpu_seconds": 420.0},
    "s3": {"writes": 31},
    "snowpipe": {"files": 5, "bytes": 500, "credits": 1.7e-9},
}


@pytest.fixture
def run() -> RunDocuments:
    facts = finished_facts()
    published = dict(facts.published or {})
    published["field_presence"] = {"songs": {"popularity": [0, 6], "isrc": [5, 6]}}
    ledger = compose_ledger(facts)
    receipt = compose_receipt(
        ReceiptFacts(
            ledger=ledger,
            raw=facts.raw,
            published=published,
            load=facts.load,
            execution_id="arn",
            started_at="2026-11-22T09:00:00Z",
            finished_at=NOW,
            state_seconds=usage_of(a_history(), NOW).state_seconds,
            usage=USAGE,
        )
    )
    documents = {
        f"runs/{RUN_ID}/plan.json": {"forecast": {"calls_needed": 6, "calls_left": 977}},
        f"runs/{RUN_ID}/manifest.json": published,
        f"runs/{RUN_ID}/load.json": dict(facts.load or {}),
        f"runs/{RUN_ID}/ledger.json": ledger,
        f"runs/{RUN_ID}/receipt.json": receipt,
        f"raw/{RUN_ID}/manifest.json": dict(facts.raw),
    }
    return gather(documents.get, RUN_ID)
