from datetime import UTC, datetime

from record_run.receipt import ReceiptFacts, compose_receipt
from tests.lambdas.tonearm_pipeline.finished_run import (
    ROWS,
    RUN_ID,
    finished_facts,
    unchanged_facts,
)
from tonearm_pipeline.ledger import RunFacts, compose_ledger


def receipt_of(facts: RunFacts) -> dict[str, object]:
    return compose_receipt(
        ReceiptFacts(
            ledger=compose_ledger(facts),
            raw=facts.raw,
            published=facts.published,
            load=facts.load,
            execution_id="arn:execution",
            started_at="2026-11-22T09:00:00.000Z",
            finished_at=datetime(2026, 11, 22, 9, 7, 30, tzinfo=UTC),
            state_seconds={"ExtractSpotify": 12.5},
        )
    )


def test_a_receipt_says_what_the_run_took() -> None:
    receipt = receipt_of(finished_facts())

    assert receipt == {
        "run_id": RUN_ID,
        "snapshot_date": "2026-11-22",
        "attempt": 1,
        "status": "succeeded",
        "execution_id": "arn:execution",
        "started_at": "2026-11-22T09:00:00.000Z",
        "finished_at": "2026-11-22T09:07:30.000000Z",
        "seconds": 450.0,
        "state_seconds": {"ExtractSpotify": 12.5},
        "calls": {"total": 5, "by_endpoint": {"playlists": 2}, "forecast": 6, "waited_seconds": 1},
        "sources": {"playlists": 2, "unchanged": 1, "refused": 1},
        "files": {"raw": 1, "curated": 5, "quarantine": 1},
        "rows": ROWS,
        "bytes": {"raw": 700, "curated": 500},
        "snowpipe": {"files": 5, "tries": 2, "repairs": [], "repeated_rows": 0},
        "usage": None,
        "cost": None,
    }


def test_the_receipt_of_an_unchanged_run_has_calls_and_no_files() -> None:
    receipt = receipt_of(unchanged_facts())

    assert receipt["status"] == "unchanged"
    assert receipt["files"] == {"raw": 1, "curated": 0, "quarantine": 0}
    assert receipt["rows"] == dict.fromkeys(ROWS, 0)
    assert receipt["snowpipe"] == {"files": 0, "tries": 0, "repairs": [], "repeated_rows": 0}
