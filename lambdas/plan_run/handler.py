"""The entry point of the PlanRun function."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from plan_run.limits import RunLimits
from plan_run.plan import PlanRequest, calls_needed, plan_of, playlists_behind
from plan_run.replay import ReplayRequest, plan_replay
from plan_run.settings import Settings
from tonearm_pipeline.clock import Clock, SystemClock
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.keys import plan_key, receipt_key
from tonearm_pipeline.prices import cost_ahead
from tonearm_pipeline.spotify.quota import QuotaLedger
from tonearm_pipeline.state.last_good import LastGoodRun
from tonearm_pipeline.state.sources import SourceStates
from tonearm_pipeline.state.table import StateTable
from tonearm_pipeline.state.unfinished import UnfinishedRuns

logger = Logger(service="plan_run")


@dataclass(frozen=True)
class Deps:
    """What planning works with."""

    settings: Settings
    store: JsonStore
    states: SourceStates
    ledger: QuotaLedger
    unfinished: UnfinishedRuns
    last_good: LastGoodRun
    clock: Clock


@cache
def _deps() -> Deps:
    settings = Settings.from_env(os.environ)
    clock = SystemClock()
    table = StateTable(boto3.client("dynamodb"), settings.state_table)
    return Deps(
        settings=settings,
        store=JsonStore(boto3.client("s3"), settings.bucket),
        states=SourceStates(table),
        ledger=QuotaLedger(table, clock),
        unfinished=UnfinishedRuns(table, clock),
        last_good=LastGoodRun(table),
        clock=clock,
    )


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Name the run, store its plan, and forecast its calls; or give a replay its attempt."""
    deps = _deps()
    replay = ReplayRequest.from_event(event)
    if replay is not None:
        answer = plan_replay(replay, deps.store, deps.clock)
        logger.info("replays", extra=answer)
        return answer
    settings = deps.settings
    request = PlanRequest.from_event(event, settings.default_sources, settings.enrich)
    plan = _plan(request, deps)
    _log(plan)
    names = ("run_id", "snapshot_date", "attempt", "forecast")
    return {
        **{name: plan[name] for name in names},
        "plan_key": plan_key(plan["run_id"]),
        "start_at": "ExtractSpotify",
        "publish": True,
    }


def _plan(request: PlanRequest, deps: Deps) -> dict[str, Any]:
    """Return the plan this execution has: the one it made before, an unfinished run's, or new."""
    key = plan_key(request.run_id)
    plan = deps.store.get(key)
    if plan is None:
        forecast = _forecast(request, deps)
        settings = deps.settings
        RunLimits(settings.max_calls_per_run, settings.max_cost_per_run).check(forecast)
        plan = plan_of(request, forecast, deps.clock)
        unfinished_run_id = deps.unfinished.claim(plan, request.run_id)
        if unfinished_run_id:
            plan = deps.store.get(plan_key(unfinished_run_id)) or plan
        if not deps.store.put_once(key, plan):
            plan = deps.store.get(key)
    found: dict[str, Any] = plan
    return found


def _forecast(request: PlanRequest, deps: Deps) -> dict[str, float]:
    states = deps.states.read(source.uri for source in request.sources)
    states |= deps.states.read(playlists_behind(request, states))
    days = deps.settings.full_check_days
    calls = calls_needed(request, states, deps.clock.now(), days)
    last_run_id = deps.last_good.run_id()
    last_receipt = deps.store.get(receipt_key(last_run_id)) if last_run_id else None
    return {
        "calls_needed": calls,
        "calls_left": deps.ledger.left(deps.settings.quota_mode),
        "cost": cost_ahead(calls, last_receipt),
    }


def _log(plan: Mapping[str, Any]) -> None:
    forecast = plan["forecast"]
    needed, left = forecast["calls_needed"], forecast["calls_left"]
    logger.info(
        "needs %s calls, %s left in this window",
        f"{needed:,}",
        f"{left:,}",
        extra={"run_id": plan["run_id"], "sources": len(plan["sources"]), **forecast},
    )
