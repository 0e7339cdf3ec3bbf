"""History: entries added, removed and moved, and attributes over time, entry for entry."""

from datetime import date, timedelta
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.snowflake.history_reference import Read, changes, stretches
from tests.snowflake.landing_rows import a_run, a_song, an_album, an_artist
from tests.snowflake.local_account import LocalAccount
from tests.snowflake.reads import (
    a_read,
    files_of,
    load,
    reads_of_uris,
    told_changes,
    told_stretches,
)
from tonearm_glue.contract import ALBUMS, ARTISTS, PLAYLISTS, SONGS

URIS = st.lists(st.sampled_from(["a", "b", "c", "d", None]), max_size=6)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(reads=st.lists(URIS, min_size=1, max_size=5), order=st.randoms(use_true_random=False))
def test_any_sequence_of_reads_matches_the_reference(
    deployed: LocalAccount, reads: list[Read], order: object
) -> None:
    """Duplicates, unavailable entries (no uri), emptied lists, songs that leave and come back."""
    import random

    assert isinstance(order, random.Random)
    by_day = {date(2024, 1, 1) + timedelta(days=at): read for at, read in enumerate(reads)}
    runs = reads_of_uris(by_day)
    order.shuffle(runs)
    deployed.reset()

    load(deployed, *runs)

    assert told_changes(deployed) == changes(by_day)
    assert told_stretches(deployed) == stretches(by_day)


def test_the_first_read_is_a_baseline_not_a_change(account: LocalAccount) -> None:
    load(account, a_read("2024-05-01", "ab"))

    assert told_changes(account) == []
    assert {stretch.opened_by for stretch in told_stretches(account)} == {"baseline"}


def test_an_older_read_that_comes_later_takes_the_baselines_place(account: LocalAccount) -> None:
    load(account, a_read("2024-05-02", "ab"))
    load(account, a_read("2024-05-01", "a"))

    (change,) = told_changes(account)
    assert (change.change, change.uri) == ("added", "spotify:track:b")


def test_nothing_is_concluded_from_a_disturbed_read(account: LocalAccount) -> None:
    load(
        account,
        a_read("2024-05-01", "ab"),
        a_read("2024-05-02", "", is_consistent=False),
        a_read("2024-05-03", "ab"),
    )

    assert told_changes(account) == []
    assert len(told_stretches(account)) == 2


def test_a_playlist_that_is_not_read_any_more_loses_nothing(account: LocalAccount) -> None:
    load(
        account,
        a_read("2024-05-01", "ab"),
        a_read("2024-05-02", "c", playlist_id="list-2"),
    )

    assert told_changes(account) == []
    assert {stretch.closed_by for stretch in told_stretches(account)} == {""}


def test_a_change_names_playlist_song_and_artists(account: LocalAccount) -> None:
    load(account, a_read("2024-05-01", "a"), a_read("2024-05-02", "ab"))

    (row,) = account.rows("select * from tonearm.mart.playlist_changes")
    assert row == {
        "playlist_id": "list-1",
        "playlist_name": "Mine",
        "snapshot_date": date(2024, 5, 2),
        "change": "added",
        "track_id": "b",
        "uri": "spotify:track:b",
        "name": "B",
        "artists": "One",
        "old_position": None,
        "new_position": 1,
    }


class Versions(NamedTuple):
    """What an object was on three days, and the ranges that must come of it."""

    id: str
    names: tuple[str, str, str]
    ranges: list[tuple[str, date, date | None]]


D1, D2, D3 = date(2024, 5, 1), date(2024, 5, 2), date(2024, 5, 3)
VERSIONS = [
    Versions("unchanged", ("x", "x", "x"), [("x", D1, None)]),
    Versions("renamed once", ("x", "y", "y"), [("x", D1, D2), ("y", D2, None)]),
    Versions("and back", ("x", "y", "x"), [("x", D1, D2), ("y", D2, D3), ("x", D3, None)]),
]


@pytest.mark.parametrize("case", VERSIONS, ids=lambda case: case.id)
def test_attributes_have_validity_ranges(account: LocalAccount, case: Versions) -> None:
    for day, name in reversed(list(zip((D1, D2, D3), case.names, strict=True))):
        run = a_run(day.isoformat())
        rows = {
            ALBUMS: [an_album(name=name, **run)],
            ARTISTS: [an_artist(name=name, **run)],
            SONGS: [a_song(name=name, **run)],
            PLAYLISTS: [{**a_read(day.isoformat(), "", name=name)[0].rows[0]}],
        }
        load(account, files_of(run, rows))

    for table in ("album", "artist", "song", "playlist"):
        found = account.rows(
            f"select name, valid_from, valid_to from tonearm.core.{table}_history order by 2"
        )
        assert [tuple(row.values()) for row in found] == case.ranges, table


def test_a_simplified_object_does_not_end_the_range_of_a_full_ones_fields(
    account: LocalAccount,
) -> None:
    for day, label, is_full in (("2024-05-01", "L", True), ("2024-05-02", None, False)):
        run = a_run(day)
        album = an_album(label=label, is_full_object=is_full, **run)
        load(account, files_of(run, {ALBUMS: [album]}))

    (row,) = account.rows("select label, valid_to from tonearm.core.album_history")
    assert row == {"label": "L", "valid_to": None}
