"""ConfirmLoad: asks Snowflake whether the files of a run are loaded; the state machine loops."""

from __future__ import annotations

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
    # Loads the Snowflake connector from its layer: on first call, so that importing stays cheap.
    from confirm_load.wiring import build_confirming

    return build_confirming()


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Ask once about one run; see `ConfirmRequest` and `ConfirmResult` for the fields."""
    request = ConfirmRequest.from_event(event)
    logger.append_keys(run_id=request.run_id, tries=request.tries)
    result = _deps().run(request)
    logger.info("asked the warehouse", extra=result.as_event())
    return result.as_event()
