"""What the account's region and monitor say, and which accounts are refused."""

from typing import Any

import pytest

from tonearm.errors import OperatorError
from tonearm.stack import Stack
from tonearm.warehouse.wiring.options import Names
from tonearm.warehouse.wiring.place import Place, check_supported, read_place
from tonearm.warehouse.wiring.session import Account, RefusedError

NAMES = Names("TONEARM", "TONEARM_WH")


class Somewhere(Account):
    """An account that tells its region, or knows no such function."""

    def __init__(self, region: str = "", *monitors: str) -> None:
        super().__init__(None)
        self.region, self.monitors = region, monitors

    def rows(self, sql: str) -> list[dict[str, Any]]:
        if sql.startswith("show resource monitors"):
            return [{"credit_quota": quota} for quota in self.monitors]
        if not self.region:
            raise RefusedError("Unknown function CURRENT_REGION", 2140, sql)
        return [{"current_region()": self.region}]


@pytest.mark.parametrize(
    ("region", "tells"),
    [
        ("AWS_US_WEST_2", True),
        ("PUBLIC.AWS_EU_CENTRAL_1", True),
        ("AZURE_WESTEUROPE", False),
        ("PUBLIC.AZURE_WESTEUROPE", False),
        ("GCP_US_CENTRAL1", False),
        ("", True),
    ],
)
def test_the_cloud_stands_first_in_the_region(region: str, tells: bool) -> None:
    place = read_place(Somewhere(region), NAMES)

    assert place.tells_of_errors is tells
    assert bool(list(place.notes)) is not tells


@pytest.mark.parametrize(("shown", "quota"), [((), ""), (("5.00",), "5"), (("100",), "100")])
def test_the_quota_is_a_number_as_it_is_asked_for(shown: tuple[str, ...], quota: str) -> None:
    assert read_place(Somewhere("AWS_US_WEST_2", *shown), NAMES).quota == quota


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("AWS_US_GOV_WEST_1", "aws"),
        ("AZURE_USGOVVIRGINIA", "aws"),
        ("AWS_CN_NORTHWEST_1", "aws"),
        ("AWS_US_WEST_2", "aws-us-gov"),
        ("AWS_US_WEST_2", "aws-cn"),
    ],
)
def test_regions_apart_are_refused(region: str, partition: str) -> None:
    stack = Stack("s", f"arn:{partition}:cloudformation:r:1:stack/s/id", "", {}, {})

    with pytest.raises(OperatorError, match="government regions and China are not supported"):
        check_supported(Place(region), stack)


def test_public_regions_are_not() -> None:
    stack = Stack("s", "arn:aws:cloudformation:us-east-1:1:stack/s/id", "", {}, {})

    for region in ("AWS_US_WEST_2", "AZURE_WESTEUROPE", "GCP_ME_CENTRAL2", ""):
        check_supported(Place(region), stack)
