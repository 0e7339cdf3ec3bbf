"""Waits for rights that were attached a moment ago."""

from collections.abc import Callable
from typing import Final

from tonearm_pipeline.clock import Clock
from tonearm_pipeline.errors import AwsRefusedError

# A role and its policies are made in the same deploy, seconds before their first use:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html ("eventual consistency")
WAITS_SECONDS: Final = (2, 4, 8, 16)
_NOT_ALLOWED: Final = "AccessDenied"


def once_allowed[Result](action: Callable[[], Result], clock: Clock) -> Result:
    """Return what the action returns, trying again while AWS does not know its rights yet.

    Raises:
        AwsRefusedError: it is still refused after all the waiting.
    """
    for seconds in WAITS_SECONDS:
        try:
            return action()
        except AwsRefusedError as refused:
            if refused.code != _NOT_ALLOWED:
                raise
        clock.sleep(seconds)
    return action()
