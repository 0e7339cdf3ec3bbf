"""Tonearm asks for nothing twice: calls used for each call needed."""

from math import ceil
from pathlib import Path

import pytest

from tests.faults.aws import an_aws
from tests.faults.calls import (
    CHANGED,
    COLD,
    LISTS,
    NEXT_DAY,
    Day,
    both_days,
    measure,
    sizes,
    table,
    write_days,
)
from tests.faults.fake import serving
from tests.faults.stack import Stack


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> list[Day]:
    lists = both_days()
    folders = write_days(tmp_path_factory.mktemp("days"), lists, with_catalogue=False)
    with an_aws() as aws, serving(folders[0]) as fake:
        return measure(aws, fake, lists, folders, with_tutorials=False)


def test_forty_lists_of_one_to_957_entries() -> None:
    assert len(sizes()) == LISTS
    assert (min(sizes()), max(sizes())) == (1, 957)


def test_a_cold_run_uses_just_the_calls_it_needs(days: list[Day]) -> None:
    [cold] = [day for day in days if day.name == COLD]

    assert cold.share == 1.0
    assert cold.changed == LISTS
    # One look at the version after each list that came in several answers.
    assert cold.brackets == sum(size > 100 for size in sizes())


def test_a_day_on_which_three_lists_changed_reads_those_three(days: list[Day]) -> None:
    [day] = [day for day in days if day.name == NEXT_DAY]

    assert day.changed == len(CHANGED) == 3
    assert day.share == 1.0
    assert day.brackets <= 3


def test_the_table_shows_the_ratio(days: list[Day]) -> None:
    lines = table(days)

    assert [line.split()[0] for line in lines] == ["calls", "cold", "next"]
    assert all("1.00" in line for line in lines[1:])


def test_the_loop_of_the_tutorials_asks_for_every_page_and_object(tmp_path: Path) -> None:
    lists = both_days(only=("n0x", "n20x"))
    folders = write_days(tmp_path, lists, with_catalogue=True)
    with an_aws() as aws, serving(folders[0]) as fake:
        cold, later = measure(aws, fake, lists, folders, with_tutorials=True)

    # The list of playlists; each with its pages of twenty; each artist and each album.
    [short, longer] = [one.size for one in lists[0]]
    pages = 2 + ceil(short / 20) + ceil(longer / 20)
    albums, artists = 1 + ceil(longer / 10), 1 + ceil(longer / 30)
    assert cold.naive == later.naive == 1 + pages + albums + artists
    assert (cold.used, later.used) == (4, 1)


def test_the_forecast_is_what_the_run_takes(tmp_path: Path) -> None:
    lists = both_days(only=("n0x", "n20x", "n30x"))
    folders = write_days(tmp_path, lists, with_catalogue=False)
    told: list[tuple[int, int]] = []
    with an_aws() as aws, serving(folders[0]) as fake:
        stack = Stack(aws, fake, "forecast")
        stack.sources = ["me/playlists"]
        # Cold, nothing changed, and a day on which all is due to be compared again.
        for days in (0, 1, 8):
            stack.clock.move(days=days)
            fake.control(reset=True)
            execution = stack.execute()
            stack.record(execution.run_id)
            told.append((execution.forecast["calls_needed"], len(fake.calls())))

    cold, unchanged, full = told
    # Before the first run nobody knows how many lists there are, nor how long.
    assert cold[0] < cold[1]
    assert unchanged == (1, 1)
    assert full[0] == full[1] > 5
