"""How much may go to quarantine before a run stops: a number of rows, or a share of many."""

import pytest

from publish_run.audit import LEAST_ROWS_FOR_SHARE, check_quarantine
from publish_run.audit_facts import Counts, QuarantineLimits
from tonearm_pipeline.errors import QuarantineLimitError

LIMITS = QuarantineLimits(share=0.05, rows=1000)


def counted(read: int, quarantined: int) -> Counts:
    return Counts({"songs": {"read": read, "quarantined": quarantined}})


@pytest.mark.parametrize(
    ("read", "quarantined"),
    [(100_000, 1000), (1000, 50), (3, 1), (LEAST_ROWS_FOR_SHARE, LEAST_ROWS_FOR_SHARE), (0, 0)],
)
def test_what_is_within_the_limits_may_go_on(read: int, quarantined: int) -> None:
    check_quarantine(counted(read, quarantined), LIMITS)


@pytest.mark.parametrize(
    ("read", "quarantined", "told"),
    [
        (100_000, 1001, r"1001 of 100000 rows \(1.0%\)"),
        (1000, 51, r"51 of 1000 rows \(5.1%\)"),
        (21, 21, r"21 of 21 rows \(100.0%\)"),
    ],
)
def test_what_is_beyond_stops_the_run(read: int, quarantined: int, told: str) -> None:
    with pytest.raises(QuarantineLimitError, match=f"quarantine songs: {told}.*nothing was publ"):
        check_quarantine(counted(read, quarantined), LIMITS)
