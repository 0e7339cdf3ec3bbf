"""A warehouse that answers what a test tells it to, and ConfirmLoad wired to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from confirm_load.confirming import Confirming
from tests.lambdas.local_aws import FakeClock
from tests.lambdas.tonearm_pipeline.finished_run import ROWS, RUN_ID, key_of, published_manifest
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.load_status import HistoryLine, LandingCount, Repair

MAX_TRIES = 3
REFRESH_AFTER = timedelta(minutes=10)
PUBLISHED_KEY = f"runs/{RUN_ID}/manifest.json"


@dataclass
class FakeWarehouse:
    """Knows load histories and landing rows by entity; remembers repairs and sessions."""

    histories: dict[str, list[HistoryLine]] = field(default_factory=dict)
    landing: dict[str, list[LandingCount]] = field(default_factory=dict)
    repairs: list[Repair] = field(default_factory=list)
    sessions: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)

    def load(self, entity: str) -> None:
        """Load the entity's one file as Snowpipe would."""
        name = key_of(entity).removeprefix(f"curated/{entity}/")
        self.histories[entity] = [HistoryLine(name, "Loaded", ROWS[entity])]
        self.landing[entity] = [LandingCount(key_of(entity), ROWS[entity], ROWS[entity])]

    def load_all(self) -> None:
        for entity in ROWS:
            self.load(entity)

    def history(self, entity: str, run_id: str, age: timedelta) -> list[HistoryLine]:
        self.asked.append(("history", entity))
        return self.histories.get(entity, [])

    def landing_counts(self, entity: str, run_id: str, attempt: int) -> list[LandingCount]:
        self.asked.append(("landing", entity))
        return self.landing.get(entity, [])

    def repair(self, repair: Repair) -> None:
        self.repairs.append(repair)

    def pipe_status(self, entity: str) -> str:
        return '{"executionState":"PAUSED","pendingFileCount":1}'

    @contextmanager
    def session(self) -> Iterator["FakeWarehouse"]:
        self.sessions += 1
        yield self


@pytest.fixture
def warehouse() -> FakeWarehouse:
    return FakeWarehouse()


@pytest.fixture
def confirming(store: JsonStore, warehouse: FakeWarehouse, clock: FakeClock) -> Confirming:
    manifest = published_manifest() | {"published_at": clock.now().isoformat()}
    store.put(PUBLISHED_KEY, manifest)
    return Confirming(store, warehouse.session, clock, MAX_TRIES, REFRESH_AFTER)
