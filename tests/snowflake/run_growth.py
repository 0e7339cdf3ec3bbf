"""Models 100,000 and then 1,000,000 landing rows: `python tests/snowflake/run_growth.py [ROWS]`."""

import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "glue_jobs")]

from tests.snowflake.growth import ROWS_PER_DAY, landing_rows, load_days, model  # noqa: E402
from tests.snowflake.local_account import LocalAccount  # noqa: E402
from tests.snowflake.orders import tables  # noqa: E402

TIMES = 10
LINEAR = 1.5 * TIMES  # ten times the rows may take fifteen times as long, no more


def measure(account: LocalAccount, days: range) -> tuple[int, dict[str, float]]:
    """Load more days, then compute every table; rows there are, and seconds of each step."""
    seconds = {"load through the pipes": load_days(account, days)}
    rows = landing_rows(account)
    print(f"{rows:,} landing rows loaded", flush=True)
    for name in tables(account):
        found, seconds[name] = model(account, name)
        print(f"  {name:<34} {found:>10,} rows {seconds[name]:8.2f} s", flush=True)
    return rows, seconds


def main(most: int) -> int:
    """Print the figures; 1 when growth is worse than about linear."""
    days = most // ROWS_PER_DAY
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        account = LocalAccount(Path(folder) / "stage", Path(folder) / "data")
        account.deploy()
        few, small = measure(account, range(days // TIMES))
        many, large = measure(account, range(days // TIMES, days))
        account.close()
    print(f"\n{'step':<36} {few:>12,} {many:>12,}  times")
    for name, seconds in large.items():
        if name in small and not name.startswith("load"):
            ratio = seconds / small[name]
            print(f"{name:<36} {small[name]:>10.2f} s {seconds:>10.2f} s {ratio:>6.1f}")
    count = sum("." in name for name in large)
    before, after = (sum(s for n, s in each.items() if "." in n) for each in (small, large))
    loaded = large["load through the pipes"]
    print(f"load: {(many - few) / loaded:,.0f} rows per second")
    print(f"all in {time.monotonic() - began:.0f} s")
    told = f"{few:,} rows {before:.1f} s, {many:,} rows {after:.1f} s"
    times = f"{after / before:.1f} times, at most {LINEAR:.0f} allowed"
    print(f"growth: {told} of {count} tables: {times}")
    return int(after / before > LINEAR)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
