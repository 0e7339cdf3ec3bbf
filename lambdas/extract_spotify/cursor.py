"""The place an extraction has reached: all that a later invocation needs to go on.

It is saved after each raw part, so it never speaks of a line that is not stored.
"""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from extract_spotify.raw_parts import Part
from tonearm_pipeline.errors import RawCorruptError, RunInProgressError
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.keys import cursor_key

VERSION: Final = 1


@dataclass
class Progress:
    """How far the read of one source is.

    Attributes:
        source: its canonical URI.
        read: counted from 1; a torn playlist is read again as 2.
        is_opened: whether the first answer is in.
        answers: the answers of this read, in raw lines.
        collected: the entries so far; the offset of the next page.
        total: how many there should be, by the newest answer.
        has_more: whether the newest answer names a next page.
        snapshot_id: the version at the start of the read.
        fingerprint: the hash over the entries so far.
        details: the hash over what can change without the entries.
        head: mark of the first entry, where there is no version to compare.
        earlier_fingerprint: of the torn read before this one.
    """

    source: str
    read: int = 1
    is_opened: bool = False
    answers: int = 0
    collected: int = 0
    total: int = 0
    has_more: bool = False
    snapshot_id: str | None = None
    fingerprint: str = ""
    details: str = ""
    head: str = ""
    earlier_fingerprint: str | None = None

    @property
    def is_complete(self) -> bool:
        """Tell whether there are as many entries as there should be."""
        return self.collected == self.total

    @property
    def is_unfinished(self) -> bool:
        """Tell whether there may be entries that were not asked for."""
        return self.has_more or not self.is_complete


@dataclass
class Enrichment:
    """How far the optional last step is.

    Attributes:
        queue: kind and id of the objects still to be asked for.
        calls_left: what the step may still spend.
        due: the objects that were due when it began.
        taken: the objects that came, by kind.
        unknown: the objects Spotify does not know.
        stopped_by: the error that ended it early, empty when none did.
    """

    queue: list[tuple[str, str]] = field(default_factory=list)
    calls_left: int = 0
    due: int = 0
    taken: dict[str, int] = field(default_factory=dict)
    unknown: int = 0
    stopped_by: str = ""


@dataclass
class Cursor:
    """Everything an extraction knows so far.

    Attributes:
        run_id: the run.
        began_at: when its extraction began, as ISO text; all decisions use this one time.
        pending: canonical URIs still to be read; the first is being read.
        progress: of the source being read, by URI, and of those a batch has opened.
        states: what is known of each source from earlier runs.
        listed: snapshot ids from `me/playlists`, by URI.
        has_batch: whether batch endpoints may be used; None when not known yet.
        login_id: the login the run began with.
        account: the mark of whose token it is.
        answered: good answers so far.
        forbidden: answers with 403 so far.
        enrichment: the optional last step, None before it begins.
        parked_seconds: what the run was asked to wait in the state machine.
        parked_until: the end of the last such wait, as ISO text.
    """

    run_id: str
    began_at: str
    pending: list[str] = field(default_factory=list)
    progress: dict[str, Progress] = field(default_factory=dict)
    states: dict[str, dict[str, Any]] = field(default_factory=dict)
    listed: dict[str, str] = field(default_factory=dict)
    has_batch: bool | None = None
    login_id: str = ""
    account: str | None = None
    enrichment: Enrichment | None = None
    parts: list[Part] = field(default_factory=list)
    playlists: list[dict[str, Any]] = field(default_factory=list)
    others: list[dict[str, Any]] = field(default_factory=list)
    unchanged: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    superseded: list[dict[str, Any]] = field(default_factory=list)
    next_states: list[dict[str, Any]] = field(default_factory=list)
    calls: dict[str, int] = field(default_factory=dict)
    waited_seconds: float = 0.0
    parked_seconds: int = 0
    parked_until: str = ""
    answered: int = 0
    forbidden: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the cursor as JSON values."""
        return {"version": VERSION, **asdict(self)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Cursor":
        """Return the cursor in JSON values.

        Raises:
            RawCorruptError: it was written by another version of this code.
        """
        if values.pop("version", None) != VERSION:
            raise RawCorruptError("the cursor was written by another version of this code")
        progress = {uri: Progress(**one) for uri, one in values.pop("progress").items()}
        step = values.pop("enrichment", None)
        enrichment = None if step is None else Enrichment(**step)
        return cls(**values, progress=progress, enrichment=enrichment)


class CursorStore:
    """The cursor of one run in S3; nobody overwrites a cursor they have not read."""

    def __init__(self, store: JsonStore, run_id: str) -> None:
        self._store = store
        self._key = cursor_key(run_id)
        self._run_id = run_id
        self._etag: str | None = None

    def load(self) -> Cursor | None:
        """Return the saved cursor, or None when there is none yet."""
        found = self._store.get_with_etag(self._key)
        if found is None:
            return None
        values, self._etag = found
        return Cursor.from_json(values)

    def save(self, cursor: Cursor, now: datetime) -> None:
        """Save the cursor.

        Raises:
            RunInProgressError: another invocation of the run saved in between.
        """
        etag = self._store.put_if_unchanged(self._key, cursor.as_json(), self._etag)
        if etag is None:
            raise RunInProgressError(self._run_id, now)
        self._etag = etag
