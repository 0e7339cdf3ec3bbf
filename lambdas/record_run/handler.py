"""RecordRun: closes the ledger of a run, or records what failed and the next command."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger

from record_run.events import FailureRequest, request_of
from record_run.fail import Failing
from record_run.notify import Topic
from record_run.old_attempts import Superseded
from record_run.record import Recording
from record_run.settings import SERVICE, Settings
from record_run.usage import RunMeter
from tonearm_pipeline.clock import SystemClock
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.state.last_good import LastGoodRun
from tonearm_pipeline.state.sources import SourceStates
from tonearm_pipeline.state.table import StateTable
from tonearm_pipeline.state.unfinished import UnfinishedRuns

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger(service=SERVICE)


@cache
def _deps() -> tuple[Recording, Failing]:
    settings = Settings.from_env(os.environ)
    s3 = boto3.client("s3")
    store = JsonStore(s3, settings.bucket)
    topic = Topic(boto3.client("sns"), settings.topic_arn)
    table = StateTable(boto3.client("dynamodb"), settings.state_table)
    clock = SystemClock()
    namespace = settings.metrics_namespace
    meter = RunMeter(boto3.client("stepfunctions"), s3, settings.bucket)
    recording = Recording(
        store=store,
        states=SourceStates(table),
        last_good=LastGoodRun(table),
        superseded=Superseded(s3, settings.bucket),
        topic=topic,
        namespace=namespace,
        clock=clock,
        meter=meter,
    )
    return recording, Failing(store, topic, namespace, clock, meter, UnfinishedRuns(table, clock))


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Record one run's end; see `RecordRequest` and `FailureRequest` for the fields."""
    request = request_of(event)
    logger.append_keys(run_id=request.run_id)
    recording, failing = _deps()
    if isinstance(request, FailureRequest):
        logger.error("the run failed", extra={"state": request.state, "error": request.error})
        return dict(failing.run(request))
    result = recording.run(request)
    logger.info("recorded", extra=result.as_event())
    return result.as_event()
