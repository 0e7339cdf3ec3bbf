"""PublishRun: audits the staged files of a run and publishes them."""

from __future__ import annotations

import os
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
    # These load boto3, pyarrow and awswrangler: on first call, so that importing stays cheap.
    import boto3

    from publish_run.catalog import Catalog
    from publish_run.copies import Publisher
    from publish_run.facts import FactsReader
    from publish_run.publish import Publishing
    from publish_run.settings import Settings
    from tonearm_pipeline.clock import SystemClock
    from tonearm_pipeline.json_store import JsonStore
    from tonearm_pipeline.staged import StagedStore
    from tonearm_pipeline.state.last_good import LastGoodRun
    from tonearm_pipeline.state.table import StateTable

    settings = Settings.from_env(os.environ)
    s3 = boto3.client("s3")
    store = JsonStore(s3, settings.bucket)
    table = StateTable(boto3.client("dynamodb"), settings.state_table)
    return Publishing(
        store=store,
        facts=FactsReader(store, StagedStore(s3, settings.bucket), LastGoodRun(table)),
        publisher=Publisher(s3, settings.bucket),
        catalog=Catalog(settings.glue_database, settings.bucket),
        limits=settings.limits,
        clock=SystemClock(),
    )


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Audit and publish one run; see `PublishRequest` and `PublishResult` for the fields."""
    request = PublishRequest.from_event(event)
    logger.append_keys(run_id=request.run.run_id, attempt=request.run.attempt)
    result = _deps().run(request)
    logger.info("published", extra=result.as_event())
    return result.as_event()
