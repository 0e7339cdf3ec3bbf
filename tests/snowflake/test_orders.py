"""Any order and any repetition of loads gives the same core and marts."""

from tests.snowflake.local_account import LocalAccount
from tests.snowflake.orders import differences, load_in_order, state, tables, the_runs
from tests.snowflake.reads import load

ORDERS = 10


def test_any_order_of_loads_gives_the_same_tables(account: LocalAccount) -> None:
    load(account, *the_runs())
    names = tables(account)
    expected = state(account, names)

    assert len(names) > 20
    assert all(expected[name] for name in ("CORE.PLAYLIST_ENTRIES", "MART.PLAYLIST_CHANGES"))
    for seed in range(ORDERS):
        load_in_order(account, seed)
        assert differences(account, expected) == [], f"seed {seed}"


def test_the_comparison_sees_a_missing_file(account: LocalAccount) -> None:
    load(account, *the_runs())
    expected = state(account, tables(account))

    account.reset()
    load(account, *the_runs()[:-1])

    assert "CORE.PLAYLISTS" in differences(account, expected)
