"""A CloudFormation custom resource: the Glue jobs' shared package in S3 before the jobs need it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger

from glue_assets.answer import FAILED, Answer, send
from glue_assets.shipping import ship

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_s3 import S3Client

PACKAGE = "tonearm_glue"
LIBRARIES = ("msgspec",)

logger = Logger(service="glue_assets")


@cache
def _s3() -> S3Client:
    return boto3.client("s3")


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer CloudFormation whatever happens: one that waits for an answer waits for an hour."""
    try:
        answer = ship(event, _s3(), PACKAGE, LIBRARIES)
    except Exception as exc:
        logger.exception("the package was not shipped")
        reason = f"{type(exc).__name__}: {exc} (log stream {context.log_stream_name})"
        answer = Answer(FAILED, _known_id(event), reason=reason)
    send(event, answer)
    return {"status": answer.status, "physical_id": answer.physical_id}


def _known_id(event: dict[str, Any]) -> str:
    """The id to fail under: the present one, so that a failed update deletes nothing."""
    return str(event.get("PhysicalResourceId") or f"{event.get('LogicalResourceId')}-not-created")
