"""The paths that end red, each with the first error."""

import json

from tests.statemachine.given import (
    AUDIT,
    LOAD_TURN,
    LOADED,
    MORE,
    MOST_CALLS,
    OUT_OF_MEMORY,
    PENDING,
    RED,
    REFRESHING,
    TO_EXTRACT,
    TO_LOAD,
    TO_PUBLISH,
    TO_TRANSFORM,
    TURN,
    WAIT,
    Answer,
    Scenario,
    Throw,
    extracted,
    job_run,
    waits,
    waits_until,
)

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
