"""How long a Spotify login still lasts.

A refresh token dies six months after its user agreed, and refreshing does not extend that.
https://developer.spotify.com/blog/2026-06-18-refresh-token-expiration
"""

import math
from datetime import datetime, timedelta
from typing import Final

from tonearm_pipeline.clock import utc_moment

# The shortest six months there are: a warning may come a few days early, but never late.
LOGIN_DAYS: Final = 181
WARNING_DAYS: Final = 30


def login_days_left(authorized_at: str | None, now: datetime) -> int | None:
    """Return the whole days a login still lasts, 0 once it is over; None when nobody knows.

    Args:
        authorized_at: when its user agreed, ISO text; None when the secret does not say.
        now: the time in UTC.
    """
    try:
        ends_at = utc_moment(authorized_at or "") + timedelta(days=LOGIN_DAYS)
    except ValueError:
        return None
    return max(0, math.floor((ends_at - now) / timedelta(days=1)))
