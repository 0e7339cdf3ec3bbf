"""How files come into a landing table, by their age. Pure functions.

The limits are Snowflake's: a pipe remembers the files it loaded for 14 days and looks, when it is
refreshed, at files of the last seven; COPY remembers for 64 days.
https://docs.snowflake.com/en/user-guide/data-load-snowpipe-intro
https://docs.snowflake.com/en/sql-reference/sql/alter-pipe
https://docs.snowflake.com/en/user-guide/data-load-considerations-load
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

# An hour is kept in hand.
REFRESH_REACH: Final = timedelta(days=7) - timedelta(hours=1)
PIPE_MEMORY: Final = timedelta(days=14)
COPY_MEMORY: Final = timedelta(days=64)


class RepairKind(StrEnum):
    """How a file that no event announced is brought in."""

    REFRESH = "refresh"
    COPY = "copy"


@dataclass(frozen=True)
class LoadWay:
    """The way for files of one age, and why it is that one."""

    kind: RepairKind
    why: str


def load_way(age: timedelta) -> LoadWay:
    """Return the way for files that were published so long ago."""
    if age <= REFRESH_REACH:
        return LoadWay(RepairKind.REFRESH, "a refresh reaches files of seven days")
    if age <= PIPE_MEMORY:
        return LoadWay(RepairKind.COPY, "older than a refresh reaches, so they are copied by name")
    if age <= COPY_MEMORY:
        return LoadWay(
            RepairKind.COPY, "the pipe has forgotten them after 14 days, so they are copied by name"
        )
    return LoadWay(
        RepairKind.COPY,
        "COPY too has forgotten them after 64 days, so they are copied by name with "
        "load_uncertain_files",
    )
