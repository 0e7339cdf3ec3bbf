"""Follows the load of one run: ask, repair what no event announced, and say what is known."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aws_lambda_powertools import Logger

from confirm_load.request import ConfirmRequest, ConfirmResult
from confirm_load.warehouse import Warehouse
from tonearm_pipeline.clock import Clock, utc_moment
from tonearm_pipeline.errors import BadEventError, LoadFailedError, LoadPendingError
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.keys import load_key
from tonearm_pipeline.ledger import ENTITY_NAMES
from tonearm_pipeline.load_status import (
    FileLoad,
    FileStatus,
    Repair,
    compose_load,
    due_repairs,
    file_loads,
    last_try,
    overall_status,
    published_files,
)

logger = Logger(service="confirm_load", child=True)


@dataclass(frozen=True)
class Answers:
    """What the warehouse said about a run."""

    loads: Sequence[FileLoad]
    landing_rows: Mapping[str, int]


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
            WarehouseNotWiredError: Snowflake is not set up, or refuses us.
            WarehouseUnavailableError: Snowflake did not answer.
        """
        manifest = self.store.get(request.published_key)
        if manifest is None:
            raise BadEventError(f"published_key: there is no {request.published_key}")
        now = self.clock.now()
        repaired = self._repairs_before(request, manifest)
        if not published_files(manifest):
            return self._written(request, manifest, Answers([], {}), repaired, now)
        age = now - utc_moment(manifest["published_at"])
        with self.warehouse() as warehouse:
            answers = _ask(warehouse, manifest, age)
            repairs = self._repair(warehouse, answers, repaired, age, request)
            result = self._written(request, manifest, answers, repairs, now)
            self._give_up_if_over(warehouse, answers, repairs, request)
        return result

    def _repairs_before(self, request: ConfirmRequest, manifest: Mapping[str, Any]) -> list[Repair]:
        """The repairs tried by earlier calls for the same attempt."""
        before = self.store.get(load_key(request.run_id))
        if before is None or before["attempt"] != manifest["attempt"]:
            return []
        return [Repair.from_dict(values) for values in before["repairs"]]

    def _repair(
        self,
        warehouse: Warehouse,
        answers: Answers,
        repaired: Sequence[Repair],
        age: timedelta,
        request: ConfirmRequest,
    ) -> list[Repair]:
        due = due_repairs(answers.loads, repaired, age, self.refresh_after, request.tries)
        for repair in due:
            logger.warning("repairing a load", extra=repair.as_dict())
            warehouse.repair(repair)
        return [*repaired, *due]

    def _written(
        self,
        request: ConfirmRequest,
        manifest: Mapping[str, Any],
        answers: Answers,
        repairs: Sequence[Repair],
        now: datetime,
    ) -> ConfirmResult:
        key = load_key(request.run_id)
        load = compose_load(
            manifest,
            loads=answers.loads,
            landing_rows=answers.landing_rows,
            repairs=repairs,
            tries=request.tries,
            asked_at=now,
        )
        self.store.put(key, load)
        loaded = sum(line.status is FileStatus.LOADED for line in answers.loads)
        return ConfirmResult(load["status"], key, loaded, len(answers.loads))

    def _give_up_if_over(
        self,
        warehouse: Warehouse,
        answers: Answers,
        repairs: Sequence[Repair],
        request: ConfirmRequest,
    ) -> None:
        status = overall_status(answers.loads)
        if status is FileStatus.FAILED:
            raise LoadFailedError(_failed_text(answers.loads))
        if status is FileStatus.PENDING and request.tries >= last_try(self.max_tries, repairs):
            first = next(load for load in answers.loads if load.status is FileStatus.PENDING)
            pipe = warehouse.pipe_status(first.file.entity)
            raise LoadPendingError(_pending_text(answers.loads, repairs, request.tries, pipe))


def _ask(warehouse: Warehouse, manifest: Mapping[str, Any], age: timedelta) -> Answers:
    run_id, attempt = manifest["run_id"], manifest["attempt"]
    files = published_files(manifest)
    loads: list[FileLoad] = []
    landing_rows: dict[str, int] = {}
    for entity in ENTITY_NAMES:
        mine = [file for file in files if file.entity == entity]
        # History first: rows it calls loaded are then surely among the counted ones.
        history = warehouse.history(entity, run_id, age) if mine else []
        counts = warehouse.landing_counts(entity, run_id, attempt)
        landing_rows[entity] = sum(count.distinct_rows for count in counts)
        loads += file_loads(mine, history, counts)
    return Answers(loads, landing_rows)


def _failed_text(loads: Sequence[FileLoad]) -> str:
    failed = [load for load in loads if load.status is FileStatus.FAILED]
    first = failed[0]
    more = f"; and {len(failed) - 1} more files" if len(failed) > 1 else ""
    return f"load {first.file.entity} {first.file.key}: {first.first_error}{more}"


def _pending_text(
    loads: Sequence[FileLoad], repairs: Sequence[Repair], tries: int, pipe: str
) -> str:
    waiting = [load.file.key for load in loads if load.status is FileStatus.PENDING]
    more = f" and {len(waiting) - 1} more" if len(waiting) > 1 else ""
    tried = "; ".join(f"{repair.kind} of {repair.entity}: {repair.why}" for repair in repairs)
    repaired = f"; tried: {tried}" if tried else ""
    return f"load: {waiting[0]}{more} not loaded after {tries} tries{repaired}; its pipe: {pipe}"
