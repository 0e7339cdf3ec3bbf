"""One extraction in the making: asks, keeps, checkpoints, and notes what becomes of each source."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

from aws_lambda_powertools import Logger

from extract_spotify.cursor import Cursor, CursorStore, Progress
from extract_spotify.personal import SPOTIFY_OWNER, only_account_mark, without_personal_fields
from extract_spotify.raw_parts import Line, RawStore
from extract_spotify.refusals import advice_for
from extract_spotify.rules import Rules
from tonearm_pipeline.clock import Clock, utc_moment, utc_text
from tonearm_pipeline.errors import RawCorruptError
from tonearm_pipeline.sources import ALBUM, ARTIST, parse_source
from tonearm_pipeline.spotify.client import Call, Reply, SpotifyClient
from tonearm_pipeline.spotify.quota import CallGate
from tonearm_pipeline.spotify.responses import SourceRefusedError
from tonearm_pipeline.state.sources import SourceState, SourceStates

SERVICE: Final = "extract_spotify"
_FORBIDDEN: Final = 403

logger = Logger(service=SERVICE)


class Page(NamedTuple):
    """One answer as a raw line; `is_new` when it is not stored yet."""

    line: Line
    is_new: bool

    @property
    def body(self) -> dict[str, Any]:
        """The answer's body."""
        body: dict[str, Any] = self.line["body"]
        return body


class Run:
    """The extraction of one run.

    Args:
        cursor: what is known so far; changed in place.
        cursors: where the cursor is saved.
        raw: where lines go.
        client: asks Spotify.
        gate: what each request passes.
        states: what earlier runs left.
        clock: tells the time.
        rules: what the run was told.
    """

    def __init__(
        self,
        *,
        cursor: Cursor,
        cursors: CursorStore,
        raw: RawStore,
        client: SpotifyClient,
        gate: CallGate,
        states: SourceStates,
        clock: Clock,
        rules: Rules,
    ) -> None:
        self.cursor = cursor
        self.client = client
        self.rules = rules
        self._cursors = cursors
        self._raw = raw
        self._gate = gate
        self._states = states
        self._clock = clock
        self._waited_before = cursor.waited_seconds

    @property
    def began_at(self) -> datetime:
        """The one time all decisions of this extraction use, however often it is resumed."""
        return utc_moment(self.cursor.began_at)

    # ------------------------------------------------------------------ asking
    def ask(self, call: Call, source: str, read: int = 1, line_kind: str = "") -> Page:
        """Return an answer: from a part that was adopted, or else from Spotify.

        Args:
            call: the question.
            source: the canonical URI it is asked for.
            read: which read of the source.
            line_kind: the raw line's kind where it differs from the call's.
        """
        kind = line_kind or call.kind
        ids = call.ident if "," in call.ident or call.kind in ("albums", "artists") else ""
        adopted = self._raw.take((kind, source, read, call.offset, ids))
        if adopted:
            return Page(adopted, is_new=False)
        reply = self.client.ask(call, self._gate)
        self.cursor.answered += 1
        logger.info("answer", extra={"kind": kind, "source": source, "offset": call.offset})
        return Page(self._line(kind, source, read, reply), is_new=True)

    def keep(self, page: Page, snapshot_id: str | None, is_consistent: bool | None) -> None:
        """Put an answer among the raw lines, with what is known about its version."""
        if page.is_new:
            self._raw.add(page.line | {"snapshot_id": snapshot_id, "is_consistent": is_consistent})

    def checkpoint(self) -> None:
        """Save everything if a part is full; call it only when the cursor tells all lines."""
        if self._raw.is_full:
            self.save()

    def save(self) -> None:
        """Write the open part and then the cursor that knows it.

        While lines of an adopted part are still to be placed nothing is saved: the old cursor
        and the part together are the truth until then.
        """
        if self._raw.is_replaying:
            return
        self._raw.flush()
        self.save_cursor()

    def save_cursor(self) -> None:
        """Write the cursor; call it only when all lines are in parts it knows."""
        self.cursor.waited_seconds = self._waited_before + self._gate.waited_seconds
        self._cursors.save(self.cursor, self._clock.now())

    def stored_lines(self) -> Iterator[Line]:
        """Return the lines of all parts written so far, one after the other."""
        return self._raw.stored_lines()

    # ------------------------------------------------------------------ what is known
    def progress_of(self, source: str) -> Progress:
        """Return how far the read of a source is."""
        return self.cursor.progress.setdefault(source, Progress(source))

    @property
    def has_changes(self) -> bool:
        """Tell whether the run found anything to transform."""
        return bool(self._chosen())

    @property
    def is_for_users_only(self) -> bool:
        """Tell whether there is nothing to read that an app may see without a user."""
        uris = [*self.cursor.pending, *(one["source"] for one in self._chosen())]
        return not any(parse_source(uri).kind in (ALBUM, ARTIST) for uri in uris)

    def known_sources(self) -> set[str]:
        """Return the canonical URIs of what was read or refused for itself."""
        found = self._chosen() + self.cursor.unchanged + self.cursor.refused
        return {one["source"] for one in found}

    def states_of(self, sources: Iterable[str]) -> dict[str, SourceState]:
        """Return what earlier runs left for sources, as it is now."""
        return self._states.read(sources)

    def learn_states(self, sources: Iterable[str]) -> None:
        """Read what earlier runs left for sources, once for this extraction."""
        unknown = [source for source in sources if source not in self.cursor.states]
        found = self._states.read(unknown)
        self.cursor.states |= {source: found[source].as_fields() for source in found}

    def state_of(self, source: str) -> SourceState:
        """Return what earlier runs left for a source."""
        return SourceState.from_fields(self.cursor.states.get(source, {}))

    def is_same_version(self, source: str, snapshot_id: str | None, owner_id: str) -> bool:
        """Tell whether a source need not be read: its version is known and may be trusted."""
        state = self.state_of(source)
        return (
            not self.rules.force_full
            # Spotify's own lists name a new version at every request.
            and owner_id != SPOTIFY_OWNER
            and snapshot_id is not None
            and snapshot_id == state.snapshot_id
            and not state.is_full_check_due(self.began_at, self.rules.full_check_days)
        )

    def is_same_content(self, progress: Progress) -> bool:
        """Tell whether a complete read found what the last good one found, and its rows will stay.

        Rows expire with the retention, also those of a list that nobody has changed for a year.
        """
        state = self.state_of(progress.source)
        return (
            not self.rules.force_full
            and not state.is_rewrite_due(self.began_at, self.rules.rewrite_days)
            and progress.is_complete
            and progress.fingerprint == state.fingerprint
            and progress.details == (state.details or "")
        )

    # ------------------------------------------------------------------ outcomes
    def leave_unchanged(self, source: str, why: str) -> None:
        """Note that a source is as it was."""
        self.cursor.unchanged.append({"source": source, "why": why})

    def supersede(self, source: str, read: int) -> None:
        """Note that the raw lines of a read do not count."""
        self.cursor.superseded.append({"source": source, "read": read})

    def refuse(self, source: str, status: int | None, reason: str | None) -> None:
        """Note that a source cannot be read, and why."""
        progress = self.cursor.progress.get(source)
        if progress and progress.answers:
            self.supersede(source, progress.read)
        advice = advice_for(parse_source(source).kind, status, reason)
        self.cursor.forbidden += status == _FORBIDDEN
        self.cursor.refused.append(
            {"source": source, "status": status, "reason": reason, **advice._asdict()}
        )
        logger.warning("source refused", extra={"source": source, "status": status})

    def refuse_after(self, source: str, error: SourceRefusedError) -> None:
        """Note that Spotify refused a source."""
        self.refuse(source, error.status, error.reason)

    def note_state(
        self,
        progress: Progress,
        is_version_good: bool,
        is_content_good: bool,
        playlists: list[str] | None = None,
    ) -> None:
        """Note the state a source will have once the run's ledger balances."""
        is_same = self.is_same_content(progress)
        before = self.state_of(progress.source)
        state = SourceState(
            snapshot_id=progress.snapshot_id if is_version_good else None,
            fingerprint=progress.fingerprint if is_content_good else None,
            details=progress.details,
            total=progress.collected,
            calls=progress.answers,
            last_run_id=self.cursor.run_id,
            last_read_at=self.cursor.began_at,
            last_full_check_at=self.cursor.began_at if is_content_good else None,
            rows_written_at=before.rows_written_at if is_same else self.cursor.began_at,
            playlists=playlists,
        )
        self.cursor.next_states.append({"source": progress.source, "next_state": state.as_fields()})

    def note_enriched(self, name: str) -> None:
        """Note that a full object was asked for, for once the run's ledger balances."""
        state = SourceState(
            last_run_id=self.cursor.run_id,
            last_read_at=self.cursor.began_at,
            last_full_check_at=self.cursor.began_at,
        )
        self.cursor.next_states.append({"source": name, "next_state": state.as_fields()})

    def settle(self, source: str) -> None:
        """Close a source: it is no longer pending, and no adopted line of it is left over.

        Raises:
            RawCorruptError: raw holds lines of the read that was chosen, but nobody needs them.
        """
        for read in sorted(self._raw.drop_leftovers(source)):
            if any(one["source"] == source and one["read"] == read for one in self._chosen()):
                raise RawCorruptError(f"raw holds unexpected lines of {source}, read {read}")
            self.supersede(source, read)
        self.cursor.progress.pop(source, None)
        self.cursor.pending.remove(source)
        self.checkpoint()

    def _chosen(self) -> list[dict[str, Any]]:
        return self.cursor.playlists + self.cursor.others

    def _line(self, kind: str, source: str, read: int, reply: Reply) -> Line:
        body = reply.body
        if self.rules.drop_personal_fields:
            body = only_account_mark(body) if kind == "me" else without_personal_fields(body)
        return {
            "run_id": self.cursor.run_id,
            "kind": kind,
            "fetched_at": utc_text(reply.fetched_at),
            "source": source,
            "read": read,
            "method": "GET",
            "path": reply.sent.path,
            "params": reply.sent.params,
            "status": reply.sent.status,
            "snapshot_id": None,
            "is_consistent": None,
            "body": body,
        }
