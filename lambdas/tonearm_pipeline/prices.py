"""What a run costs: the one table of prices, with its date, and the sums made with it.

List prices of us-east-1 in US dollars, without free tiers, discounts and taxes; Lambda as x86.
A Snowflake credit costs what the contract of the account says, so credits are counted and never
turned into dollars.
"""

from collections.abc import Mapping
from typing import Any, Final

PRICES_AS_OF: Final = "2026-11-22"

# https://aws.amazon.com/lambda/pricing/
LAMBDA_GB_SECOND: Final = 0.0000166667
LAMBDA_REQUEST: Final = 0.20 / 1_000_000
# https://aws.amazon.com/step-functions/pricing/ (standard workflows)
TRANSITION: Final = 0.025 / 1_000
# Glue 6.0, by the second, a minute at least: the AWS News Blog on Glue 6.0 ("30% lower price");
# https://aws.amazon.com/glue/pricing/ has shown 0.44, which is the price of older versions.
GLUE_DPU_HOUR: Final = 0.308
GLUE_LEAST_SECONDS: Final = 60
# PUT, COPY, POST and LIST; https://aws.amazon.com/s3/pricing/
S3_WRITE: Final = 0.005 / 1_000
# https://docs.snowflake.com/en/user-guide/data-load-snowpipe-billing
SNOWPIPE_CREDITS_PER_GB: Final = 0.0037

# What three jobs of two DPUs cost at the very least, before any run has told more.
_LEAST_GLUE_DPU_SECONDS: Final = 3 * 2 * GLUE_LEAST_SECONDS
_BYTES_PER_GB: Final = 1024**3
_SECONDS_PER_HOUR: Final = 3600
_DIGITS: Final = 6


def snowpipe_credits(loaded_bytes: int) -> float:
    """Return the credits Snowpipe takes for files of this size in sum."""
    return round(loaded_bytes / _BYTES_PER_GB * SNOWPIPE_CREDITS_PER_GB, 9)


def cost_of(usage: Mapping[str, Any]) -> dict[str, Any]:
    """Return the dollars of a run's usage by service, their sum, and the date of the prices."""
    functions = usage["lambda"]
    dollars = {
        "lambda": functions["gb_seconds"] * LAMBDA_GB_SECOND
        + functions["invocations"] * LAMBDA_REQUEST,
        "step_functions": usage["transitions"] * TRANSITION,
        "glue": usage["glue"]["dpu_seconds"] / _SECONDS_PER_HOUR * GLUE_DPU_HOUR,
        "s3": usage["s3"]["writes"] * S3_WRITE,
    }
    return {
        "currency": "USD",
        "prices_as_of": PRICES_AS_OF,
        **{name: round(value, _DIGITS) for name, value in dollars.items()},
        "total": round(sum(dollars.values()), _DIGITS),
    }


def cost_ahead(calls: int, last_receipt: Mapping[str, Any] | None) -> float:
    """Return the dollars a run of so many API calls is likely to cost.

    Glue, states and S3 are taken as in the last good run, where start-up dominates; Lambda grows
    with the calls. Before there is such a run, it is what three Glue jobs cost at the least.
    """
    cost = (last_receipt or {}).get("cost")
    if last_receipt is None or cost is None:
        least = _LEAST_GLUE_DPU_SECONDS / _SECONDS_PER_HOUR * GLUE_DPU_HOUR
        return round(least, _DIGITS)
    growth = calls / max(1, last_receipt["calls"]["total"])
    dollars: float = cost["total"] + cost["lambda"] * (growth - 1)
    return round(dollars, _DIGITS)
