"""A warehouse that answers what a test tells it to, and ConfirmLoad wired to it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from confirm_load.confirm import Confirming
from confirm_load.load_core import DYNAMIC_TABLE, SUCCEEDED, TASK, Scheduled
from confirm_load.load_status import HistoryLine, LandingCount, Repair
from confirm_load.pipe_news import PipeNews
from tests.lambdas.local_aws import FakeClock
from tests.lambdas.tonearm_pipeline.finished_run import ROWS, RUN_ID, key_of, published_manifest
from tonearm_pipeline.errors import WarehouseNotWiredError
from tonearm_pipeline.json_store import JsonStore

MAX_TRIES = 3
REFRESH_AFTER = timedelta(minutes=10)
PUBLISHED_KEY = f"runs/{RUN_ID}/manifest.json"


TABLES = ("TONEARM.CORE.ALBUMS", "TONEARM.CORE.SONGS")


@dataclass
class FakeWarehouse:
    """Knows what a test tells it; remembers what it was asked and told to do."""

    now: Callable[[], datetime]
    histories_of: dict[str, list[HistoryLine]] = field(default_factory=dict)
    landing: dict[str, list[LandingCount]] = field(default_factory=dict)
    ingested_at: dict[str, datetime] = field(default_factory=dict)
    waiting_in_pipes: int = 0
    repairs: list[Repair] = field(default_factory=list)
    sessions: int = 0
    asked: list[str] = field(default_factory=list)
    refreshes: list[Sequence[str]] = field(default_factory=list)
    refresh: tuple[str, str] = (SUCCEEDED, "")
    core: dict[str, int] = field(default_factory=lambda: dict(ROWS))
    tables: list[Scheduled] = field(
        default_factory=lambda: [Scheduled(DYNAMIC_TABLE, name, "ACTIVE") for name in TABLES]
    )
    purge_tasks: list[Scheduled] = field(
        default_factory=lambda: [Scheduled(TASK, "TONEARM.OPS.PURGE", "started")]
    )
    purge_error: str = ""

    def load(self, entity: str) -> None:
        """Load the entity's one file as Snowpipe would."""
        name = key_of(entity).removeprefix(f"curated/{entity}/")
        self.histories_of[entity] = [HistoryLine(name, "Loaded", ROWS[entity])]
        self.landing[entity] = [LandingCount(key_of(entity), ROWS[entity], ROWS[entity])]
        self.ingested_at[entity] = self.now()

    def load_all(self) -> None:
        for entity in ROWS:
            self.load(entity)

    def pipes(self, entities: Sequence[str]) -> list[PipeNews]:
        self.asked.append("pipes")
        return [
            PipeNews(entity, self.waiting_in_pipes, self.ingested_at.get(entity), None)
            for entity in entities
        ]

    def histories(
        self, entities: Sequence[str], run_id: str, age: timedelta
    ) -> dict[str, list[HistoryLine]]:
        self.asked.append("histories")
        return {entity: self.histories_of.get(entity, []) for entity in entities}

    def landing_counts(
        self, entities: Sequence[str], run_id: str, attempt: int
    ) -> dict[str, list[LandingCount]]:
        self.asked.append("landing")
        return {entity: self.landing.get(entity, []) for entity in entities}

    def repair(self, repair: Repair) -> None:
        self.repairs.append(repair)

    def pipe_status(self, entity: str) -> str:
        return '{"executionState":"PAUSED","pendingFileCount":1}'

    def start_purge(self) -> None:
        self.asked.append("purge")
        if self.purge_error:
            raise WarehouseNotWiredError(self.purge_error)

    def core_tables(self) -> list[Scheduled]:
        return self.tables

    def tasks(self) -> list[Scheduled]:
        return self.purge_tasks

    def retention_days(self) -> int:
        return 1

    def start_refresh(self, tables: Sequence[str]) -> tuple[str, str]:
        self.asked.append("refresh")
        self.refreshes.append(tables)
        return f"query-{len(self.refreshes)}", ""

    def refresh_state(self, query_id: str) -> tuple[str, str]:
        return self.refresh

    def failed_refreshes(self) -> list[str]:
        return ["SONGS: FAILED division by zero"]

    def core_rows(self, run_id: str, attempt: int) -> dict[str, int]:
        self.asked.append("core")
        return self.core

    @contextmanager
    def session(self) -> Iterator["FakeWarehouse"]:
        self.sessions += 1
        yield self


@pytest.fixture
def warehouse(clock: FakeClock) -> FakeWarehouse:
    return FakeWarehouse(clock.now)


@pytest.fixture
def confirming(store: JsonStore, warehouse: FakeWarehouse, clock: FakeClock) -> Confirming:
    manifest = published_manifest() | {"published_at": clock.now().isoformat()}
    store.put(PUBLISHED_KEY, manifest)
    return Confirming(store, warehouse.session, clock, MAX_TRIES, REFRESH_AFTER)
