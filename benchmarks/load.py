"""Landing rows through the pipes, then every core and mart table: how the time grows with rows."""

import tempfile
from itertools import pairwise
from pathlib import Path

from benchmarks.fitting import exponent
from benchmarks.results import Json, table
from benchmarks.sizes import Size
from benchmarks.transform import Say
from tests.snowflake.growth import ROWS_PER_DAY, landing_rows, load_days, model
from tests.snowflake.local_account import LocalAccount
from tests.snowflake.orders import tables

TITLE = "Load and model: landing rows to core and mart tables, on the local Snowflake"


def measure(size: Size, folder: Path, say: Say) -> Json:
    """Seconds of loading the newest rows and of computing every table, at each number of rows."""
    steps = []
    ends = [0, *(rows // ROWS_PER_DAY for rows in size.landing_rows)]
    with tempfile.TemporaryDirectory(dir=folder) as place:
        account = LocalAccount(Path(place) / "stage", Path(place) / "data")
        try:
            account.deploy()
            for days in (range(first, last) for first, last in pairwise(ends)):
                steps.append(_step(account, days))
                say(f"  {steps[-1]['rows']:,} rows: modelled in {steps[-1]['model']:.1f} s")
        finally:
            account.close()
    return {"steps": steps}


def _step(account: LocalAccount, days: range) -> Json:
    load = load_days(account, days)
    each = {name: model(account, name) for name in tables(account)}
    return {
        "rows": landing_rows(account),
        "rows_wanted": days.stop * ROWS_PER_DAY,
        "load_rows_per_second": len(days) * ROWS_PER_DAY / load,
        "model": sum(seconds for _, seconds in each.values()),
        "tables": {name: seconds for name, (_, seconds) in each.items()},
        "table_rows": {name: rows for name, (rows, _) in each.items()},
    }


def show(figures: Json) -> list[str]:
    """The steps, and each table's growth from the first to the last."""
    steps = figures["steps"]
    rows = [step["rows"] for step in steps]
    summary = [
        [f"{step['rows']:,}", f"{step['load_rows_per_second']:,.0f}", f"{step['model']:.2f}"]
        for step in steps
    ]
    powers = {
        name: exponent(rows, [step["tables"][name] for step in steps])
        for name in steps[0]["tables"]
    }
    steepest = max(powers, key=lambda name: powers[name])
    whole = exponent(rows, [step["model"] for step in steps])
    return [
        *table(["landing rows", "loaded, rows/s", "all tables, s"], summary),
        "",
        f"Fitted exponent of all tables: {whole:.2f}; steepest {steepest}: {powers[steepest]:.2f}.",
    ]


def closing(figures: Json) -> str:
    """How many of the rows are there, and how many tables were modelled of them."""
    last = figures["steps"][-1]
    empty = sum(not rows for rows in last["table_rows"].values())
    told = f"{last['rows']:,} of {last['rows_wanted']:,} landing rows"
    return f"{told}, {len(last['tables'])} tables modelled, {empty} of them empty"
