import logging
import re
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from plan_run import handler
from tests.lambdas.local_aws import BUCKET, TABLE, FakeClock
from tonearm_pipeline.errors import (
    BadEventError,
    BadSourceError,
    RunTooLargeError,
    SettingsError,
)
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.state.last_good import LastGoodRun
from tonearm_pipeline.state.sources import SourceStates
from tonearm_pipeline.state.table import StateTable
from tonearm_pipeline.state.unfinished import UnfinishedRuns

ID = "37i9dQZF1DXcBWIGoYBM5M"
ARN = "arn:aws:states:eu-central-1:123456789012:execution:pipeline:one"


class Context(LambdaContext):
    """What Powertools reads of a Lambda context."""

    _function_name = "plan_run"
    _memory_limit_in_mb = 128
    _invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:plan_run"
    _aws_request_id = "request"


@pytest.fixture(autouse=True)
def environment(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUCKET", BUCKET)
    monkeypatch.setenv("STATE_TABLE", TABLE)
    monkeypatch.setenv("DEFAULT_SOURCES", "me/playlists")
    handler._deps.cache_clear()


def plan(user_input: Any = None, **fields: Any) -> dict[str, Any]:
    event = {"execution_id": ARN, "started_at": "2026-11-22T23:30:00.123Z", "input": user_input}
    answer: dict[str, Any] = handler.lambda_handler(event | fields, Context())
    return answer


def test_the_same_execution_always_gives_the_same_plan(store: JsonStore) -> None:
    first, second = plan({"sources": [ID]}), plan({"sources": [ID]})

    assert first == second
    assert re.fullmatch(r"20261122T233000Z-[0-9a-f]{6}", first["run_id"])
    assert first["plan_key"] == f"runs/{first['run_id']}/plan.json"
    assert first["attempt"] == 1
    assert store.get(first["plan_key"])["sources"] == [f"spotify:playlist:{ID}"]
    assert plan(execution_id=ARN + "2")["run_id"] != first["run_id"]


def test_the_snapshot_date_is_utc_or_the_logical_date() -> None:
    assert plan(started_at="2026-11-22T23:30:00-02:00")["snapshot_date"] == "2026-11-23"
    other = plan({"logical_date": "2024-05-02"}, execution_id=ARN + "2")
    assert other["snapshot_date"] == "2024-05-02"


def test_without_sources_the_default_ones_are_read(store: JsonStore) -> None:
    assert store.get(plan()["plan_key"])["sources"] == ["me/playlists"]


def test_the_forecast_uses_what_earlier_runs_left(table: StateTable) -> None:
    read = {
        "snapshot_id": "v1",
        "calls": 20,
        "last_read_at": "2020-01-01T00:00:00Z",
        "last_full_check_at": "2020-01-01T00:00:00Z",
    }
    SourceStates(table).advance(f"spotify:playlist:{ID}", read)

    forecast = plan({"sources": [ID, "me/tracks"]})["forecast"]

    assert forecast == {"calls_needed": 21, "calls_left": 1000, "cost": 0.0308}


def test_the_forecast_is_printed_as_a_sentence(
    table: StateTable, caplog: pytest.LogCaptureFixture
) -> None:
    SourceStates(table).advance(f"spotify:playlist:{ID}", {"calls": 1314})
    log = logging.getLogger("plan_run")
    log.addHandler(caplog.handler)
    try:
        plan({"sources": [ID]})
    finally:
        log.removeHandler(caplog.handler)

    assert "needs 1,314 calls, 1,000 left in this window" in caplog.messages


@pytest.mark.parametrize(
    ("user_input", "error", "message"),
    [
        pytest.param({"sources": []}, BadSourceError, "empty", id="no sources"),
        pytest.param({"sources": ["x"]}, BadSourceError, "'x'", id="malformed id"),
        pytest.param({"sources": ID}, BadEventError, "list", id="text for a list"),
        pytest.param({"source": [ID]}, BadEventError, "unknown source", id="misspelt"),
        pytest.param({"logical_date": "20240502"}, BadEventError, "logical_date", id="date"),
        pytest.param({"force_full": "yes"}, BadEventError, "force_full", id="flag"),
        pytest.param([], BadEventError, "object", id="no object"),
    ],
)
def test_bad_input_is_named(user_input: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        plan(user_input)


def test_missing_settings_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BUCKET")
    monkeypatch.delenv("STATE_TABLE")

    with pytest.raises(SettingsError, match=r"BUCKET.*STATE_TABLE"):
        plan()


def test_a_run_somebody_had_to_help_is_continued_by_the_next_execution(
    store: JsonStore, table: StateTable, clock: FakeClock
) -> None:
    red = plan()
    UnfinishedRuns(table, clock).leave(store.get(red["plan_key"]))

    again = plan(execution_id=ARN + "-again")

    assert again == red
    # Asked once more, the same execution gets the same answer; another one a run of its own.
    assert plan(execution_id=ARN + "-again") == red
    assert plan(execution_id=ARN + "-third")["run_id"] != red["run_id"]


def test_what_left_over_calls_go_to_comes_from_the_input_or_the_stack(
    store: JsonStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENRICH", "artists")
    handler._deps.cache_clear()

    assert store.get(plan()["plan_key"])["enrich"] == "artists"
    own = plan({"enrich": "all"}, execution_id=ARN + "2")
    assert store.get(own["plan_key"])["enrich"] == "all"


def test_an_unknown_enrichment_is_refused_by_name() -> None:
    with pytest.raises(BadEventError, match="none, albums, artists, all, not 'songs'"):
        plan({"enrich": "songs"})


def test_a_run_above_the_calls_allowed_is_refused_and_leaves_no_plan(
    store: JsonStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_CALLS_PER_RUN", "2")
    sources = [f"spotify:album:{ID[:-1]}{number}" for number in range(3)]

    with pytest.raises(RunTooLargeError, match="needs 3 calls, MaxCallsPerRun allows 2"):
        plan({"sources": sources})

    assert store.s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0
    assert plan({"sources": sources[:2]})["forecast"]["calls_needed"] == 2


def test_a_run_above_the_cost_allowed_is_refused(
    store: JsonStore, table: StateTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_COST_PER_RUN", "0.05")
    assert plan()["forecast"]["cost"] < 0.05

    LastGoodRun(table).remember("run-1", "runs/run-1/manifest.json")
    receipt = {"calls": {"total": 1}, "cost": {"lambda": 0.01, "total": 0.25}}
    store.put("runs/run-1/receipt.json", receipt)

    with pytest.raises(RunTooLargeError, match=r"about \$0\.25, MaxCostPerRun allows \$0\.05"):
        plan(execution_id=ARN + "2")
