"""Two custom resources: the Glue jobs' code in S3, and since when runs are promised."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger

from glue_assets.answer import FAILED, Answer, send
from glue_assets.patience import once_allowed
from glue_assets.promise import RESOURCE_TYPE, promise
from glue_assets.shipping import RESOURCE_ID, Code, ship
from tonearm_pipeline.clock import SystemClock

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_s3 import S3Client

CODE = Code("tonearm_glue", ("msgspec",), ("albums", "artists", "songs"))
CLOCK = SystemClock()

logger = Logger(service="glue_assets")


@cache
def _s3() -> S3Client:
    return boto3.client("s3")


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer CloudFormation whatever happens: one that waits for an answer waits for an hour."""
    try:
        answer = _answered(event)
    except Exception as exc:
        logger.exception("what CloudFormation asked for was not done")
        reason = f"{type(exc).__name__}: {exc} (log stream {context.log_stream_name})"
        answer = Answer(FAILED, _known_id(event), reason=reason)
    send(event, answer)
    return {"status": answer.status, "physical_id": answer.physical_id}


def _answered(event: dict[str, Any]) -> Answer:
    if event.get("ResourceType") == RESOURCE_TYPE:
        return promise(event, CLOCK.now())
    return once_allowed(lambda: ship(event, _s3(), CODE), CLOCK)


def _known_id(event: dict[str, Any]) -> str:
    """The id to fail under: the present one, so that a failed update deletes nothing.

    A failed Create has our own: the Delete that follows it then takes what was written.
    """
    return str(event.get("PhysicalResourceId") or RESOURCE_ID)
