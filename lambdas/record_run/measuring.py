"""What a run used, as far as AWS tells it: a figure never decides how a run ends."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger

from record_run.settings import SERVICE
from tonearm_pipeline.errors import AwsRefusedError, StorageUnavailableError
from tonearm_pipeline.meter import RunMeter

logger = Logger(service=SERVICE, child=True)


def measured(
    meter: RunMeter,
    run_id: str,
    execution_id: str,
    published: Mapping[str, Any] | None,
    now: datetime,
) -> tuple[dict[str, Any] | None, dict[str, float]]:
    """Return the run's usage and the seconds of each state; None and nothing if AWS refuses."""
    try:
        return meter.measure(run_id, execution_id, published, now)
    except (AwsRefusedError, StorageUnavailableError) as exc:
        logger.warning("the usage was not measured", extra={"reason": str(exc)})
        return None, {}
