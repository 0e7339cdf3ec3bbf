"""The paths through the pipeline: what the tasks answer, which states follow, and how it ends.

An answer belongs to one call of a task, retries too; the last one is given again. Where no answer
is given the task succeeds. RecordFailure answers with the pipeline's own words unless told.
"""

import json
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

GREEN_PATHS = [
    Scenario("everything-works", {}, [*TO_LOAD, "RecordRun"]),
    Scenario("a-replay-keeps-what-it-staged", {"PlanRun": [REPLAY]}, [*REPLAYED, "KeepStaged"]),
    Scenario(
        "a-replay-publishes-at-once",
        {"PlanRun": [{**REPLAY, "publish": True}]},
        [*REPLAYED, "PublishRun", *LOAD_TURN, "RecordRun"],
    ),
    Scenario(
        "a-replay-publishes-what-is-staged",
        {"PlanRun": [{**REPLAY, "start_at": "PublishRun", "publish": True}]},
        ["PlanRun", "IsReplay", "PublishRun", *LOAD_TURN, "RecordRun"],
    ),
    Scenario(
        "nothing-changed-skips-to-the-record",
        {"ExtractSpotify": [UNCHANGED]},
        [*TO_EXTRACT, *UNCHANGED_END],
    ),
    Scenario(
        "more-pages-loop",
        {"ExtractSpotify": [MORE, MORE, UNCHANGED]},
        ["PlanRun", "IsReplay", *TURN * 3, *UNCHANGED_END],
    ),
    Scenario(
        "a-quota-is-waited-for",
        {"ExtractSpotify": [WAIT, UNCHANGED]},
        [*TO_EXTRACT, "WaitForQuota", *TURN, *UNCHANGED_END],
    ),
    Scenario(
        "a-moment-that-passed-while-it-was-told-is-no-fault",
        {"ExtractSpotify": [waits(minutes=-2), UNCHANGED]},
        [*TO_EXTRACT, "WaitForQuota", *TURN, *UNCHANGED_END],
    ),
    Scenario(
        "a-slow-load-is-asked-again",
        {"ConfirmLoad": [PENDING, REFRESHING, LOADED]},
        [*TO_PUBLISH, *[*LOAD_TURN, "WaitForSnowpipe"] * 2, *LOAD_TURN, "RecordRun"],
        calls={"ConfirmLoad": 3},
    ),
    Scenario(
        "memory-that-ran-out-once-is-tried-again",
        {
            "ExtractSpotify": [OUT_OF_MEMORY, OUT_OF_MEMORY, DONE],
            "PublishRun": [OUT_OF_MEMORY, {"published_key": "runs/r1/manifest.json"}],
        },
        [*TO_LOAD, "RecordRun"],
        calls={"ExtractSpotify": 3, "PublishRun": 2},
    ),
    Scenario(
        "a-throttled-function-is-called-again",
        {"PlanRun": [Throw("Lambda.TooManyRequestsException"), PLAN]},
        [*TO_LOAD, "RecordRun"],
        calls={"PlanRun": 2},
    ),
    Scenario(
        "a-job-that-was-lost-runs-again",
        {"SongsJob": [Throw("States.TaskFailed"), job_run("SUCCEEDED")]},
        [*TO_LOAD, "RecordRun"],
        calls={"SongsJob": 2},
    ),
]

ODD_WAITS: list[tuple[str, Answer, str]] = [
    ("nothing", extracted("wait"), "a moment it does not name"),
    ("null", waits_until(None), "null"),
    ("a-number", waits_until(1_800_000_000), "1800000000"),
    ("no-moment", waits_until("tomorrow"), "tomorrow"),
    ("a-date", waits_until("2026-11-22"), "2026-11-22"),
    ("an-offset", waits_until("2026-11-22T00:00:00+01:00"), "+01:00"),
    ("a-thirteenth-month", waits_until("2026-13-01T00:00:00Z"), "2026-13-01"),
    ("the-past", waits(days=-1), "not past"),
    ("next-month", waits(days=30), "MaxParkHours (36)"),
]
ODD_LOADS: list[tuple[str, Answer]] = [
    ("another-word", {**LOADED, "status": "lost"}),
    ("no-status", {"files": 5}),
    ("nothing", None),
]

RED_PATHS = [
    Scenario(
        "a-dead-token-ends-red",
        {"ExtractSpotify": [extracted("needs_login")]},
        [*TO_EXTRACT, "AskForLogin", *RED],
        "NeedsLoginError",
        ("tonearm login",),
    ),
    Scenario(
        "bad-input-ends-red",
        {"PlanRun": [Throw("BadSourceError")]},
        ["PlanRun", *RED],
        "BadSourceError",
    ),
    Scenario(
        "a-failed-audit-publishes-nothing",
        {"PublishRun": [AUDIT]},
        [*TO_PUBLISH, *RED],
        "AuditError",
        ("staged rows differ",),
        {"PublishRun": 1},
    ),
    Scenario(
        "an-unbalanced-ledger-ends-red",
        {"RecordRun": [Throw("LedgerUnbalancedError")]},
        [*TO_LOAD, "RecordRun", *RED],
        "LedgerUnbalancedError",
    ),
    Scenario(
        "memory-that-is-too-small-is-told",
        {"ExtractSpotify": [OUT_OF_MEMORY]},
        ["PlanRun", "IsReplay", "ExtractSpotify", *RED],
        "Runtime.OutOfMemory",
        ("MemorySize", "ExtractSpotifyFunction"),
        {"ExtractSpotify": 7},
    ),
    Scenario(
        "a-publish-that-needs-more-memory-is-tried-once-more",
        {"PublishRun": [OUT_OF_MEMORY]},
        [*TO_PUBLISH, *RED],
        "Runtime.OutOfMemory",
        ("MemorySize",),
        {"PublishRun": 2},
    ),
    Scenario(
        "a-job-that-failed-ends-red",
        {"SongsJob": [Throw("States.TaskFailed", json.dumps(job_run("FAILED")))]},
        [*TO_TRANSFORM, *RED],
        "TaskFailed",
        ("songs-job: FAILED",),
        {"SongsJob": 2},
    ),
    Scenario(
        "a-job-that-was-stopped-ends-red-where-sync-says-so",
        {"SongsJob": [Throw("States.TaskFailed", json.dumps(job_run("STOPPED")))]},
        [*TO_TRANSFORM, *RED],
        "TaskFailed",
        ("songs-job: STOPPED",),
    ),
    Scenario(
        "a-job-that-was-stopped-ends-red-where-sync-calls-it-success",
        {"SongsJob": [job_run("STOPPED")]},
        [*TO_TRANSFORM, "IsTransformDone", "RejectTransform", *RED],
        "TaskFailed",
        (": STOPPED",),
        {"SongsJob": 1},
    ),
    *[
        Scenario(
            f"a-wait-until-{name}-ends-red",
            {"ExtractSpotify": [answer]},
            [*TO_EXTRACT, "RejectResumeAt", *RED],
            "BadEventError",
            ("ExtractSpotify asks to wait until", told),
        )
        for name, answer, told in ODD_WAITS
    ],
    Scenario(
        "an-unknown-extract-ends-red",
        {"ExtractSpotify": [extracted("perhaps")]},
        [*TO_EXTRACT, "RejectExtractAnswer", *RED],
        "BadEventError",
        ("perhaps",),
    ),
    Scenario(
        "an-extract-that-answers-nothing-ends-red",
        {"ExtractSpotify": [None]},
        [*TO_EXTRACT, "RejectExtractAnswer", *RED],
        "BadEventError",
        ("ExtractSpotify gave an answer nobody knows",),
    ),
    Scenario(
        "an-extract-without-a-manifest-ends-red",
        {"ExtractSpotify": [extracted("done", changed=True)]},
        [*TO_EXTRACT, "RejectExtractAnswer", *RED],
        "BadEventError",
    ),
    Scenario(
        "an-extract-that-does-not-say-whether-it-changed-ends-red",
        {"ExtractSpotify": [extracted("done", manifest_key="raw/r1/manifest.json", changed="no")]},
        [*TO_EXTRACT, "RejectExtractAnswer", *RED],
        "BadEventError",
    ),
    *[
        Scenario(
            f"a-load-that-answers-{name}-ends-red",
            {"ConfirmLoad": [answer]},
            [*TO_LOAD, "RejectLoadAnswer", *RED],
            "BadEventError",
            ("ConfirmLoad gave an answer nobody knows",),
        )
        for name, answer in ODD_LOADS
    ],
    Scenario(
        "more-pages-without-end-end-red",
        {"ExtractSpotify": [MORE]},
        ["PlanRun", "IsReplay", *TURN * MOST_CALLS, "EndExtractLoop", *RED],
        "RunTooLongError",
        (f"called {MOST_CALLS} times", "start-execution"),
        {"ExtractSpotify": MOST_CALLS},
    ),
    Scenario(
        "waits-without-end-end-red",
        {"ExtractSpotify": [WAIT]},
        [
            "PlanRun",
            "IsReplay",
            *[*TURN, "WaitForQuota"] * (MOST_CALLS - 1),
            *TURN,
            "EndExtractLoop",
            *RED,
        ],
        "RunTooLongError",
    ),
    Scenario(
        "tries-count-in-the-loop",
        {"ExtractSpotify": [OUT_OF_MEMORY, OUT_OF_MEMORY, OUT_OF_MEMORY, MORE]},
        [*TO_EXTRACT, "EndExtractLoop", *RED],
        "RunTooLongError",
        calls={"ExtractSpotify": 4},
    ),
    Scenario(
        "a-last-call-is-heard",
        {"ExtractSpotify": [MORE, MORE, MORE, extracted("needs_login")]},
        ["PlanRun", "IsReplay", *TURN * MOST_CALLS, "AskForLogin", *RED],
        "NeedsLoginError",
    ),
    Scenario(
        "a-load-without-end-ends-red",
        {"ConfirmLoad": [PENDING, REFRESHING]},
        [
            *TO_PUBLISH,
            *[*LOAD_TURN, "WaitForSnowpipe"] * (MOST_CALLS - 1),
            *LOAD_TURN,
            "EndLoadLoop",
            *RED,
        ],
        "RunTooLongError",
        ("still refreshing",),
        {"ConfirmLoad": MOST_CALLS},
    ),
    Scenario(
        "an-answer-that-misses-a-field-is-told",
        {"PlanRun": [{"run_id": "r1"}]},
        ["PlanRun", *RED],
        "QueryEvaluationError",
        ("PlanRun",),
        {"PlanRun": 1},
    ),
    Scenario(
        "a-function-that-took-too-long-is-told",
        {"PublishRun": [Throw("States.Timeout", "")]},
        [*TO_PUBLISH, *RED],
        "Timeout",
        ("PublishRun",),
    ),
    Scenario(
        "a-report-that-fails-is-still-red-with-the-first-error",
        {"PublishRun": [AUDIT], "RecordFailure": [Throw("SettingsError")]},
        [*TO_PUBLISH, *RED],
        "AuditError",
        ("PublishRun: ", "staged rows differ"),
    ),
    *[
        Scenario(
            f"a-report-that-answers-{name}-is-still-red-with-the-first-error",
            {"PublishRun": [AUDIT], "RecordFailure": [answer]},
            [*TO_PUBLISH, *RED],
            "AuditError",
            told,
        )
        for name, answer, told in [
            ("nothing", None, ("PublishRun: ", "staged rows differ")),
            ("without-a-cause", {"error": "AuditError"}, ("PublishRun: ", "staged rows differ")),
            ("without-an-error", {"cause": "rows, in short"}, ("rows, in short",)),
            ("no-words", {"error": None, "cause": 7}, ("PublishRun: ", "staged rows differ")),
        ]
    ],
    Scenario(
        "a-report-without-memory-is-still-red-with-the-first-error",
        {"PublishRun": [AUDIT], "RecordFailure": [OUT_OF_MEMORY]},
        [*TO_PUBLISH, *RED],
        "AuditError",
        calls={"RecordFailure": 2},
    ),
    Scenario(
        "a-report-that-fails-after-a-job-keeps-the-jobs-error",
        {"SongsJob": [job_run("STOPPED")], "RecordFailure": [Throw("SettingsError")]},
        [*TO_TRANSFORM, "IsTransformDone", "RejectTransform", *RED],
        "TaskFailed",
        ("STOPPED",),
    ),
    # What States.ALL does not catch, says the documentation: the execution ends there by itself.
    *[
        Scenario(
            f"{error}-ends-the-execution-by-itself",
            {"PublishRun": [Throw(error, "by itself")]},
            TO_PUBLISH,
            error,
            ("by itself",),
            {"PublishRun": 1},
        )
        for error in ("States.Runtime", "States.DataLimitExceeded")
    ],
]
SCENARIOS = [*GREEN_PATHS, *RED_PATHS]

# Where the second interpreter differs from the documentation, and what it does; docs/upstream.md.
SECOND_IS_WRONG = {
    f"{error}-ends-the-execution-by-itself": {
        "visited": [*TO_PUBLISH, *RED],
        "error": error.removeprefix("States."),
    }
    for error in ("States.Runtime", "States.DataLimitExceeded")
}

# Whatever a task answers, the execution ends in RunFailed or goes on; none ends by itself.
ODD_ANSWERS: list[Answer] = [
    None,
    {},
    {"status": None, "error": [], "cause": {}, "start_at": 1, "publish": "yes", "run_id": "r1"},
    {"status": {}, "published_key": 7, "resume_at": {}, "changed": "no", "manifest_key": []},
    {"status": "wait", "resume_at": ["2026-11-22T00:00:00Z"], "error": "", "cause": ""},
    {"status": ["wait", "done"], "resume_at": "2027-02-29T00:00:00Z", "error": 1, "cause": None},
]
TASKS = ["PlanRun", "ExtractSpotify", "PublishRun", "ConfirmLoad", "RecordRun", "RecordFailure"]
