"""What a scenario is, and what tasks answer in it.

An answer belongs to one call of a task, retries too; the last one is given again. Where no answer
is given the task succeeds. RecordFailure answers with the pipeline's own words unless told.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple


class Throw(NamedTuple):
    """A task that ends with this error."""

    error: str
    cause: str = "because"


Answer = dict[str, Any] | None | Throw | Callable[[], dict[str, Any]]


class Scenario(NamedTuple):
    """One execution.

    Attributes:
        id: its name.
        answers: of each task that does not simply succeed.
        visited: every state entered, but for those inside Transform.
        error: what the execution ends with, empty when it is green.
        told: words the cause must hold.
        calls: how often these tasks were called in all.
    """

    id: str
    answers: dict[str, list[Answer]]
    visited: list[str]
    error: str = ""
    told: tuple[str, ...] = ()
    calls: dict[str, int] = {}  # noqa: RUF012 - never changed


PLAN = {
    "run_id": "r1",
    "snapshot_date": "2026-11-22",
    "attempt": 1,
    "plan_key": "runs/r1/plan.json",
    "start_at": "ExtractSpotify",
    "publish": True,
}
REPLAY = {**PLAN, "attempt": 2, "start_at": "Transform", "publish": False}


def extracted(status: str, **more: Any) -> dict[str, Any]:
    answer = {"status": status, "manifest_key": "", "changed": False, "counts": {}}
    return {**answer, **more}


def waits(**ahead: float) -> Callable[[], dict[str, Any]]:
    """An answer that asks to wait until so long after it is given."""

    def answer() -> dict[str, Any]:
        until = datetime.now(UTC) + timedelta(**ahead)
        return extracted("wait", resume_at=f"{until:%Y-%m-%dT%H:%M:%SZ}", wait_seconds=1)

    return answer


def waits_until(resume_at: Any) -> dict[str, Any]:
    return extracted("wait", resume_at=resume_at)


def job_run(state: str, job: str = "songs") -> dict[str, Any]:
    return {"JobName": f"{job}-job", "Id": "jr_1", "JobRunState": state, "ExecutionTime": 61}


DONE = extracted("done", manifest_key="raw/r1/manifest.json", changed=True)
UNCHANGED = extracted("done", manifest_key="raw/r1/manifest.json")
MORE = extracted("more")
WAIT = waits(seconds=0)
LOADED = {"status": "loaded", "load_key": "runs/r1/load.json", "files_loaded": 5, "files": 5}
PENDING = {**LOADED, "status": "pending", "files_loaded": 3}
REFRESHING = {**LOADED, "status": "refreshing"}
OUT_OF_MEMORY = Throw(
    "Runtime.OutOfMemory", '{"errorType":"Runtime.OutOfMemory","errorMessage":"signal: killed"}'
)
AUDIT = Throw("AuditError", '{"errorType":"AuditError","errorMessage":"staged rows differ"}')

HAPPY: dict[str, list[Answer]] = {
    "PlanRun": [PLAN],
    "ExtractSpotify": [DONE],
    "AlbumsJob": [job_run("SUCCEEDED", "albums")],
    "ArtistsJob": [job_run("SUCCEEDED", "artists")],
    "SongsJob": [job_run("SUCCEEDED")],
    "PublishRun": [{"published_key": "runs/r1/manifest.json", "files": 5, "counts": {}}],
    "ConfirmLoad": [LOADED],
    "RecordRun": [{"run_id": "r1", "status": "succeeded"}],
}
# The loops' bounds for the tests; what the definition says is reckoned in a contract test.
MOST_CALLS = 4

TURN = ["ExtractSpotify", "IsExtractDone"]
LOAD_TURN = ["ConfirmLoad", "IsLoadConfirmed"]
TO_EXTRACT = ["PlanRun", "IsReplay", *TURN]
TO_TRANSFORM = [*TO_EXTRACT, "Transform"]
TO_PUBLISH = [*TO_TRANSFORM, "IsTransformDone", "IsPublishWanted", "PublishRun"]
TO_LOAD = [*TO_PUBLISH, *LOAD_TURN]
REPLAYED = ["PlanRun", "IsReplay", "Transform", "IsTransformDone", "IsPublishWanted"]
UNCHANGED_END = ["RecordUnchangedRun", "RecordRun"]
RED = ["RecordFailure", "RunFailed"]
