"""Credits of a month from its statements: wakes of the warehouse, and Snowflake's own services.

A wake is billed from its start until the warehouse has been idle for its `auto_suspend`, a minute
at least; cloud services beyond a tenth of a day's compute are billed too.
https://docs.snowflake.com/en/user-guide/cost-understanding-compute
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from itertools import groupby
from typing import Final

from benchmarks.results import Json, table
from tonearm.project import SQL_FOLDER

METADATA, WAREHOUSE = "metadata", "warehouse"
CLOUD, ALL = "cloud services", "all"
CREDITS_PER_HOUR: Final = 1.0  # XSMALL
LEAST_SECONDS: Final = 60
# Assumed of one statement on a warm XSMALL, of one dynamic table's refresh, and of one task.
SECONDS_OF: Final = {"poll": 1.0, "refresh": 3.0, "purge": 1.0}
# What a statement or a check takes of cloud services: the cost page of dynamic tables shows
# refreshes of 0.000024 and 0.000019 credits.
# https://docs.snowflake.com/en/user-guide/dynamic-tables/cost
CLOUD_CREDITS: Final = 0.00002
FREE_SHARE: Final = 0.1
PARTS: Final = ("poll", "refresh", "purge")
NAMES: Final = {
    "poll": "ConfirmLoad's questions",
    "refresh": "refreshes of core",
    "purge": "the purge",
    CLOUD: "cloud services beyond the free tenth",
    ALL: "**all, in credits**",
}
SECONDS_PER_DAY: Final = 86400
_SECONDS_PER_HOUR: Final = 3600
_SECONDS_PER_MINUTE: Final = 60


@dataclass(frozen=True)
class Event:
    """Statements sent at one time.

    Attributes:
        at: seconds since the month began.
        part: poll, refresh, purge, or check (a look at a dynamic table that finds nothing).
        place: where they are answered.
        statements: how many.
        slowness: how many times as long as assumed they take.
    """

    at: int
    part: str
    place: str
    statements: int
    slowness: float = 1.0

    def moved(self, seconds: int) -> "Event":
        """The same at another time."""
        return replace(self, at=self.at + seconds)

    def slower(self) -> "Event":
        """The same, taking twice as long."""
        return replace(self, slowness=2 * self.slowness)

    def __str__(self) -> str:
        time = f"{timedelta(seconds=self.at)}"
        return f"{time} {self.part}: {self.statements} {self.place}"

    @property
    def seconds(self) -> float:
        """How long it keeps the warehouse busy."""
        return self.statements * SECONDS_OF.get(self.part, 0.0) * self.slowness


@dataclass(frozen=True)
class Bill:
    """What a month takes.

    Attributes:
        warehouse_statements: by part.
        metadata_statements: answered without a warehouse, the checks of dynamic tables among them.
        wakes: how often the warehouse started.
        credits: of compute by part, of CLOUD, and the sum as ALL.
    """

    warehouse_statements: Mapping[str, int]
    metadata_statements: int
    wakes: int
    credits: Mapping[str, float]


def auto_suspend() -> int:
    """What the project's own SQL sets."""
    (file,) = SQL_FOLDER.glob("02_*.sql")
    found = re.search(r"auto_suspend = (\d+)", file.read_text(encoding="utf-8"))
    return int(found[1]) if found else LEAST_SECONDS


def bill(events: Sequence[Event], idle_seconds: int | None = None) -> Bill:
    """Reckon the bill of a month's events."""
    idle = auto_suspend() if idle_seconds is None else idle_seconds
    busy = [event for event in events if event.place == WAREHOUSE]
    wakes = list(_wakes(busy, idle))
    seconds = dict.fromkeys(PARTS, 0.0)
    for wake, billed in wakes:
        total = sum(event.seconds for event in wake)
        for event in wake:
            seconds[event.part] += billed * event.seconds / total
    taken = {part: _credits(each) for part, each in seconds.items()}
    taken[CLOUD] = _cloud_credits(events, wakes)
    taken[ALL] = sum(taken.values())
    return Bill(
        {part: sum(e.statements for e in busy if e.part == part) for part in PARTS},
        sum(event.statements for event in events if event.place == METADATA),
        len(wakes),
        taken,
    )


def _wakes(busy: Sequence[Event], idle: int) -> Iterator[tuple[list[Event], float]]:
    """The events of each wake, and the seconds billed for it."""
    wake: list[Event] = []
    end = 0.0
    for event in busy:
        if wake and event.at > end + idle:
            yield wake, max(LEAST_SECONDS, end + idle - wake[0].at)
            wake = []
        end = max(end, float(event.at)) + event.seconds
        wake.append(event)
    if wake:
        yield wake, max(LEAST_SECONDS, end + idle - wake[0].at)


def _cloud_credits(events: Sequence[Event], wakes: Sequence[tuple[list[Event], float]]) -> float:
    """What goes beyond the free tenth of each day's compute."""
    compute: dict[int, float] = {}
    for wake, billed in wakes:
        day = wake[0].at // SECONDS_PER_DAY
        compute[day] = compute.get(day, 0.0) + _credits(billed)
    by_day = groupby(events, key=lambda event: event.at // SECONDS_PER_DAY)
    return sum(
        max(
            0.0,
            sum(event.statements for event in days) * CLOUD_CREDITS
            - FREE_SHARE * compute.get(day, 0.0),
        )
        for day, days in by_day
    )


def _credits(seconds: float) -> float:
    return seconds * CREDITS_PER_HOUR / _SECONDS_PER_HOUR


def as_json(found: Bill) -> Json:
    """The bill to store."""
    return asdict(found)


def from_json(stored: Json) -> Bill:
    """A stored bill."""
    return Bill(**stored)


def bill_table(bills: Mapping[str, Bill]) -> list[str]:
    """The bills side by side, as a Markdown table."""
    head = ["a month of daily runs", *bills]
    rows = [
        [NAMES[part], *(f"{one.credits[part]:.2f}" for one in bills.values())]
        for part in (*PARTS, CLOUD, ALL)
    ]
    rows.append(["wakes of the warehouse", *(f"{one.wakes:,}" for one in bills.values())])
    needing = (sum(one.warehouse_statements.values()) for one in bills.values())
    rows.append(["statements that need it", *(f"{count:,}" for count in needing)])
    others = (one.metadata_statements for one in bills.values())
    rows.append(["statements and checks that do not", *(f"{count:,}" for count in others)])
    return table(head, rows)


def dashboard_credits(sleep_minutes: int, idle_seconds: int, used_minutes: int = 1) -> float:
    """Credits of one visit: the app keeps the warehouse awake until it sleeps itself."""
    return _credits((used_minutes + sleep_minutes) * _SECONDS_PER_MINUTE + idle_seconds)
