from datetime import timedelta

import pytest

from confirm_load.load_way import RepairKind, load_way


@pytest.mark.parametrize(
    ("age", "kind", "why"),
    [
        (timedelta(0), RepairKind.REFRESH, "seven days"),
        (timedelta(days=6, hours=23), RepairKind.REFRESH, "seven days"),
        (timedelta(days=7), RepairKind.COPY, "older than a refresh reaches"),
        (timedelta(days=14), RepairKind.COPY, "older than a refresh reaches"),
        (timedelta(days=14, seconds=1), RepairKind.COPY, "forgotten them after 14 days"),
        (timedelta(days=64), RepairKind.COPY, "forgotten them after 14 days"),
        (timedelta(days=64, seconds=1), RepairKind.COPY, "load_uncertain_files"),
    ],
)
def test_the_way_goes_by_the_files_age(age: timedelta, kind: RepairKind, why: str) -> None:
    way = load_way(age)

    assert way.kind is kind
    assert why in way.why
