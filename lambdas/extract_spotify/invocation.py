"""The work of one invocation of ExtractSpotify that holds the lease."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from extract_spotify.client_memory import QuotaModes
from extract_spotify.cursor import Cursor, CursorStore
from extract_spotify.enrichment import EnrichRules, enrich
from extract_spotify.lease import Lease
from extract_spotify.manifest import NO_COUNTS, counts_of, raw_manifest
from extract_spotify.outcome import Outcome, done, wait
from extract_spotify.raw_parts import RawStore
from extract_spotify.reading import in_reading_order, read_all
from extract_spotify.rules import Rules
from extract_spotify.run import Run, logger
from extract_spotify.telling import tell_login, tell_parked, tell_quota
from tonearm_pipeline.clock import Clock, Deadline, utc_moment, utc_text
from tonearm_pipeline.errors import (
    DataError,
    NeedsLoginError,
    ParkedTooLongError,
    PermanentError,
    RateLimitedError,
    SpotifyUnavailableError,
)
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.keys import raw_manifest_key
from tonearm_pipeline.sources import NONE, parse_sources
from tonearm_pipeline.spotify.client import SpotifyClient
from tonearm_pipeline.spotify.quota import CallGate, CallWindow, OutOfTimeError, QuotaLedger
from tonearm_pipeline.state.sources import SourceStates
from tonearm_pipeline.state.table import StateTable
from tonearm_pipeline.state.unfinished import UnfinishedRuns

# A parked run keeps the lease this long beyond its wait, so that it is the one to go on.
PARKED_LEASE_SECONDS: Final = 900
_SECONDS_PER_HOUR: Final = 3600


@dataclass(frozen=True)
class Deps:
    """What an extraction works with; lives as long as the Lambda's process."""

    store: JsonStore
    table: StateTable
    client: SpotifyClient
    window: CallWindow
    clock: Clock
    quota_mode: str
    max_park_hours: float
    full_check_days: int
    drop_personal_fields: bool
    enrich_days: int
    retention_days: int
    namespace: str

    @property
    def rewrite_days(self) -> int:
        """Half of what is kept: the other half is for runs that fail or do not take place."""
        return self.retention_days // 2


class Invocation:
    """One invocation of one run.

    Args:
        plan: the run's.
        deps: what to work with.
        deadline: the invocation's.
        lease: held by this invocation.
    """

    def __init__(self, plan: dict[str, Any], deps: Deps, deadline: Deadline, lease: Lease) -> None:
        self._plan = plan
        self._deps = deps
        self._deadline = deadline
        self._lease = lease
        self._ledger = QuotaLedger(deps.table, deps.clock)
        self._modes = QuotaModes(deps.table, deps.clock, deps.quota_mode)
        self._states = SourceStates(deps.table)
        self._run: Run | None = None

    def go_on(self) -> Outcome:
        """Read until everything is read, or until there is a reason to stop.

        Raises:
            PipelineError: whatever was read is saved; a run that a person can help is left for the
                next execution to continue.
        """
        outcome = self._go_on()
        tell_quota(self._ledger, self._deps.quota_mode, self._deps.namespace)
        return outcome

    def _go_on(self) -> Outcome:
        deps = self._deps
        try:
            tell_login(deps.client.authorized_at, deps.clock.now(), deps.namespace)
            return self._read_on(self._open())
        except NeedsLoginError as exc:
            logger.warning("needs a login", extra={"reason": str(exc)})
            self._leave_unfinished()
            return Outcome("needs_login", counts=self._counts())
        except PermanentError:
            self._leave_unfinished()
            raise
        except DataError:
            self._lease.release()
            raise
        except SpotifyUnavailableError:
            self._save()
            raise

    def _read_on(self, run: Run) -> Outcome:
        cool_down = self._ledger.cool_down()
        if cool_down:
            return self._park(run, cool_down.until)
        try:
            read_all(run)
            enrich(run, self._enrich_rules(), self._ledger, self._deps.store)
        except OutOfTimeError:
            run.save()
            return Outcome("more", counts=self._counts())
        except RateLimitedError as exc:
            logger.warning("limited", extra={"seconds": exc.retry_after_seconds})
            return self._park(run, self._ledger.start_cool_down(exc))
        return self._finish(run)

    # ------------------------------------------------------------------ opening
    def _open(self) -> Run:
        deps, run_id = self._deps, self._plan["run_id"]
        cursors = CursorStore(deps.store, run_id)
        saved = cursors.load()
        cursor = saved or self._first_cursor(run_id)
        raw = RawStore(deps.store, deps.clock, run_id, cursor.parts)
        adopted = raw.adopt()
        logger.info("opened", extra={"parts": len(cursor.parts), "adopted_lines": adopted})
        if saved is None:
            cursors.save(cursor, deps.clock.now())
        self._run = Run(
            cursor=cursor,
            cursors=cursors,
            raw=raw,
            client=deps.client,
            gate=self._gate(cursor),
            states=self._states,
            clock=deps.clock,
            rules=self._rules(),
        )
        return self._run

    def _first_cursor(self, run_id: str) -> Cursor:
        pending = in_reading_order(list(parse_sources(self._plan["sources"])))
        states = self._states.read(pending)
        login_id = self._deps.client.login_id
        return Cursor(
            run_id=run_id,
            began_at=utc_text(self._deps.clock.now()),
            pending=pending,
            states={uri: state.as_fields() for uri, state in states.items()},
            has_batch=self._modes.has_batch(),
            login_id=login_id,
            account=self._modes.account(login_id),
        )

    def _gate(self, cursor: Cursor) -> CallGate:
        return CallGate(
            deadline=self._deadline,
            clock=self._deps.clock,
            ledger=self._ledger,
            window=self._deps.window,
            keep_lease=self._lease.renew_if_due,
            calls=cursor.calls,
        )

    def _rules(self) -> Rules:
        return Rules(
            force_full=bool(self._plan["force_full"]),
            full_check_days=self._deps.full_check_days,
            rewrite_days=self._deps.rewrite_days,
            drop_personal_fields=self._deps.drop_personal_fields,
        )

    def _enrich_rules(self) -> EnrichRules:
        deps = self._deps
        days = min(deps.enrich_days, deps.rewrite_days)
        return EnrichRules(self._plan.get("enrich", NONE), days, deps.quota_mode)

    # ------------------------------------------------------------------ stopping
    def _park(self, run: Run, until: datetime) -> Outcome:
        now, cursor = self._deps.clock.now(), run.cursor
        wait_seconds = max(1, ceil((until - now).total_seconds()))
        resume_at = now + timedelta(seconds=wait_seconds)
        # A run that was woken too early parks again for the rest of what is counted already.
        counted_to = max(now, utc_moment(cursor.parked_until)) if cursor.parked_until else now
        new_seconds = max(0, ceil((resume_at - counted_to).total_seconds()))
        allowed_seconds = int(self._deps.max_park_hours * _SECONDS_PER_HOUR)
        if cursor.parked_seconds + new_seconds > allowed_seconds:
            parked_seconds = cursor.parked_seconds
            # The execution that goes on with this run may be parked anew.
            cursor.parked_seconds, cursor.parked_until = 0, ""
            raise ParkedTooLongError(wait_seconds, parked_seconds, allowed_seconds)
        cursor.parked_seconds += new_seconds
        cursor.parked_until = utc_text(resume_at)
        run.save()
        self._lease.hold_until(resume_at + timedelta(seconds=PARKED_LEASE_SECONDS))
        tell_parked(cursor.parked_seconds, cursor.run_id, self._deps.namespace)
        return wait(resume_at, wait_seconds, self._counts())

    def _leave_unfinished(self) -> None:
        """Let the next execution of the same plan continue: this one is about to turn red."""
        self._save()
        UnfinishedRuns(self._deps.table, self._deps.clock).leave(self._plan)
        self._lease.release()

    def _finish(self, run: Run) -> Outcome:
        run.save()
        cursor = run.cursor
        self._modes.remember(cursor.has_batch)
        if cursor.login_id == self._deps.client.login_id:
            self._modes.remember_account(cursor.login_id, cursor.account)
        manifest = raw_manifest(cursor, self._plan)
        self._deps.store.put_once(raw_manifest_key(cursor.run_id), manifest)
        self._lease.release()
        return done(cursor.run_id, manifest)

    def _save(self) -> None:
        if self._run:
            self._run.save()

    def _counts(self) -> dict[str, int]:
        if self._run is None:
            return dict(NO_COUNTS)
        return counts_of(raw_manifest(self._run.cursor, self._plan))
