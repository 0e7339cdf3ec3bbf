"""What a run used and cost, from the history of its execution."""

from datetime import timedelta

import boto3
import pytest

from record_run.usage import MEMORY_MB, RunMeter, usage_of
from tests.contract.template_reader import placeholders, resources, states, template
from tests.lambdas.history import (
    GLUE,
    START,
    FakeHistory,
    a_history,
    a_job_run,
    entered,
    failed,
    scheduled,
    succeeded,
)
from tests.lambdas.local_aws import BUCKET
from tests.lambdas.tonearm_pipeline.finished_run import RUN_ID, published_manifest
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.prices import PRICES_AS_OF, cost_ahead, cost_of, snowpipe_credits

NOW = START + timedelta(seconds=103)


def test_invocations_retries_and_open_ones_are_counted_with_their_memory() -> None:
    used = usage_of(a_history(), NOW)

    assert used.invocations == 4
    assert used.lambda_ms == 2_000 + 3_000 + 4_000 + 1_000
    assert used.gb_seconds == 2 * 0.5 + 7 * 1 + 1 * 0.5
    assert used.transitions == 6 + 1
    assert used.state_seconds["ExtractSpotify"] == 10
    assert "RecordRun" not in used.state_seconds


def test_glue_runs_count_a_minute_at_least_and_failed_ones_too() -> None:
    lost = a_job_run("t-artists", 10, JobRunState="FAILED")
    retried = [failed(110, GLUE, lost), scheduled(120, GLUE)]
    used = usage_of([*a_history(), *retried], NOW)

    assert used.glue_runs == 3
    assert used.transitions == 7 + 1
    assert used.dpu_seconds == 2 * 60 + 2 * 90 + 2 * 60


def test_glues_own_figure_and_the_local_shape_of_events_are_understood() -> None:
    task = {"resourceType": "states", "resource": "arn:aws:states:::glue:startJobRun.sync"}
    function = {"resourceType": "lambda", "resource": "arn:aws:states:::lambda:invoke"}
    events = [
        entered(0, "SongsJob"),
        scheduled(0, task),
        succeeded(9, task, a_job_run("t-songs", 9, DPUSeconds=500.5)),
        entered(9, "PublishRun"),
        scheduled(9, function),
        succeeded(10, function, {}),
    ]

    used = usage_of(events, NOW)

    assert (used.dpu_seconds, used.lambda_ms, used.gb_seconds) == (500.5, 1000, 2)


def test_writes_are_object_versions_and_copies(store: JsonStore) -> None:
    client = boto3.client("s3")
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for _ in range(3):
        store.put(f"runs/{RUN_ID}/cursor.json", {})
    store.put(f"raw/{RUN_ID}/manifest.json", {})
    store.put("runs/20261121T090000Z-other0/plan.json", {})
    meter = RunMeter(FakeHistory(a_history()), client, BUCKET)  # type: ignore[arg-type]

    usage, _ = meter.measure(RUN_ID, "arn:execution", published_manifest(), NOW)

    assert usage["s3"] == {"writes": 3 + 1 + 5 + 1}
    assert usage["snowpipe"] == {"files": 5, "bytes": 500, "credits": snowpipe_credits(500)}


def test_a_cost_is_the_sum_of_its_services_with_the_date_of_the_prices() -> None:
    usage = {
        "transitions": 1_000,
        "lambda": {"invocations": 1_000_000, "ms": 0, "gb_seconds": 100_000},
        "glue": {"runs": 1, "dpu_seconds": 3_600},
        "s3": {"writes": 1_000},
    }

    assert cost_of(usage) == {
        "currency": "USD",
        "prices_as_of": PRICES_AS_OF,
        "lambda": 1.86667,
        "step_functions": 0.025,
        "glue": 0.308,
        "s3": 0.005,
        "total": 2.20467,
    }


def test_a_forecast_lets_lambda_grow_with_the_calls() -> None:
    receipt = {"calls": {"total": 100}, "cost": {"lambda": 0.01, "total": 0.1}}

    assert cost_ahead(100, receipt) == 0.1
    assert cost_ahead(1_000, receipt) == 0.19
    assert cost_ahead(10, None) == pytest.approx(0.0308)
    assert cost_ahead(10, receipt | {"cost": None}) == pytest.approx(0.0308)


def test_the_memory_of_each_function_is_the_templates() -> None:
    functions = resources("AWS::Serverless::Function")
    usual = template()["Globals"]["Function"]["MemorySize"]
    invoked = {
        name: placeholders(state["Arguments"]["FunctionName"]).pop().removesuffix("Arn")
        for name, state in states().items()
        if "FunctionName" in state.get("Arguments", {})
    }

    given = {name: functions[f].get("MemorySize", usual) for name, f in invoked.items()}
    assert given == MEMORY_MB
