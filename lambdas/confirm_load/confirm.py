"""Follows the load of one run: ask, repair what no event announced, refresh core, say what is."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from aws_lambda_powertools import Logger

from confirm_load.events import LOADED, PENDING, REFRESHING, ConfirmRequest, ConfirmResult
from confirm_load.load_core import CoreLoad
from confirm_load.load_document import compose_load, loads_before
from confirm_load.load_status import (
    FileLoad,
    FileStatus,
    Repair,
    due_repairs,
    file_loads,
    last_try,
    overall_status,
    published_files,
)
from confirm_load.pipe_news import is_worth_asking
from confirm_load.refreshing import check_refreshed, core_step
from confirm_load.warehouse import Warehouse
from tonearm_pipeline.clock import Clock, utc_moment
from tonearm_pipeline.errors import BadEventError, LoadFailedError, LoadPendingError
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.keys import load_key
from tonearm_pipeline.ledger import ENTITY_NAMES

logger = Logger(service="confirm_load", child=True)
_FAILED = FileStatus.FAILED.value


@dataclass(frozen=True)
class Known:
    """What is known of a run's load, carried from call to call by load.json."""

    loads: Sequence[FileLoad]
    repairs: Sequence[Repair] = ()
    warehouse_asked_at: datetime | None = None
    core: CoreLoad = field(default_factory=CoreLoad)
    core_rows: Mapping[str, int] = field(default_factory=dict)

    @property
    def file_status(self) -> FileStatus:
        """How far the files are."""
        return overall_status(self.loads)


@dataclass(frozen=True)
class Confirming:
    """Confirms the loads of one stack.

    Attributes:
        store: the run's JSON documents.
        warehouse: opens a session; not called when there is no file to ask about.
        clock: tells how old files are.
        max_tries: how often a run asks before it gives up.
        refresh_after: how long Snowpipe's own event is waited for.
    """

    store: JsonStore
    warehouse: Callable[[], AbstractContextManager[Warehouse]]
    clock: Clock
    max_tries: int
    refresh_after: timedelta

    def run(self, request: ConfirmRequest) -> ConfirmResult:
        """Ask once about one run and write load.json.

        Raises:
            BadEventError: there is no such published manifest.
            LoadFailedError: Snowpipe refused a file.
            LoadPendingError: files are missing after all tries and repairs.
            CoreNotRefreshedError: core could not be refreshed from the files.
            WarehouseNotWiredError: Snowflake is not set up, or refuses us.
            WarehouseUnavailableError: Snowflake did not answer.
        """
        manifest = self.store.get(request.published_key)
        if manifest is None:
            raise BadEventError(f"published_key: there is no {request.published_key}")
        if not published_files(manifest):
            return self._written(request, manifest, Known([]), LOADED)
        before = self._before(request, manifest)
        known = _known(manifest, before)
        with self.warehouse() as warehouse:
            # A load that was given up or resumed starts over: what was known may be long ago.
            if before is None or before["status"] != REFRESHING or request.tries == 0:
                is_resumed = before is not None and request.tries == 0
                known = self._files_asked(warehouse, manifest, known, request, is_resumed)
            if known.file_status is not FileStatus.LOADED:
                return self._unloaded(warehouse, manifest, known, request)
            return self._refreshed(warehouse, manifest, known, request)

    def _before(
        self, request: ConfirmRequest, manifest: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """What earlier calls for the same attempt wrote; an older version's says too little."""
        before: Mapping[str, Any] | None = self.store.get(load_key(request.run_id))
        if before is None or before["attempt"] != manifest["attempt"] or "core" not in before:
            return None
        return before

    def _files_asked(
        self,
        warehouse: Warehouse,
        manifest: Mapping[str, Any],
        known: Known,
        request: ConfirmRequest,
        is_resumed: bool,
    ) -> Known:
        """Ask the warehouse about the files, when the pipes say that there is news."""
        now = self.clock.now()
        published_at = utc_moment(manifest["published_at"])
        is_last = request.tries >= last_try(self.max_tries, known.repairs)
        asked_at = None if is_resumed else known.warehouse_asked_at
        entities = _entities(manifest)
        if not (is_resumed or is_last):
            news = warehouse.pipes(entities)
            if not is_worth_asking(news, published_at, asked_at, self.refresh_after, now):
                return known
        age = now - published_at
        loads = _ask(warehouse, manifest, entities, age)
        due = due_repairs(loads, known.repairs, age, self.refresh_after, request.tries)
        for repair in due:
            logger.warning("repairing a load", extra=repair.as_dict())
            warehouse.repair(repair)
        core = CoreLoad() if is_resumed else known.core
        return Known(loads, [*known.repairs, *due], now, core)

    def _unloaded(
        self,
        warehouse: Warehouse,
        manifest: Mapping[str, Any],
        known: Known,
        request: ConfirmRequest,
    ) -> ConfirmResult:
        """Wait for files, or give up."""
        is_refused = known.file_status is FileStatus.FAILED
        result = self._written(request, manifest, known, _FAILED if is_refused else PENDING)
        if is_refused:
            raise LoadFailedError(_failed_text(known.loads))
        if request.tries >= last_try(self.max_tries, known.repairs):
            first = next(load for load in known.loads if load.status is FileStatus.PENDING)
            pipe = warehouse.pipe_status(first.file.entity)
            raise LoadPendingError(_pending_text(known, request.tries, pipe))
        return result

    def _refreshed(
        self,
        warehouse: Warehouse,
        manifest: Mapping[str, Any],
        known: Known,
        request: ConfirmRequest,
    ) -> ConfirmResult:
        """Bring core up to the run."""
        now = self.clock.now()
        step = core_step(warehouse, manifest, known.core, now)
        known = replace(known, core=step.core, core_rows=step.rows)
        result = self._written(request, manifest, known, LOADED if step.is_through else REFRESHING)
        check_refreshed(warehouse, step.core, now)
        return result

    def _written(
        self, request: ConfirmRequest, manifest: Mapping[str, Any], known: Known, status: str
    ) -> ConfirmResult:
        key = load_key(request.run_id)
        load = compose_load(
            manifest,
            status=status,
            loads=known.loads,
            core_rows=known.core_rows,
            core=known.core,
            repairs=known.repairs,
            tries=request.tries,
            asked_at=self.clock.now(),
            warehouse_asked_at=known.warehouse_asked_at,
        )
        self.store.put(key, load)
        loaded = sum(line.status is FileStatus.LOADED for line in known.loads)
        return ConfirmResult(status, key, loaded, len(known.loads))


def _known(manifest: Mapping[str, Any], before: Mapping[str, Any] | None) -> Known:
    loads = loads_before(manifest, before)
    if before is None:
        return Known(loads)
    asked_at = before["warehouse_asked_at"]
    return Known(
        loads,
        [Repair.from_dict(values) for values in before["repairs"]],
        utc_moment(asked_at) if asked_at else None,
        CoreLoad.from_dict(before["core"]),
    )


def _entities(manifest: Mapping[str, Any]) -> list[str]:
    with_files = {file.entity for file in published_files(manifest)}
    return [entity for entity in ENTITY_NAMES if entity in with_files]


def _ask(
    warehouse: Warehouse, manifest: Mapping[str, Any], entities: Sequence[str], age: timedelta
) -> list[FileLoad]:
    run_id, attempt = manifest["run_id"], manifest["attempt"]
    files = published_files(manifest)
    # History first: rows it calls loaded are then surely among the counted ones.
    histories = warehouse.histories(entities, run_id, age)
    counts = warehouse.landing_counts(entities, run_id, attempt)
    loads: list[FileLoad] = []
    for entity in entities:
        mine = [file for file in files if file.entity == entity]
        loads += file_loads(mine, histories[entity], counts[entity])
    return loads


def _failed_text(loads: Sequence[FileLoad]) -> str:
    failed = [load for load in loads if load.status is FileStatus.FAILED]
    first = failed[0]
    more = f"; and {len(failed) - 1} more files" if len(failed) > 1 else ""
    return f"load {first.file.entity} {first.file.key}: {first.first_error}{more}"


def _pending_text(known: Known, tries: int, pipe: str) -> str:
    waiting = [load.file.key for load in known.loads if load.status is FileStatus.PENDING]
    more = f" and {len(waiting) - 1} more" if len(waiting) > 1 else ""
    tried = "; ".join(f"{repair.kind} of {repair.entity}: {repair.why}" for repair in known.repairs)
    repaired = f"; tried: {tried}" if tried else ""
    return f"load: {waiting[0]}{more} not loaded after {tries} tries{repaired}; its pipe: {pipe}"
