"""Why a run failed and the exact next command, by error class. Pure functions."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tonearm_pipeline.clock import utc_text

MOST_CAUSE_CHARACTERS: Final = 4000
_MOST_FAIL_CHARACTERS: Final = 2000
_UNKNOWN: Final = "UnknownError"
# What ends an extraction at a place from which the next execution of the same day goes on.
LEFT_UNFINISHED: Final = frozenset({"RunTooLongError", "Runtime.OutOfMemory"})

_LOGIN: Final = "tonearm login"
_DEPLOY: Final = "sam deploy"
_WIRE: Final = "tonearm snowflake deploy"


@dataclass(frozen=True)
class Failure:
    """A failed execution as the state machine hands it over.

    Attributes:
        run_id: the run, or the name it would have got.
        execution_id: the execution's ARN.
        started_at: when it started, ISO text.
        state: the state that failed.
        error: the error's name: a class of `errors`, or one of Step Functions' own.
        cause: its text, a JSON document for Lambda functions and Glue jobs.
        bucket: the stack's bucket.
    """

    run_id: str
    execution_id: str
    started_at: str
    state: str
    error: str
    cause: str
    bucket: str


@dataclass(frozen=True)
class Advice:
    """What to do about an error.

    Attributes:
        why: what it means, one sentence.
        first: the command that removes the cause; empty when starting again is all it takes.
        look_at: a command that shows more, may be empty.
    """

    why: str
    first: str = ""
    look_at: str = ""


_LATER: Final = "It did not answer after several tries; it usually does later."
_DIED: Final = (
    "A function's process ended in the middle, each time it was tried: its log says of what, "
    "mostly that its memory was used up."
)
_QUARANTINE: Final = "aws s3 ls --recursive s3://{bucket}/staged/{run_id}/"
_RUN_FILES: Final = "aws s3 cp s3://{bucket}/runs/{run_id}/ledger.json -"
_GLUE_RUN: Final = "aws glue get-job-run --job-name {glue_job} --run-id {glue_run_id}"

# One entry per class in `errors` that can end a run, held together by a test.
ADVICE: Final[Mapping[str, Advice]] = {
    "NeedsLoginError": Advice(
        "There is no login yet, or Spotify takes it no more (a login lasts six months).", _LOGIN
    ),
    "WrongAppError": Advice(
        "The client id or client secret in the Spotify secret is wrong: compare them with "
        "developer.spotify.com and log in with the right ones.",
        _LOGIN,
    ),
    "AwsRefusedError": Advice(
        "AWS refused the action the cause names, on the resource it names: the stack is not what "
        "the template makes of it, or a policy from outside forbids it.",
        _DEPLOY,
    ),
    "AccessRefusedError": Advice(
        "Spotify refuses the app as a whole: its owner needs Premium, and the user must be on the "
        "app's list at developer.spotify.com.",
        _LOGIN,
    ),
    "BadSourceError": Advice("The input names no source, or things that are not Spotify sources."),
    "BadEventError": Advice("A state got an input it cannot use: code and states differ.", _DEPLOY),
    "SettingsError": Advice("The functions' settings are incomplete or wrong.", _DEPLOY),
    "ParkedTooLongError": Advice(
        "Spotify's daily quota asks for a longer wait than a run may be parked."
    ),
    "RunTooLargeError": Advice(
        "The run's forecast is above the limit the stack sets, so nothing was read: name fewer "
        "sources, or set the limit the cause names higher (0 is no limit).",
        f"{_DEPLOY} --parameter-overrides MaxCallsPerRun=0 MaxCostPerRun=0",
    ),
    "RunTooLongError": Advice(
        "The run went around one loop as often as the history of one execution (25,000 events) "
        "allows; an extraction goes on at its page when the same input is started on the same day."
    ),
    "WarehouseNotWiredError": Advice("Snowflake is not set up for this stack.", _WIRE),
    "LoadFailedError": Advice(
        "Snowpipe refused a published file: the tables do not fit the files.", _WIRE
    ),
    "LoadPendingError": Advice(
        "Snowpipe did not load every file: a pipe is paused or not notified.", _WIRE
    ),
    "CoreNotRefreshedError": Advice(
        "The files are in landing, but the core tables could not be refreshed from them: the cause "
        "names the tables, and what brings a suspended one back.",
        "tonearm snowflake status",
    ),
    "RawCorruptError": Advice(
        "The raw pages are not what was written; reading again makes new ones."
    ),
    "AuditError": Advice(
        "The transformed rows do not agree with what was read; nothing was published. "
        "The raw pages are kept.",
        look_at=_QUARANTINE,
    ),
    "QuarantineLimitError": Advice(
        "Too many rows could not be accepted; nothing was published.", look_at=_QUARANTINE
    ),
    "LedgerUnbalancedError": Advice(
        "Rows are missing or too many between two steps; the ledger names them.",
        look_at=_RUN_FILES,
    ),
    "SpotifyUnavailableError": Advice(f"Spotify: {_LATER}"),
    "StorageUnavailableError": Advice(f"S3, DynamoDB or Secrets Manager: {_LATER}"),
    "WarehouseUnavailableError": Advice(f"Snowflake: {_LATER}"),
    "RateLimitedError": Advice("Spotify's rate limit did not lift within the tries."),
    "RunInProgressError": Advice("Another run is extracting; start again when it has ended."),
    "States.TaskFailed": Advice("A Glue job failed or was stopped.", look_at=_GLUE_RUN),
    "States.Timeout": Advice("A state took longer than it may."),
    "States.Permissions": Advice("The state machine's role lacks a right.", _DEPLOY),
    "States.QueryEvaluationError": Advice(
        "An answer lacks what the state machine reads of it: code and states differ.", _DEPLOY
    ),
    "States.Runtime": Advice(
        "Step Functions could not go on with the states as they are.", _DEPLOY
    ),
    "States.DataLimitExceeded": Advice(
        "A state handed on more than the 256 KiB Step Functions allows: code and states differ.",
        _DEPLOY,
    ),
    "Glue.ConcurrentRunsExceededException": Advice(
        "As many runs of one Glue job as may run at once did not end within the tries."
    ),
    "Glue.EntityNotFoundException": Advice("A Glue job of the stack is gone.", _DEPLOY),
    "Lambda.TooManyRequestsException": Advice(
        "The account's functions took all of Lambda's concurrency at each try."
    ),
    "Lambda.ResourceNotFoundException": Advice("A function of the stack is gone.", _DEPLOY),
    "Runtime.OutOfMemory": Advice(
        "A function used up its memory, each time it was tried: raise the MemorySize of the failed "
        "state's function (ExtractSpotifyFunction for ExtractSpotify) in template.yaml.",
        _DEPLOY,
    ),
    "Runtime.ExitError": Advice(_DIED),
    "Lambda.Unknown": Advice(_DIED),
    "Sandbox.Timedout": Advice("A function took longer than it may, each time it was tried."),
}
_OTHER: Final = Advice("An error nobody foresaw.")


def compose_failure(failure: Failure, failed_at: datetime) -> dict[str, Any]:
    """Return failure.json: what failed, where, why, and the exact next command.

    `next_command` removes the cause; `then`, where it is not empty, is what to run after it;
    `look_at` shows more.
    """
    advice = ADVICE.get(failure.error, _OTHER)
    again = _start_again(failure)
    document = _document(failure.cause)
    return {
        "run_id": failure.run_id,
        "execution_id": failure.execution_id,
        "started_at": failure.started_at,
        "failed_at": utc_text(failed_at),
        "state": failure.state,
        "error": failure.error or _UNKNOWN,
        "cause": _message(failure.cause, document)[:MOST_CAUSE_CHARACTERS],
        "why": advice.why,
        "next_command": advice.first or again,
        "then": again if advice.first else "",
        "look_at": _look_at(advice, failure, document),
    }


def fail_answer(document: Mapping[str, Any]) -> dict[str, str]:
    """Return what the Fail state shows: the error's name, and the cause with the next command."""
    cause = f"{document['state']}: {document['cause']}"
    tail = f" | {document['why']} Next: {document['next_command']}"
    return {"error": document["error"], "cause": cause[:_MOST_FAIL_CHARACTERS] + tail}


def failure_note(document: Mapping[str, Any]) -> str:
    """Return the text of the notification."""
    lines = [
        f"Run {document['run_id']} failed in {document['state']}: {document['error']}",
        document["cause"],
        "",
        document["why"],
        f"Next: {document['next_command']}",
    ]
    lines += [f"Then: {document['then']}"] if document["then"] else []
    lines += [f"Look at: {document['look_at']}"] if document["look_at"] else []
    return "\n".join([*lines, "", f"Execution: {document['execution_id']}"])


def _start_again(failure: Failure) -> str:
    """Return the command that starts the pipeline with the same input.

    Not a redrive: the failure was caught, so a redrive would repeat only the Fail state. Nothing is
    lost by a new run, since a source's state advances only once its run has balanced.
    """
    if failure.error == "BadSourceError":
        run_input = shlex.quote('{"sources": ["PLAYLIST_URL"]}')
    else:
        run_input = (
            '"$(aws stepfunctions describe-execution '
            f'--execution-arn {failure.execution_id} --query input --output text)"'
        )
    machine = state_machine_arn(failure.execution_id)
    return f"aws stepfunctions start-execution --state-machine-arn {machine} --input {run_input}"


def state_machine_arn(execution_arn: str) -> str:
    """Return the state machine's ARN out of an execution's."""
    parts = execution_arn.split(":")
    return ":".join([*parts[:5], "stateMachine", *parts[6:7]])


def _look_at(advice: Advice, failure: Failure, document: Mapping[str, Any]) -> str:
    places = {
        "bucket": failure.bucket,
        "run_id": failure.run_id,
        "glue_job": document.get("JobName", ""),
        "glue_run_id": document.get("Id", ""),
    }
    if advice.look_at == _GLUE_RUN and not (places["glue_job"] and places["glue_run_id"]):
        return ""
    return advice.look_at.format(**places)


def _document(cause: str) -> Mapping[str, Any]:
    """Return the JSON document in a cause, empty when it is a plain text."""
    try:
        document = json.loads(cause)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _message(cause: str, document: Mapping[str, Any]) -> str:
    """Return the message inside a cause.

    Lambda puts {"errorMessage", "errorType", "stackTrace"} there, Glue its job run.
    """
    if "errorMessage" in document:
        return str(document["errorMessage"])
    if "JobName" in document:
        message = document.get("ErrorMessage") or document.get("JobRunState", "")
        return f"{document['JobName']}: {message}"
    return cause
