"""ConfirmLoad: asks Snowflake whether the files of a run are loaded; the state machine loops."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from confirm_load.events import ConfirmRequest

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from confirm_load.confirm import Confirming

logger = Logger(service="confirm_load")


@cache
def _deps() -> Confirming:
    # These load boto3 and the Snowflake connector: on first call, so that importing stays cheap.
    import boto3

    from confirm_load.confirm import Confirming
    from confirm_load.private_key import PrivateKey
    from confirm_load.settings import Settings
    from confirm_load.warehouse import open_warehouse
    from tonearm_pipeline.clock import SystemClock
    from tonearm_pipeline.json_store import JsonStore

    settings = Settings.from_env(os.environ)
    key = PrivateKey(boto3.client("secretsmanager"), settings.snowflake.key_secret_arn)
    return Confirming(
        store=JsonStore(boto3.client("s3"), settings.bucket),
        warehouse=lambda: open_warehouse(settings.snowflake, key),
        clock=SystemClock(),
        max_tries=settings.max_tries,
        refresh_after=settings.refresh_after,
    )


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Ask once about one run; see `ConfirmRequest` and `ConfirmResult` for the fields."""
    request = ConfirmRequest.from_event(event)
    logger.append_keys(run_id=request.run_id, tries=request.tries)
    result = _deps().run(request)
    logger.info("asked the warehouse", extra=result.as_event())
    return result.as_event()
