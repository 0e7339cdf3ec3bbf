"""What an invocation tells its operators: how long the login lasts, what the quota still gives."""

from datetime import datetime
from typing import Final

from extract_spotify.run import SERVICE, logger
from tonearm_pipeline.errors import StorageUnavailableError
from tonearm_pipeline.metrics import COUNT, NO_UNIT, Figure, publish_figures
from tonearm_pipeline.spotify.quota import QuotaLedger
from tonearm_pipeline.spotify.responses import QUOTA_EXCEEDED
from tonearm_pipeline.spotify.tokens import WARNING_DAYS, login_days_left

LOGIN_DAYS_LEFT: Final = "LoginDaysLeft"
QUOTA_CALLS_USED: Final = "QuotaCallsUsed"
QUOTA_CALLS_LEFT: Final = "QuotaCallsLeft"
QUOTA_EXHAUSTED: Final = "QuotaExhausted"
PARKED_HOURS: Final = "ParkedHours"
_SECONDS_PER_HOUR: Final = 3600


def tell_login(authorized_at: str | None, now: datetime, namespace: str) -> None:
    """Publish how many days the login still lasts; nothing when the secret does not say."""
    days = login_days_left(authorized_at, now)
    if days is None:
        return
    publish_figures(namespace, SERVICE, [Figure(LOGIN_DAYS_LEFT, COUNT, days)], {})
    if days <= WARNING_DAYS:
        logger.warning("the Spotify login ends soon; run `tonearm login`", extra={"days": days})


def tell_parked(parked_seconds: int, run_id: str, namespace: str) -> None:
    """Publish how long a run has been asked to wait in all, the wait that begins included."""
    hours = parked_seconds / _SECONDS_PER_HOUR
    publish_figures(namespace, SERVICE, [Figure(PARKED_HOURS, NO_UNIT, hours)], {"run_id": run_id})


def tell_quota(ledger: QuotaLedger, quota_mode: str, namespace: str) -> None:
    """Publish the calls of the rolling window, and whether Spotify says it is used up."""
    try:
        used, left, cool_down = ledger.used(), ledger.left(quota_mode), ledger.cool_down()
    except StorageUnavailableError as exc:
        # A figure never decides how an invocation ends.
        logger.warning("the quota was not told", extra={"reason": str(exc)})
        return
    is_exhausted = cool_down is not None and cool_down.reason == QUOTA_EXCEEDED
    figures = [
        Figure(QUOTA_CALLS_USED, COUNT, used),
        Figure(QUOTA_CALLS_LEFT, COUNT, left),
        Figure(QUOTA_EXHAUSTED, COUNT, is_exhausted),
    ]
    publish_figures(namespace, SERVICE, figures, {})
