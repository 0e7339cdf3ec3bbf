"""History over recorded sequences of playlists equals the plain-Python one, entry for entry."""

import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.snowflake.history_reference import changes, stretches
from tests.snowflake.local_account import LocalAccount
from tests.snowflake.reads import as_change, as_stretch, load, runs_of_lists
from tests.snowflake.recordings import recorded_sequences

pytestmark = pytest.mark.timeout(600)


def by_playlist[T](
    account: LocalAccount, relation: str, read: Callable[[Mapping[str, Any]], T]
) -> dict[str, list[T]]:
    found = defaultdict(list)
    for row in account.rows(f"select * from tonearm.{relation}"):
        found[row["playlist_id"]].append(read(row))
    return found


def test_every_recorded_sequence_gives_what_a_comparison_of_its_reads_gives(
    account: LocalAccount,
) -> None:
    """One warehouse for all of them, its runs loaded out of order."""
    sequences = recorded_sequences()
    runs = runs_of_lists(sequences)
    random.Random(5).shuffle(runs)

    load(account, *runs)

    told = by_playlist(account, "mart.playlist_changes", as_change)
    held = by_playlist(account, "core.playlist_entry_history", as_stretch)
    for name, reads in sequences.items():
        assert sorted(told[name]) == changes(reads), name
        assert sorted(held[name]) == stretches(reads), name
    entries = sum(len(read) for reads in sequences.values() for read in reads.values())
    counted = account.value("select count(*) from tonearm.landing.playlist_entries")
    assert (counted, len(sequences)) == (entries, 61)
    top_50 = [change.change for change in told["top-50"]]
    assert (top_50.count("added"), top_50.count("removed")) == (21, 21)
    assert {change.change for change in told["edit-steps"]} == {"moved"}
    assert len(told["edit-session"]) == 15
