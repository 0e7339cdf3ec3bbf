"""Every path through the pipeline, and what else is asked of both interpreters."""

from tests.statemachine.given import (
    RED,
    TO_PUBLISH,
    Answer,
)
from tests.statemachine.green_paths import GREEN_PATHS
from tests.statemachine.red_paths import RED_PATHS

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
