"""How many calls a day takes: needed, used by Tonearm, and used by the loop of the tutorials."""

from collections.abc import Collection
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any, Final

from tests.faults import naive
from tests.faults.aws import Aws
from tests.faults.catalogues import Wanted, write_account, write_catalogue
from tests.faults.fake import Fake
from tests.faults.stack import Stack

LISTS: Final = 40
LONGEST: Final = 957
CHANGED: Final = (7, 25, 39)
EMBEDDED: Final = 100
PAGE: Final = 50
COLD, NEXT_DAY = "cold", "next day"


@dataclass(frozen=True)
class Day:
    """The calls of one day.

    Attributes:
        needed: the fewest calls that bring everything that is new.
        used: the calls Tonearm made.
        brackets: those of them that only look whether a list changed while it was read.
        naive: the calls of the loop of the tutorials.
    """

    name: str
    lists: int
    changed: int
    needed: int
    used: int
    brackets: int
    naive: int

    @property
    def share(self) -> float:
        """Calls used for each call needed, brackets aside."""
        return (self.used - self.brackets) / self.needed


def sizes() -> list[int]:
    """Forty lists of 1 to 957 entries: many short ones, a few long ones."""
    return [round(1 + (LONGEST - 1) * (number / (LISTS - 1)) ** 4) for number in range(LISTS)]


def the_lists(changed: tuple[int, ...] = ()) -> list[Wanted]:
    """The forty playlists; those that changed have one more song and another version."""
    return [
        Wanted(f"n{number}x", size, version=2 if number in changed else 1)
        for number, size in enumerate(sizes())
    ]


def both_days(only: Collection[str] = ()) -> list[list[Wanted]]:
    """The playlists of both days, all of them or just some by name."""
    days = [the_lists(), the_lists(CHANGED)]
    return [[one for one in day if not only or one.name in only] for day in days]


def write_days(folder: Path, days: list[list[Wanted]], *, with_catalogue: bool) -> list[Path]:
    """Write the account of each day, with its full albums and artists if they will be asked for."""
    folders = [folder / f"day-{number}" for number in range(len(days))]
    for lists, day in zip(days, folders, strict=True):
        write_account(day, lists)
        if with_catalogue:
            write_catalogue(day, lists)
    return folders


def measure(
    aws: Aws, fake: Fake, days: list[list[Wanted]], folders: list[Path], *, with_tutorials: bool
) -> list[Day]:
    """Read each day with Tonearm, and then with the loop of the tutorials."""
    stack = Stack(aws, fake, f"calls-{len(days[0])}-{int(with_tutorials)}")
    stack.sources = ["me/playlists"]
    measured = []
    for name, lists, folder in zip((COLD, NEXT_DAY), days, folders, strict=True):
        fake.control(reset=True, catalogue=str(folder))
        run_id = stack.execute().run_id
        calls = fake.calls()
        stack.record(run_id)
        stack.clock.move(days=1)
        fake.control(reset=True)
        if with_tutorials:
            naive.read_everything(fake)
        measured.append(_day(name, lists, calls, len(fake.calls())))
    return measured


def _day(name: str, lists: list[Wanted], calls: list[dict[str, Any]], naive_calls: int) -> Day:
    is_cold = name == COLD
    read = [one for one in lists if is_cold or one.version > 1]
    # Once, to know which of the lists are the account's own; and the pages that list them.
    listing = int(is_cold) + ceil(len(lists) / PAGE)
    pages = sum(_answers(one.size + one.version - 1) for one in read)
    return Day(
        name=name,
        lists=len(lists),
        changed=len(read),
        needed=listing + pages,
        used=len(calls),
        brackets=sum(one["params"].get("fields") == "snapshot_id" for one in calls),
        naive=naive_calls,
    )


def _answers(size: int) -> int:
    """A playlist comes with its first hundred entries, the rest by fifty."""
    return 1 + max(0, ceil((size - EMBEDDED) / PAGE))


def table(days: list[Day]) -> list[str]:
    """The figures as lines of text."""
    head = f"{'calls':<10}{'changed':>9}{'needed':>9}{'used':>7}{'brackets':>10}{'used/needed':>13}"
    lines = [f"{head}{'tutorials':>11}{'ratio':>8}"]
    lines += [
        f"{day.name:<10}{f'{day.changed}/{day.lists}':>9}{day.needed:>9}{day.used:>7}{day.brackets:>10}"
        f"{day.share:>13.2f}{day.naive:>11,}{day.naive / day.used:>8.1f}"
        for day in days
    ]
    return lines
