import hashlib

from plan_run.plan import PlanRequest
from tonearm_pipeline.keys import run_id_of

EXECUTION = "arn:aws:states:eu-central-1:123456789012:execution:pipeline:daily-1"


def test_a_run_is_named_by_its_start_in_utc_and_its_execution() -> None:
    digest = hashlib.sha256(EXECUTION.encode()).hexdigest()[:6]

    assert run_id_of(EXECUTION, "2026-11-22T10:00:01.250+01:00") == f"20261122T090001Z-{digest}"


def test_a_run_that_fails_before_it_is_planned_gets_the_name_it_would_have_had() -> None:
    event = {
        "execution_id": EXECUTION,
        "started_at": "2026-11-22T09:00:01.250Z",
        "input": {"sources": ["me/playlists"]},
    }

    planned = PlanRequest.from_event(event, ())

    assert run_id_of(EXECUTION, "2026-11-22T09:00:01.250Z") == planned.run_id
