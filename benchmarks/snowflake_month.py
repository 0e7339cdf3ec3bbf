"""A month of daily runs against the local Snowflake: every statement the pipeline sends, counted.

The real ConfirmLoad asks through the real connector; the real purge runs. What Snowflake does by
itself (a pipe takes a file after about a minute, a schedule starts tasks, dynamic tables are
checked once in their lag) is played on the same clock.
"""

import json
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "glue_jobs"), str(ROOT / "lambdas")]

from benchmarks import cost  # noqa: E402
from benchmarks.results import FOLDER  # noqa: E402
from benchmarks.snowflake_bill import (  # noqa: E402
    ALL,
    METADATA,
    SECONDS_PER_DAY,
    WAREHOUSE,
    Event,
    as_json,
    bill,
    bill_table,
)
from confirm_load.confirm import Confirming  # noqa: E402
from confirm_load.events import ConfirmRequest  # noqa: E402
from confirm_load.session import connect  # noqa: E402
from confirm_load.settings import WarehouseSettings  # noqa: E402
from confirm_load.warehouse import SnowflakeWarehouse  # noqa: E402
from tests.snowflake.local_account import VALUES, LocalAccount  # noqa: E402
from tests.snowflake.reads import RunFile, a_read  # noqa: E402
from tests.snowflake.served_account import KeyOf, ServersClock, served  # noqa: E402
from tonearm.warehouse.deploy import DEFAULTS  # noqa: E402

STORE = FOLDER / "snowflake_month.json"
DAYS = 30
RETENTION_DAYS = 5  # reached before the month begins, so that each day has something to purge
POLL_SECONDS = 20
RUN_AT = timedelta(hours=5, minutes=10)
PURGE_AT = timedelta(hours=3, minutes=30)
ARRIVALS = (60, 64, 68, 72, 76)
_UNITS = {"minute": 60, "hour": 3600, "day": 86400}
_WITHOUT_WAREHOUSE = re.compile(
    r"\s*(?:show\b|alter\s+(?:pipe|session)\b|execute\s+task\b|select\s+system\$(?!.*\bfrom\b))",
    re.I | re.S,
)
_SUNDAY = 6


def main(words: list[str]) -> None:
    """Play the month and keep its bill; so many days of it prove that it can be played."""
    days = int(words[0]) if words else DAYS
    events = month(days)
    found = bill(events)
    sys.stdout.write("\n".join(bill_table({"now": found})) + "\n")
    if days == DAYS:
        _keep(events)
    credits_a_month = found.credits[ALL] * DAYS / days
    sys.stdout.write(f"month: {days} days, {credits_a_month:.2f} credits a month\n")


def _keep(events: list[Event]) -> None:
    """Write the bill and docs/cost.md; the bill before it was changed stays as it is."""
    kept = json.loads(STORE.read_text()) if STORE.exists() else {}
    kept["now"] = {
        "days": DAYS,
        "bill": as_json(bill(events)),
        "credits_at_half_speed": bill([event.slower() for event in events]).credits[ALL],
        "first_day": [str(event) for event in events if event.at < SECONDS_PER_DAY],
    }
    STORE.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")
    cost.main()


def month(days: int = DAYS) -> list[Event]:
    """What a month of daily runs sends, in order."""
    with tempfile.TemporaryDirectory() as place:
        account = LocalAccount(Path(place) / "stage")
        try:
            account.deploy({**VALUES, "retention_days": str(RETENTION_DAYS)})
            with served(account) as settings:
                return Month(account, settings).play(days)
        finally:
            account.close()


@dataclass
class Store:
    """The documents of the runs."""

    documents: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def get(self, key: str) -> Mapping[str, Any] | None:
        """A document, None when there is none."""
        return self.documents.get(key)

    def put(self, key: str, document: Mapping[str, Any]) -> None:
        """Keep a document."""
        self.documents[key] = document


class Recording:
    """A connection that notes each statement with its time and whether it needs a warehouse."""

    def __init__(self, connection: Any, note: Any) -> None:
        self._connection = connection
        self._note = note

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    @contextmanager
    def cursor(self) -> Iterator["RecordingCursor"]:
        """A cursor whose statements are noted."""
        with self._connection.cursor() as cursor:
            yield RecordingCursor(cursor, self._note)


class RecordingCursor:
    """A cursor of such a connection."""

    def __init__(self, cursor: Any, note: Any) -> None:
        self._cursor = cursor
        self._note = note

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def execute(self, sql: str, *values: Any, **options: Any) -> Any:
        """Note the statement and run it."""
        self._note(sql)
        return self._cursor.execute(sql, *values, **options)

    def execute_async(self, sql: str, *values: Any, **options: Any) -> Any:
        """Note the statement and start it."""
        self._note(sql)
        return self._cursor.execute_async(sql, *values, **options)


class Month:
    """Plays the days one after the other; times are seconds since the first midnight."""

    def __init__(self, account: LocalAccount, settings: WarehouseSettings) -> None:
        self._account = account
        self._settings = settings
        self._key = KeyOf()
        self._clock = ServersClock(account.engine)
        self._store = Store()
        self._events: list[Event] = []
        self._is_changed = False  # since core was last refreshed
        now = self._clock.now()
        self._midnight = datetime(now.year, now.month, now.day, tzinfo=now.tzinfo)
        self._midnight += timedelta(days=1)
        self._tables = [
            f"tonearm.core.{row['name']}"
            for row in account.rows("show dynamic tables in schema tonearm.core")
        ]
        tasks = account.rows("show tasks in schema tonearm.ops")
        self._tasks = len(tasks)
        (schedule,) = [row["schedule"] for row in tasks if row["schedule"]]
        self._is_weekly = schedule.split()[-2] == "0"
        number, unit = DEFAULTS["target_lag"].split()
        self._lag = int(number) * _UNITS[unit.removesuffix("s")]

    def play(self, days: int) -> list[Event]:
        """Play the days before the month and the month; the events of the month."""
        for number in range(RETENTION_DAYS + 2 + days):
            if number == RETENTION_DAYS + 2:
                self._events.clear()
            self._day(number)
        first = (RETENTION_DAYS + 2) * SECONDS_PER_DAY
        return [event.moved(-first) for event in sorted(self._events, key=lambda one: one.at)]

    def _day(self, number: int) -> None:
        start = self._midnight + timedelta(days=number)
        if not self._is_weekly or start.weekday() == _SUNDAY:
            self._scheduled(start, start + PURGE_AT)
            self._run_purge()
        self._scheduled(start, start + RUN_AT)
        self._run(number, start + RUN_AT)
        self._scheduled(start, start + timedelta(days=1))

    def _go_to(self, moment: datetime) -> None:
        seconds = (moment - self._clock.now()).total_seconds()
        self._clock.move(seconds=max(0.0, seconds))
        self._now = moment

    def _scheduled(self, start: datetime, until: datetime) -> None:
        """Snowflake's own looks at core: with nothing new no warehouse wakes."""
        for nth in range(SECONDS_PER_DAY // self._lag):
            moment = start + timedelta(seconds=nth * self._lag)
            if not getattr(self, "_now", start) < moment <= until:
                continue
            self._go_to(moment)
            self._add("check", METADATA, len(self._tables))
            if self._is_changed:
                self._add("refresh", WAREHOUSE, len(self._tables))
                for table in self._tables:
                    self._account.run(f"alter dynamic table {table} refresh")
                self._is_changed = False
        self._go_to(until)

    def _run(self, number: int, published_at: datetime) -> None:
        files = _files(published_at.date(), number)
        run_id = files[0].rows[0]["run_id"]
        self._store.put(f"runs/{run_id}/manifest.json", _manifest(files, published_at))
        confirming = Confirming(
            self._store,  # type: ignore[arg-type]
            self._warehouse,
            self._clock,
            max_tries=45,
            refresh_after=timedelta(seconds=300),
        )
        waiting = list(zip(files, ARRIVALS, strict=True))
        for tries in range(100):
            self._go_to(published_at + timedelta(seconds=tries * POLL_SECONDS))
            waiting = self._arrived(waiting, tries * POLL_SECONDS)
            request = ConfirmRequest(run_id, f"runs/{run_id}/manifest.json", tries)
            if confirming.run(request).status == "loaded":
                break
        else:
            raise RuntimeError(f"{run_id} was not loaded")

    def _arrived(
        self, waiting: list[tuple[RunFile, int]], seconds: int
    ) -> list[tuple[RunFile, int]]:
        for file, arrival in waiting:
            if arrival <= seconds:
                file.load(self._account)
                self._is_changed = True
        return [one for one in waiting if one[1] > seconds]

    @contextmanager
    def _warehouse(self) -> Iterator[SnowflakeWarehouse]:
        self._add("poll", METADATA, 1)  # the login
        connection = connect(self._settings, self._key)
        try:
            yield SnowflakeWarehouse(Recording(connection, self._note), "TONEARM")
        finally:
            connection.close()

    def _note(self, sql: str) -> None:
        words = " ".join(sql.lower().split())
        if words.startswith("execute task"):
            self._purged()
        elif words.startswith("alter dynamic table"):
            self._add("refresh", WAREHOUSE, len(self._tables))
            self._is_changed = False
        else:
            place = METADATA if _WITHOUT_WAREHOUSE.match(sql) else WAREHOUSE
            self._add("poll", place, 1)

    def _run_purge(self) -> None:
        self._purged()
        self._account.run("execute task tonearm.ops.purge")

    def _purged(self) -> None:
        self._add("purge", WAREHOUSE, self._tasks)
        self._is_changed = True

    def _add(self, part: str, place: str, statements: int) -> None:
        at = (self._now - self._midnight).total_seconds()
        self._events.append(Event(int(at), part, place, statements))


def _files(day: date, number: int) -> list[RunFile]:
    tracks = "abcdefghij"[number % 5 :] + "klmnop"[: number % 7]
    return a_read(day.isoformat(), tracks)


def _manifest(files: list[RunFile], published_at: datetime) -> dict[str, Any]:
    first = files[0].rows[0]
    return {
        "run_id": first["run_id"],
        "attempt": 1,
        "snapshot_date": published_at.date().isoformat(),
        "published_at": published_at.isoformat(),
        "entities": {
            file.entity.name: {
                "files": [{"key": f"curated/{file.entity.name}/{file.key}", "rows": len(file.rows)}]
            }
            for file in files
        },
    }


if __name__ == "__main__":
    main(sys.argv[1:])
