"""The made-up days behind `make growth`: as many rows as said, and every table computes."""

import pytest

from tests.snowflake.growth import CHANGED_PER_DAY, LISTS, ROWS_PER_DAY, a_day, load_days, model
from tests.snowflake.local_account import LocalAccount
from tests.snowflake.orders import tables


def test_a_day_has_ten_thousand_rows() -> None:
    assert sum(len(file.rows) for file in a_day(3)) == ROWS_PER_DAY == 10_000


@pytest.mark.timeout(600)
def test_two_days_are_modelled_whole(account: LocalAccount) -> None:
    load_days(account, range(2))

    rows = {name: model(account, name)[0] for name in tables(account)}

    assert rows["CORE.SONGS"] == 2000
    assert rows["CORE.PLAYLIST_ENTRIES"] == 7000
    counted = account.rows(
        "select change, count(*) as n from tonearm.mart.playlist_changes group by change"
    )
    told = {row["change"]: row["n"] for row in counted}
    assert told["added"] == told["removed"] == CHANGED_PER_DAY * LISTS
    assert rows["MART.PLAYLIST_CHANGES"] == sum(told.values())
