"""Every error the pipeline raises, grouped by what to do next.

Step Functions matches the class NAME, so renaming a class changes an interface: a contract test
compares these names with `statemachine/pipeline.asl.json`.
"""

from datetime import datetime


class PipelineError(Exception):
    """Base of all errors the pipeline raises on purpose."""


class TransientError(PipelineError):
    """Trying again may help: the state machine retries it."""


class PermanentError(PipelineError):
    """Trying again cannot help: a person must change something first."""


class DataError(PipelineError):
    """The data is not what it must be: nothing is published, the run stops."""


# ------------------------------------------------------------------ transient
class SpotifyUnavailableError(TransientError):
    """Spotify answered 5xx, not at all, or with a body that is not JSON."""


class StorageUnavailableError(TransientError):
    """S3, DynamoDB or Secrets Manager did not answer, or throttled."""


class WarehouseUnavailableError(TransientError):
    """Snowflake did not answer or could not be reached."""


class RunInProgressError(TransientError):
    """Another execution holds the lease."""

    def __init__(self, holder: str, expires_at: datetime) -> None:
        self.holder = holder
        self.expires_at = expires_at
        super().__init__(f"run {holder} holds the lease until {expires_at.isoformat()}")


class RateLimitedError(TransientError):
    """Spotify asked to wait; `retry_after_seconds` is its own figure, `reason` its error.reason."""

    def __init__(self, retry_after_seconds: int, reason: str | None, endpoint: str) -> None:
        self.retry_after_seconds = retry_after_seconds
        self.reason = reason
        self.endpoint = endpoint
        super().__init__(
            f"{endpoint}: asked to wait {retry_after_seconds} s ({reason or 'rate limit'})"
        )


# ------------------------------------------------------------------ permanent
class BadEventError(PermanentError):
    """The input of a function misses a field or holds a wrong one."""


class SettingsError(PermanentError):
    """Environment variables are missing or malformed; the message lists every one."""


class BadSourceError(PermanentError):
    """The list of sources is empty or holds things that are not Spotify sources; lists them all."""


class NeedsLoginError(PermanentError):
    """There is no usable Spotify token: `tonearm login` is the cure."""


class WrongAppError(PermanentError):
    """Spotify does not know the client id, or the client secret is not its own: `tonearm login`."""


class AccessRefusedError(PermanentError):
    """Spotify refused this client as a whole (not one playlist)."""


class AwsRefusedError(PermanentError):
    """AWS refuses an action, or knows no such resource; trying again gives the same answer.

    Attributes:
        what: what was being done, with the resource.
        action: the API's operation, such as `GetObject`.
        code: AWS's own code for the refusal.
    """

    def __init__(self, what: str, action: str, code: str, message: str) -> None:
        self.what = what
        self.action = action
        self.code = code
        super().__init__(f"{what}: {action} was refused ({code}): {message}")


class ParkedTooLongError(PermanentError):
    """Spotify asks to wait longer than MAX_PARK_HOURS allows a run to be parked."""

    def __init__(self, wait_seconds: int, parked_seconds: int, allowed_seconds: int) -> None:
        self.wait_seconds = wait_seconds
        self.parked_seconds = parked_seconds
        self.allowed_seconds = allowed_seconds
        super().__init__(
            f"asked to wait {wait_seconds} s after {parked_seconds} s of waiting; "
            f"a run may be parked for {allowed_seconds} s (MAX_PARK_HOURS)"
        )


class RunTooLargeError(PermanentError):
    """The run's forecast is above what the stack allows; nothing was asked of Spotify."""


class RunTooLongError(PermanentError):
    """The run went around a loop of the state machine more often than one execution may.

    Only the state machine reports it, by this name.
    """


class WarehouseNotWiredError(PermanentError):
    """Snowflake is not set up for this stack, or refuses the key: `tonearm snowflake deploy`."""


class LoadFailedError(PermanentError):
    """Snowpipe refused a file; the message holds the file and its first error."""


class LoadPendingError(PermanentError):
    """Snowpipe did not load every file within the time the run allows."""


class CoreNotRefreshedError(PermanentError):
    """The files are in landing, but core could not be refreshed from them."""


# ------------------------------------------------------------------ data
class RawCorruptError(DataError):
    """A raw part is missing, cut or not what the manifest says."""


class AuditError(DataError):
    """Staged files do not pass the audit; nothing was published."""


class QuarantineLimitError(DataError):
    """More rows went to quarantine than the run allows."""


class LedgerUnbalancedError(DataError):
    """The ledger does not balance; names step, file and difference."""
