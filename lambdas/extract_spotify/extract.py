"""One invocation of ExtractSpotify: take the lease, read on, say what comes next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any, Final

from extract_spotify.manifest import counts_of, raw_manifest
from extract_spotify.reading import in_reading_order, read_all
from extract_spotify.run import Rules, Run, logger
from tonearm_pipeline.clock import Clock, Deadline, utc_text
from tonearm_pipeline.cursor import Cursor, CursorStore
from tonearm_pipeline.errors import (
    BadEventError,
    NeedsLoginError,
    ParkedTooLongError,
    PermanentError,
    RateLimitedError,
    RunInProgressError,
    SpotifyUnavailableError,
)
from tonearm_pipeline.event_fields import text_field
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.keys import raw_manifest_key
from tonearm_pipeline.lease import Lease
from tonearm_pipeline.playlist_state import SourceStates
from tonearm_pipeline.quota import CallGate, OutOfTimeError, QuotaLedger, TokenBucket
from tonearm_pipeline.quota_mode import QuotaModes
from tonearm_pipeline.raw_store import RawStore
from tonearm_pipeline.sources import parse_sources
from tonearm_pipeline.spotify_client import SpotifyClient
from tonearm_pipeline.state_table import StateTable

# A parked run keeps the lease this long beyond its wait, so that it is the one to go on.
PARKED_LEASE_SECONDS: Final = 900
# While another run extracts, look again between these.
LEAST_LEASE_WAIT_SECONDS: Final = 5
MOST_LEASE_WAIT_SECONDS: Final = 600
_SECONDS_PER_HOUR: Final = 3600


@dataclass(frozen=True)
class ExtractRequest:
    """What the state machine asks for."""

    run_id: str
    plan_key: str

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> "ExtractRequest":
        """Return the request in an event.

        Raises:
            BadEventError: a field is missing or wrong.
        """
        return cls(text_field(event, "run_id"), text_field(event, "plan_key"))


@dataclass(frozen=True)
class Outcome:
    """What the state machine learns: `done`, `more`, `wait` or `needs_login`."""

    status: str
    manifest_key: str = ""
    changed: bool = False
    resume_at: str = ""
    wait_seconds: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    def as_event(self) -> dict[str, Any]:
        """Return the outcome as the function's answer."""
        return {
            "status": self.status,
            "manifest_key": self.manifest_key,
            "changed": self.changed,
            "resume_at": self.resume_at,
            "wait_seconds": self.wait_seconds,
            "counts": self.counts,
        }


@dataclass(frozen=True)
class Deps:
    """What an extraction works with; lives as long as the Lambda's process."""

    store: JsonStore
    table: StateTable
    client: SpotifyClient
    bucket: TokenBucket
    clock: Clock
    quota_mode: str
    max_park_hours: float
    full_check_days: int
    drop_personal_fields: bool


def extract(request: ExtractRequest, deps: Deps, deadline: Deadline, invocation_id: str) -> Outcome:
    """Read on from where the run stands, as far as time and quota allow.

    Args:
        request: the run and its plan.
        deps: what to work with.
        deadline: the invocation's.
        invocation_id: a text no other invocation has.

    Raises:
        PipelineError: see the function's page; whatever was read is saved before.
    """
    manifest = deps.store.get(raw_manifest_key(request.run_id))
    if manifest is not None:
        return _done(request.run_id, manifest)
    plan = deps.store.get(request.plan_key)
    if plan is None:
        raise BadEventError(f"the event's 'plan_key' names nothing: {request.plan_key}")
    lease = Lease(deps.table, deps.clock, request.run_id, invocation_id)
    try:
        lease.acquire()
    except RunInProgressError as exc:
        return _wait_for_other(exc, deps.clock.now())
    return _Invocation(request.run_id, plan, deps, deadline, lease).go_on()


class _Invocation:
    """The work of one invocation that holds the lease."""

    def __init__(
        self, run_id: str, plan: dict[str, Any], deps: Deps, deadline: Deadline, lease: Lease
    ) -> None:
        self._plan = plan
        self._deps = deps
        self._lease = lease
        self._ledger = QuotaLedger(deps.table, deps.clock)
        self._modes = QuotaModes(deps.table, deps.clock, deps.quota_mode)
        self._states = SourceStates(deps.table)
        self._run = self._open(run_id, deadline)

    @property
    def _cursor(self) -> Cursor:
        return self._run.cursor

    def go_on(self) -> Outcome:
        """Read until everything is read, or until there is a reason to stop."""
        cool_down = self._ledger.cool_down()
        if cool_down:
            return self._park(cool_down.until)
        try:
            read_all(self._run)
        except OutOfTimeError:
            return self._more()
        except RateLimitedError as exc:
            logger.warning("limited", extra={"seconds": exc.retry_after_seconds})
            return self._park(self._ledger.start_cool_down(exc))
        except NeedsLoginError:
            return self._needs_login()
        except SpotifyUnavailableError:
            self._run.save()
            raise
        except PermanentError:
            self._run.save()
            self._lease.release()
            raise
        return self._finish()

    def _open(self, run_id: str, deadline: Deadline) -> Run:
        deps = self._deps
        cursors = CursorStore(deps.store, run_id)
        saved = cursors.load()
        cursor = saved or self._first_cursor(run_id)
        raw = RawStore(deps.store, deps.clock, run_id, cursor.parts)
        adopted = raw.adopt()
        logger.info("opened", extra={"parts": len(cursor.parts), "adopted_lines": adopted})
        if saved is None:
            cursors.save(cursor, deps.clock.now())
        return Run(
            cursor=cursor,
            cursors=cursors,
            raw=raw,
            client=deps.client,
            gate=self._gate(cursor, deadline),
            states=self._states,
            clock=deps.clock,
            rules=self._rules(),
        )

    def _first_cursor(self, run_id: str) -> Cursor:
        pending = in_reading_order(list(parse_sources(self._plan["sources"])))
        states = self._states.read(pending)
        return Cursor(
            run_id=run_id,
            began_at=utc_text(self._deps.clock.now()),
            pending=pending,
            states={uri: state.as_fields() for uri, state in states.items()},
            has_batch=self._modes.has_batch(),
            account_id=self._modes.account_id(self._deps.client.login_id),
        )

    def _gate(self, cursor: Cursor, deadline: Deadline) -> CallGate:
        return CallGate(
            deadline=deadline,
            clock=self._deps.clock,
            ledger=self._ledger,
            bucket=self._deps.bucket,
            keep_lease=self._lease.renew_if_due,
            calls=cursor.calls,
        )

    def _rules(self) -> Rules:
        return Rules(
            force_full=bool(self._plan["force_full"]),
            full_check_days=self._deps.full_check_days,
            drop_personal_fields=self._deps.drop_personal_fields,
        )

    def _more(self) -> Outcome:
        self._run.save()
        return Outcome("more", counts=self._counts())

    def _needs_login(self) -> Outcome:
        self._run.save()
        self._lease.release()
        return Outcome("needs_login", counts=self._counts())

    def _park(self, until: datetime) -> Outcome:
        now = self._deps.clock.now()
        wait_seconds = max(1, ceil((until - now).total_seconds()))
        allowed_seconds = int(self._deps.max_park_hours * _SECONDS_PER_HOUR)
        parked_seconds = self._cursor.parked_seconds
        if parked_seconds + wait_seconds > allowed_seconds:
            self._give_up_parking()
            raise ParkedTooLongError(wait_seconds, parked_seconds, allowed_seconds)
        self._cursor.parked_seconds += wait_seconds
        self._run.save()
        resume_at = now + timedelta(seconds=wait_seconds)
        self._lease.hold_until(resume_at + timedelta(seconds=PARKED_LEASE_SECONDS))
        return _wait(resume_at, wait_seconds, self._counts())

    def _give_up_parking(self) -> None:
        # A redriven run may be parked anew.
        self._cursor.parked_seconds = 0
        self._run.save()
        self._lease.release()

    def _finish(self) -> Outcome:
        self._run.save()
        self._modes.remember(self._cursor.has_batch)
        self._modes.remember_account(self._deps.client.login_id, self._cursor.account_id)
        key = raw_manifest_key(self._cursor.run_id)
        manifest = raw_manifest(self._cursor, self._plan)
        self._deps.store.put_once(key, manifest)
        self._lease.release()
        return _done(self._cursor.run_id, manifest)

    def _counts(self) -> dict[str, int]:
        return counts_of(raw_manifest(self._cursor, self._plan))


def _done(run_id: str, manifest: dict[str, Any]) -> Outcome:
    return Outcome(
        "done",
        manifest_key=raw_manifest_key(run_id),
        changed=manifest["changed"],
        counts=counts_of(manifest),
    )


def _wait_for_other(exc: RunInProgressError, now: datetime) -> Outcome:
    left_seconds = ceil((exc.expires_at - now).total_seconds())
    wait_seconds = min(max(left_seconds, LEAST_LEASE_WAIT_SECONDS), MOST_LEASE_WAIT_SECONDS)
    logger.info("another run extracts", extra={"holder": exc.holder, "seconds": wait_seconds})
    empty = {"playlists": 0, "unchanged": 0, "refused": 0, "entries": 0, "calls": 0}
    return _wait(now + timedelta(seconds=wait_seconds), wait_seconds, empty)


def _wait(resume_at: datetime, wait_seconds: int, counts: dict[str, int]) -> Outcome:
    text = resume_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Outcome("wait", resume_at=text, wait_seconds=wait_seconds, counts=counts)
