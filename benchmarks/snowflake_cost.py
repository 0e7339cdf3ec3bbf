"""The part of docs/cost.md about Snowflake, from the stored month."""

import json
import tomllib
from typing import Final

from benchmarks.results import FOLDER
from benchmarks.snowflake_bill import (
    ALL,
    CLOUD_CREDITS,
    SECONDS_OF,
    auto_suspend,
    bill_table,
    dashboard_credits,
    from_json,
)
from tonearm.project import SQL_FOLDER

STORE = FOLDER / "snowflake_month.json"
# Without a configuration an app sleeps after fifteen minutes; the warehouse slept after a minute.
_SLEEP_BEFORE: Final = 15
_IDLE_BEFORE: Final = 60


def snowflake_lines() -> list[str]:
    """The lines of the page."""
    stored = json.loads(STORE.read_text())
    bills = {name: from_json(stored[name]["bill"]) for name in ("before", "now")}
    now, slower = bills["now"].credits[ALL], stored["now"]["credits_at_half_speed"]
    visit = dashboard_credits(_sleep_minutes(), auto_suspend())
    visit_before = dashboard_credits(_SLEEP_BEFORE, _IDLE_BEFORE)
    return [
        "## Snowflake",
        "",
        "A month of 30 daily runs on an extra-small warehouse, reckoned from the statements the",
        "pipeline really sends: the month was played against the local Snowflake with the real",
        "ConfirmLoad and the real purge (`make month`), each statement",
        "noted with its time. `before` is the same month with the code of commit",
        f"{stored['before']['commit']}: it asked the warehouse every 20 s, core was refreshed",
        "within 10 minutes by schedule, the purge ran at night, the warehouse idled for a minute.",
        "",
        *bill_table(bills),
        "",
        "Counted are statements, checks and wakes. Assumed is how long they take on a warm",
        f"warehouse: {SECONDS_OF['poll']:.0f} s a question or task, and",
        f"{SECONDS_OF['refresh']:.0f} s the refresh of one table, one after the other. If all took",
        f"twice as long, the month would take {slower:.2f} credits instead of {now:.2f}. A wake is",
        "billed a minute at least, and until the warehouse was idle for",
        f"{auto_suspend()} s. A statement or check takes",
        f"{CLOUD_CREDITS:.5f} credits of cloud services, free up to a tenth of the day's compute.",
        "Two runs a day double the bill; a run on which nothing changed asks Snowflake nothing.",
        "",
        "- Snowpipe is in the first table: less than a thousandth of a credit a month.",
        "- The dashboard keeps the warehouse awake while it is open. A visit of a minute takes",
        f"  {visit:.2f} credits ({visit_before:.2f} before): the app sleeps {_sleep_minutes()}",
        "  minutes after the last activity, the least Snowflake takes.",
        "- Storage is less than a cent a month at ten thousand entries a day.",
        "- A first deploy, a change of a core table's query, and a replay of many runs compute",
        "  core anew once: some minutes of the warehouse.",
        "- A limit is `tonearm snowflake deploy --credit-quota N`: a resource monitor that stops",
        "  the warehouse. It does not count Snowpipe. A statement is ended after an hour.",
    ]


def _sleep_minutes() -> int:
    config = tomllib.loads((SQL_FOLDER / "dashboard" / "config.toml").read_text(encoding="utf-8"))
    return int(config["snowflake"]["sleep"]["streamlitSleepTimeoutMinutes"])
