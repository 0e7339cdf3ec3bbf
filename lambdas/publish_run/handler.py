"""PublishRun: audits the staged files of a run and publishes them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from publish_run.events import PublishRequest

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from publish_run.publish import Publishing

logger = Logger(service="publish_run")


@cache
def _deps() -> Publishing:
    # Loads pyarrow and awswrangler from their layer: on first call, so that importing stays cheap.
    from publish_run.wiring import build_publishing

    return build_publishing()


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Audit and publish one run; see `PublishRequest` and `PublishResult` for the fields."""
    request = PublishRequest.from_event(event)
    logger.append_keys(run_id=request.run.run_id, attempt=request.run.attempt)
    result = _deps().run(request)
    logger.info("published", extra=result.as_event())
    return result.as_event()
