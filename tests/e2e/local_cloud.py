"""The local stack with what the end-to-end tests ask of it."""

import io
import os
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console

from tonearm.local import tables
from tonearm.local.days import Day, DayResult, run_day, serve_day
from tonearm.local.stack import SNOWFLAKE_DATABASE, LocalStack
from tonearm.screen import Screen
from tonearm.warehouse.connect import connect

ROOT = Path(__file__).resolve().parents[2]
RECORDED = Path(os.environ.get("TONEARM_RECORDED", ROOT.parent / "shared" / "spotify-recorded"))
# The one column that counts the minutes since: it changes by itself.
AGE = "minutes_since_load"
FIRST_DAY, SECOND_DAY = date(2026, 11, 20), date(2026, 11, 21)


class Cloud:
    """The stack with what the tests ask of it."""

    def __init__(self, stack: LocalStack) -> None:
        self.stack = stack
        self.screen_text = io.StringIO()
        self.screen = Screen(Console(file=self.screen_text, width=160))

    def run(self, day: Day, sources: list[str] | None = None) -> DayResult:
        served = serve_day(self.stack, day)
        return run_day(self.stack, day, served if sources is None else sources, self.screen)

    def query(self, sql: str) -> list[Any]:
        with connect(self.stack.warehouse) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def table_rows(self) -> dict[str, int]:
        with connect(self.stack.warehouse) as connection:
            return tables.counts(connection, SNOWFLAKE_DATABASE)

    def export(self, folder: Path) -> dict[str, str]:
        with connect(self.stack.warehouse) as connection:
            written = tables.export(connection, SNOWFLAKE_DATABASE, folder)
        return {path.name: _without_age(path) for path in written}

    def keys(self, prefix: str) -> list[str]:
        s3 = self.stack.client("s3")
        pages = s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.stack.outputs["Bucket"], Prefix=prefix
        )
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def job_runs(self, run_ids: set[str] | None = None) -> list[dict[str, Any]]:
        """The Glue job runs, of these pipeline runs only when they are given."""
        glue = self.stack.client("glue")
        names = [f"tonearm-local-{job}" for job in ("albums", "artists", "songs")]
        found = [run for name in names for run in glue.get_job_runs(JobName=name)["JobRuns"]]
        return [run for run in found if not run_ids or run["Arguments"]["--run_id"] in run_ids]


def _without_age(exported: Path) -> str:
    """An exported table without the column that says how old it is, which is its last one."""
    text = exported.read_text()
    if not text.partition("\n")[0].endswith(f",{AGE}"):
        return text
    return "".join(f"{line.rpartition(',')[0]}\n" for line in text.splitlines())


def different_lines(before: dict[str, str], after: dict[str, str]) -> dict[str, set[str]]:
    """The lines that only one of two exports has, by file."""
    changes = {
        name: set(before.get(name, "").splitlines()) ^ set(after.get(name, "").splitlines())
        for name in before.keys() | after.keys()
    }
    return {name: lines for name, lines in changes.items() if lines}
