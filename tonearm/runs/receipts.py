"""`tonearm receipt`: what a run took and cost, from its own receipt or measured now."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tonearm.errors import OperatorError
from tonearm.runs.stack_runs import Run, StackRuns
from tonearm.screen import Screen

SERVICES = ("lambda", "step_functions", "glue", "s3")


def receipt_of(runs: StackRuns, run: Run) -> dict[str, Any]:
    """The run's receipt; what it does not say of usage and cost is measured now.

    A run that failed before RecordRun has no receipt: it gets the parts that can be measured.

    Raises:
        OperatorError: AWS refuses, or no longer has the execution's history (90 days).
    """
    from tonearm_pipeline.prices import cost_of

    receipt = runs.document(run.run_id, "receipt") or _without_receipt(run)
    if receipt.get("usage"):
        return receipt
    usage, state_seconds = _measured(runs, run)
    return {**receipt, "state_seconds": state_seconds, "usage": usage, "cost": cost_of(usage)}


def show_receipt(receipt: Mapping[str, Any], screen: Screen) -> None:
    """A receipt as a person reads it."""
    usage, cost = receipt["usage"], receipt["cost"]
    calls = receipt.get("calls") or {"total": 0, "forecast": 0}
    functions, glue, snowpipe = usage["lambda"], usage["glue"], usage["snowpipe"]
    screen.say(f"Run {receipt['run_id']}: {receipt['status']} in {receipt['seconds']:,.0f} s")
    rows: list[list[Any]] = [
        ["Spotify calls", f"{calls['total']:,} (forecast {calls['forecast']:,})", ""],
        [
            "Lambda",
            f"{functions['invocations']:,} invocations, {functions['ms']:,} ms, "
            f"{functions['gb_seconds']:,.1f} GB-s",
            _dollars(cost["lambda"]),
        ],
        [
            "Step Functions",
            f"{usage['transitions']:,} transitions",
            _dollars(cost["step_functions"]),
        ],
        [
            "Glue",
            f"{glue['runs']:,} job runs, {glue['dpu_seconds']:,.0f} DPU-s",
            _dollars(cost["glue"]),
        ],
        ["S3", f"{usage['s3']['writes']:,} writes", _dollars(cost["s3"])],
        ["Snowpipe", f"{snowpipe['files']:,} files, {snowpipe['credits']:.7f} credits", ""],
        ["Sum", f"list prices of {cost['prices_as_of']}", _dollars(cost["total"])],
    ]
    screen.table("What it took", ["", "used", "US dollars"], rows)


def _dollars(value: float) -> str:
    return f"{value:.6f}"


def _without_receipt(run: Run) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "execution_id": run.execution_arn,
        "status": run.status.lower(),
        "seconds": round(run.seconds, 3),
    }


def _measured(runs: StackRuns, run: Run) -> tuple[dict[str, Any], dict[str, float]]:
    from record_run.usage import RunMeter
    from tonearm_pipeline.errors import PipelineError

    meter = RunMeter(runs.stepfunctions, runs.s3, runs.bucket)
    published = runs.document(run.run_id, "manifest")
    try:
        return meter.measure(run.run_id, run.execution_arn, published, datetime.now(UTC))
    except PipelineError as error:
        raise OperatorError(
            str(error), "AWS keeps a history for 90 days; check the permissions too"
        ) from error
