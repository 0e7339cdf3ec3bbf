"""Brings core up to a run whose files are loaded: purge, one refresh, and a look at what stands."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger

from confirm_load.load_core import (
    FAILED,
    RUNNING,
    SUCCEEDED,
    CoreLoad,
    Refresh,
    Scheduled,
    is_of_the_present,
    refresh_error,
    suspended_ones,
)
from confirm_load.warehouse import Warehouse
from tonearm_pipeline.errors import (
    CoreNotRefreshedError,
    PipelineError,
    WarehouseNotWiredError,
)

logger = Logger(service="confirm_load", child=True)


@dataclass(frozen=True)
class CoreStep:
    """What one call did for core, and how many of the run's rows it has when it is through."""

    core: CoreLoad
    rows: Mapping[str, int]

    @property
    def is_through(self) -> bool:
        """Whether core was refreshed."""
        return self.core.refresh is not None and self.core.refresh.state == SUCCEEDED


def core_step(
    warehouse: Warehouse, manifest: Mapping[str, Any], core: CoreLoad, now: datetime
) -> CoreStep:
    """Do what comes next for core; repeating it is safe.

    The purge comes first and has until the next call: its deletes then reach core with the same
    refresh and in the same wake of the warehouse.
    """
    if not core.purge_started_at and is_of_the_present(manifest["snapshot_date"], now):
        return CoreStep(_purged(warehouse, core, now), {})
    refresh = core.refresh
    if refresh is None or refresh.state == FAILED:
        refresh = _started(warehouse, now)
    if refresh.state == RUNNING:
        state, error = warehouse.refresh_state(refresh.query_id)
        refresh = replace(refresh, state=state, error=error)
    core = replace(core, refresh=refresh)
    if refresh.state == RUNNING and not refresh.is_overdue(now):
        return CoreStep(core, {})
    core = replace(core, suspended=_suspended(warehouse, now))
    if refresh.state != SUCCEEDED:
        return CoreStep(core, {})
    return CoreStep(core, warehouse.core_rows(manifest["run_id"], manifest["attempt"]))


def check_refreshed(warehouse: Warehouse, core: CoreLoad, now: datetime) -> None:
    """Say why core does not have the run when its refresh has failed or does not end.

    Raises:
        CoreNotRefreshedError: holds Snowflake's words, the tables, and what heals them.
    """
    refresh = core.refresh
    if refresh is None or refresh.state == SUCCEEDED:
        return
    if refresh.state == FAILED:
        raise CoreNotRefreshedError(refresh_error(core, _failed_refreshes(warehouse)))
    if refresh.is_overdue(now):
        late = replace(refresh, error=f"query {refresh.query_id} runs since {refresh.started_at}")
        raise CoreNotRefreshedError(refresh_error(replace(core, refresh=late), []))


def _purged(warehouse: Warehouse, core: CoreLoad, now: datetime) -> CoreLoad:
    """Start the purge; one that cannot be started is told, and turns no run red."""
    error = ""
    try:
        warehouse.start_purge()
    except WarehouseNotWiredError as exc:
        error = str(exc)
        logger.warning("the purge was not started", extra={"reason": error})
    return replace(core, purge_started_at=now.isoformat(), purge_error=error)


def _started(warehouse: Warehouse, now: datetime) -> Refresh:
    tables = [table.name for table in warehouse.core_tables()]
    if not tables:
        raise WarehouseNotWiredError(
            "the loader sees no dynamic table of core: run `tonearm snowflake deploy`"
        )
    query_id, error = warehouse.start_refresh(sorted(tables))
    logger.info("refreshing core", extra={"tables": len(tables), "query_id": query_id})
    return Refresh(query_id, now.isoformat(), FAILED if error else RUNNING, error)


def _suspended(warehouse: Warehouse, now: datetime) -> tuple[Any, ...]:
    shown: list[Scheduled] = [*warehouse.core_tables(), *warehouse.tasks()]
    if not any(one.is_suspended for one in shown):
        return ()
    found = suspended_ones(shown, warehouse.retention_days(), now)
    for one in found:
        logger.warning("suspended", extra={"kind": one.kind, "suspended": one.name})
    return found


def _failed_refreshes(warehouse: Warehouse) -> list[str]:
    """More about a failure; without it the failure itself is told."""
    try:
        return warehouse.failed_refreshes()
    except PipelineError as exc:
        logger.warning("the refresh history was not read", extra={"reason": str(exc)})
        return []
