"""The paths that end green."""

from tests.statemachine.given import (
    DONE,
    LOAD_TURN,
    LOADED,
    MORE,
    OUT_OF_MEMORY,
    PENDING,
    PLAN,
    REFRESHING,
    REPLAY,
    REPLAYED,
    TO_EXTRACT,
    TO_LOAD,
    TO_PUBLISH,
    TURN,
    UNCHANGED,
    UNCHANGED_END,
    WAIT,
    Scenario,
    Throw,
    job_run,
    waits,
)

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
