import pytest

from tests.lambdas.local_aws import FakeClock
from tonearm_pipeline.state.table import StateTable
from tonearm_pipeline.state.unfinished import UnfinishedRuns

PLAN = {
    "run_id": "run-1",
    "sources": ["me/playlists"],
    "force_full": False,
    "enrich": "none",
    "snapshot_date": "2026-11-22",
}


@pytest.fixture
def runs(table: StateTable, clock: FakeClock) -> UnfinishedRuns:
    return UnfinishedRuns(table, clock)


def test_what_was_left_is_claimed_by_one_only(runs: UnfinishedRuns) -> None:
    runs.leave(PLAN)

    assert runs.claim(PLAN | {"run_id": "run-2"}, "run-2") == "run-1"
    assert runs.claim(PLAN | {"run_id": "run-3"}, "run-3") is None
    # A retried PlanRun of the same execution gets the same answer.
    assert runs.claim(PLAN | {"run_id": "run-2"}, "run-2") == "run-1"


def test_a_run_that_stops_again_can_be_claimed_again(runs: UnfinishedRuns) -> None:
    runs.leave(PLAN)
    runs.claim(PLAN, "run-2")
    runs.leave(PLAN)

    assert runs.claim(PLAN, "run-3") == "run-1"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"sources": ["me/tracks"]}, id="other sources"),
        pytest.param({"force_full": True}, id="all of it"),
        pytest.param({"enrich": "all"}, id="more of it"),
        pytest.param({"snapshot_date": "2026-11-23"}, id="another day"),
    ],
)
def test_another_question_starts_a_run_of_its_own(
    runs: UnfinishedRuns, other: dict[str, object]
) -> None:
    runs.leave(PLAN)

    assert runs.claim(PLAN | other, "run-2") is None


def test_nothing_was_left(runs: UnfinishedRuns) -> None:
    assert runs.claim(PLAN, "run-2") is None
