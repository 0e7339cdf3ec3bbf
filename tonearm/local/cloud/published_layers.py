"""Which versions of the managed layer "AWS SDK for pandas" there are, by its page.

https://github.com/aws/aws-sdk-pandas/blob/3.17.0/docs/source/layers.rst, the rows of Python 3.13 on
x86_64. Every number up to the one listed was published; other regions have none.
"""

from typing import Final, NamedTuple


class Published(NamedTuple):
    """Who publishes the layer in a region, and how often so far."""

    account: str
    newest: int


NAME: Final = "AWSSDKPandas-Python313"
_MOST_REGIONS: Final = "336392948345"
_OLDEST_REGIONS: Final = (
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1"),
    *("ap-southeast-2", "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2"),
    *("eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"),
)
_CHINA: Final = Published("406640652441", 10)
LAYERS: Final[dict[str, Published]] = {
    **dict.fromkeys(_OLDEST_REGIONS, Published(_MOST_REGIONS, 14)),
    "af-south-1": Published(_MOST_REGIONS, 13),
    "ap-east-1": Published("839552336658", 11),
    "ap-south-2": Published("246107603503", 11),
    "ap-southeast-3": Published("258944054355", 11),
    "ap-southeast-4": Published("945386623051", 11),
    "ca-west-1": Published("941713567376", 3),
    "cn-north-1": _CHINA,
    "cn-northwest-1": _CHINA,
    "eu-central-2": Published("956415814219", 11),
    "eu-south-1": Published("774444163449", 11),
    "eu-south-2": Published("982086096842", 11),
    "il-central-1": Published("263840725265", 11),
    "me-central-1": Published("593833071574", 11),
}


def is_published(arn: str) -> bool:
    """Whether somebody else's layer version is one of these; of any other nothing is known."""
    parts = arn.split(":")
    if len(parts) != 8 or not parts[7].isdigit():  # noqa: PLR2004 - arn:aws:lambda:R:A:layer:NAME:N
        return False
    region, account, name, number = parts[3], parts[4], parts[6], int(parts[7])
    found = LAYERS.get(region)
    if found is None or name != NAME or account != found.account:
        return False
    return 1 <= number <= found.newest
