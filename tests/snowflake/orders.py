"""The files of many runs loaded in seeded orders: core and marts must come out the same."""

import random
from collections.abc import Iterator

from tests.snowflake.local_account import LocalAccount
from tests.snowflake.reads import RunFile, a_read
from tonearm_glue.contract import ENTITIES

# Columns that say when something was loaded, not what is true.
_TIMES = {"first_loaded_at", "last_loaded_at", "minutes_since_load"}


def the_runs() -> list[list[RunFile]]:
    """Runs over two playlists: a replay, a disturbed read, two on one day, an emptying."""
    return [
        a_read("2024-05-01", "abcab"),
        a_read("2024-05-02", "cabd"),
        a_read("2024-05-02", "cadb", attempt=2),
        a_read("2024-05-03", "a", is_consistent=False, name="Renamed"),
        a_read("2024-05-04", "dcba", run="20240504T070000Z-000002", name="Renamed"),
        a_read("2024-05-04", "dcb", run="20240504T060000Z-000001"),
        a_read("2024-05-02", "xy", playlist_id="list-2", run="20240502T080000Z-000003"),
        a_read("2024-05-05", "", playlist_id="list-2"),
    ]


def tables(account: LocalAccount) -> list[str]:
    """Every core and mart table."""
    kinds = [
        f"select table_schema, table_name from tonearm.information_schema.{kind}"
        " where table_schema in ('CORE', 'MART')"
        for kind in ("tables", "views")
    ]
    rows = account.rows(" union ".join(kinds) + " order by 1, 2")
    return [f"{row['table_schema']}.{row['table_name']}" for row in rows]


def state(account: LocalAccount, names: list[str]) -> dict[str, list[str]]:
    """What every table holds, in an order of its own."""
    return {
        name: sorted(
            repr({key: value for key, value in row.items() if key not in _TIMES})
            for row in account.rows(f"select * from tonearm.{name}")
        )
        for name in names
    }


def load_in_order(account: LocalAccount, seed: int) -> None:
    """Load every file of every run in a seeded order, with repeats and pipes recreated."""
    order = random.Random(seed)
    account.reset()
    for file in _shuffled(order):
        url = account.put(file.entity, file.rows, file.key)
        account.ingest(file.entity.name, url)
        if order.random() < 0.05:
            account.recreate_pipe(order.choice(ENTITIES).name)


def _shuffled(order: random.Random) -> Iterator[RunFile]:
    files = [file for run in the_runs() for file in run]
    again = [file for file in files if order.random() < 0.3]
    files += again
    order.shuffle(files)
    yield from files


def differences(account: LocalAccount, expected: dict[str, list[str]]) -> list[str]:
    """The tables that are not what they must be."""
    found = state(account, list(expected))
    return [name for name, rows in expected.items() if found[name] != rows]
