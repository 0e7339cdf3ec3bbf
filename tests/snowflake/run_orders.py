"""Loads the files of many runs in N seeded orders: `python tests/snowflake/run_orders.py [N]`."""

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRESS = 25  # orders between two lines
sys.path[:0] = [str(ROOT), str(ROOT / "glue_jobs")]

from tests.snowflake.local_account import LocalAccount  # noqa: E402
from tests.snowflake.orders import differences, load_in_order, state, tables, the_runs  # noqa: E402
from tests.snowflake.reads import load  # noqa: E402


def run_share(seeds: Sequence[int]) -> tuple[int, int]:
    """Load in these orders, in an account of their own; how many tables, how many differed."""
    different = 0
    with tempfile.TemporaryDirectory() as folder:
        account = LocalAccount(Path(folder))
        account.deploy()
        account.reset()
        load(account, *the_runs())
        names = tables(account)
        expected = state(account, names)
        for done, seed in enumerate(seeds):
            if done % PROGRESS == 0:
                print(f"{done} of {len(seeds)} orders from seed {seeds[0]}", flush=True)
            load_in_order(account, seed)
            if found := differences(account, expected):
                different += 1
                print(f"seed {seed}: {', '.join(found)}", flush=True)
        account.close()
    return len(names), different


def main(orders: int) -> int:
    """Compare every order with loading the runs one after the other; 1 when one differs."""
    started = time.monotonic()
    workers = os.cpu_count() or 1
    shares = [range(first, orders, workers) for first in range(workers)]
    with ProcessPoolExecutor(workers) as pool:
        found = list(pool.map(run_share, shares))
    compared, different = min(each for each, _ in found), sum(each for _, each in found)
    print(f"{orders / (time.monotonic() - started):.1f} orders per second")
    print(f"orders: {orders} orders of {compared} tables, {different} differences")
    return 0 if compared and not different else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 500))
