"""What kind of account it is, as far as the SQL depends on it: its cloud, and its credit quota."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tonearm.errors import OperatorError
from tonearm.stack import Stack
from tonearm.warehouse.wiring.options import Names
from tonearm.warehouse.wiring.session import Account, RefusedError

# Integrations there take URLs of their own (s3gov://, s3china://) and no events of other regions:
# https://docs.snowflake.com/en/sql-reference/sql/create-storage-integration
_APART = re.compile(r"GOV|DOD|CHINA|(?:^|_)CN_")
_HOSTED_ON_AWS = {"", "AWS"}


@dataclass(frozen=True)
class Place:
    """An account.

    Attributes:
        region: such as AWS_US_WEST_2 or PUBLIC.AZURE_WESTEUROPE; empty when it is not told.
        quota: the credits a month its resource monitor allows; empty without one.
    """

    region: str = ""
    quota: str = ""

    @property
    def tells_of_errors(self) -> bool:
        """Whether Snowflake can tell the stack's topic of refused files and failed tasks.

        https://docs.snowflake.com/en/sql-reference/sql/create-notification-integration-queue-outbound-aws
        """
        return self.region.rsplit(".", 1)[-1].split("_")[0] in _HOSTED_ON_AWS

    @property
    def notes(self) -> Iterator[str]:
        """What the operator should know before anything is changed."""
        if not self.tells_of_errors:
            yield (
                f"the account is in {self.region}: only accounts hosted on AWS can tell an Amazon"
                " SNS topic of refused files and failed tasks; here the run that misses the rows"
                " ends red, and `tonearm snowflake status` names the tasks"
            )


def read_place(account: Account, names: Names) -> Place:
    """Ask the account where it is and what it may use."""
    monitors = account.rows_if_there(f"show resource monitors like '{names.resource_monitor}'")
    quota = str(monitors[0]["credit_quota"] or "") if monitors else ""
    return Place(_region(account), re.sub(r"\.0+$", "", quota))


def check_supported(place: Place, stack: Stack) -> None:
    """Refuse what neither side was made for.

    Raises:
        OperatorError: the account or the stack is in a government's region or in China.
    """
    partition = stack.stack_id.split(":")[1]
    where = f"the account is in {place.region}" if _APART.search(place.region) else ""
    if partition != "aws":
        where = f"stack {stack.name} is in the partition {partition}"
    if where:
        raise OperatorError(
            f"{where}: government regions and China are not supported",
            "nothing was changed; use an account and a stack in public regions",
        )


def _region(account: Account) -> str:
    """https://docs.snowflake.com/en/sql-reference/functions/current_region."""
    try:
        return account.value("select current_region()").upper()
    except RefusedError as error:
        if error.is_unsupported:
            return ""
        raise
