"""The optional last step of an extraction: full albums and artists, from budget nothing else needs.

Playlists carry their albums and artists in short form. What a full object adds is worth a call only
when one is left over: the step takes from the rolling window what remains after keeping back as
many calls as the run has used, and never lets a run wait or fail. What it does not get to waits in
a list in S3 for the next run; what it got is asked for again only after its time to live.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from extract_spotify.cursor import Enrichment
from extract_spotify.entries import content_of, entries_in
from extract_spotify.run import Run, logger
from tonearm_pipeline.errors import (
    AccessRefusedError,
    NeedsLoginError,
    RateLimitedError,
    SpotifyUnavailableError,
    WrongAppError,
)
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.keys import enrichment_key
from tonearm_pipeline.sources import ALBUM, ARTIST, ENRICH_CHOICES, Source
from tonearm_pipeline.spotify.client import BATCHES, Call
from tonearm_pipeline.spotify.quota import QuotaLedger
from tonearm_pipeline.spotify.responses import EndpointGoneError, SourceRefusedError
from tonearm_pipeline.state.sources import SourceState

_NOT_WORTH_A_FAILURE: Final = (
    AccessRefusedError,
    NeedsLoginError,
    SpotifyUnavailableError,
    WrongAppError,
)
# Beside the state of the same object as a source of its own.
_STATE_PREFIX: Final = "enriched/"


class EnrichRules(NamedTuple):
    """What a run was told about this step.

    Attributes:
        choice: a key of `ENRICH_CHOICES`.
        days: how long a full object is good for.
        quota_mode: what the client may use.
    """

    choice: str
    days: int
    quota_mode: str


def enrich(run: Run, rules: EnrichRules, ledger: QuotaLedger, store: JsonStore) -> None:
    """Ask for full albums and artists of what was read, as far as left-over calls go.

    Args:
        run: the extraction, with all its sources read.
        rules: what the run was told about this step.
        ledger: tells what is left.
        store: keeps what waits.

    Raises:
        OutOfTimeError: the invocation is near its end; the next one goes on in the queue.
    """
    # Alone it is not worth three Glue jobs: what waits gets its turn when something changed.
    if not ENRICH_CHOICES[rules.choice] or not run.has_changes:
        return
    if run.cursor.enrichment is None:
        run.save()
        run.cursor.enrichment = _plan(run, rules, ledger, store)
        # Before the first question, so that a resumed run asks the same ones again.
        run.save_cursor()
    try:
        while _is_worth_a_call(run.cursor.enrichment):
            _take_next(run, run.cursor.enrichment)
            run.checkpoint()
    except RateLimitedError as exc:
        ledger.start_cool_down(exc)
        _stop(run.cursor.enrichment, exc)
    except _NOT_WORTH_A_FAILURE as exc:
        _stop(run.cursor.enrichment, exc)


def _plan(run: Run, rules: EnrichRules, ledger: QuotaLedger, store: JsonStore) -> Enrichment:
    """Return the objects this run will ask for; all that are due are noted for later runs."""
    waiting = _waiting_now(run, rules, store)
    kept_back = sum(run.cursor.calls.values())
    left = max(0, ledger.left(rules.quota_mode) - kept_back)
    queue = [(kind, one) for kind in ENRICH_CHOICES[rules.choice] for one in waiting[kind]]
    size = max(batch.size for batch in BATCHES.values()) if run.cursor.has_batch else 1
    logger.info("enrichment", extra={"due": len(queue), "calls_left_over": left})
    return Enrichment(queue=queue[: left * size], calls_left=left, due=len(queue))


def _waiting_now(run: Run, rules: EnrichRules, store: JsonStore) -> dict[str, list[str]]:
    key, kinds = enrichment_key(), ENRICH_CHOICES[rules.choice]
    found = store.get_with_etag(key)
    known, etag = found or ({}, None)
    seen = _ids_seen(run, kinds)
    waiting = dict(known)
    for kind in kinds:
        wanted = list(dict.fromkeys([*known.get(kind, []), *seen[kind]]))
        waiting[kind] = _due(run, kind, wanted, rules.days)
    if waiting != known:
        # The lease lets one run at a time do this; were it not so, the other one's list stands.
        store.put_if_unchanged(key, waiting, etag)
    return waiting


def _due(run: Run, kind: str, idents: list[str], days: int) -> list[str]:
    uris = {ident: Source(kind, ident).uri for ident in idents}
    states = run.states_of(_STATE_PREFIX + uri for uri in uris.values())
    sources = run.known_sources()
    return [
        ident
        for ident, uri in uris.items()
        if uri not in sources
        and states.get(_STATE_PREFIX + uri, SourceState()).is_full_check_due(run.began_at, days)
    ]


def _ids_seen(run: Run, kinds: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the ids in the chosen reads of this run, in the order they stand there."""
    found: dict[str, dict[str, None]] = {kind: {} for kind in kinds}
    chosen = {(one["source"], one["read"]) for one in run.cursor.playlists}
    for line in run.stored_lines():
        if (line["source"], line["read"]) not in chosen:
            continue
        for content in map(content_of, entries_in(line["body"])):
            for kind, ident in _objects_of(content):
                if kind in found and ident:
                    found[kind][str(ident)] = None
    return {kind: list(idents) for kind, idents in found.items()}


def _objects_of(content: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    album = content.get("album")
    album = album if isinstance(album, dict) and album.get("type") in (None, ALBUM) else {}
    yield ALBUM, album.get("id")
    for artists in (content.get("artists"), album.get("artists")):
        for artist in artists if isinstance(artists, list) else []:
            if isinstance(artist, dict) and artist.get("type") in (None, ARTIST):
                yield ARTIST, artist.get("id")


def _is_worth_a_call(plan: Enrichment) -> bool:
    return bool(plan.queue) and plan.calls_left > 0 and not plan.stopped_by


def _take_next(run: Run, plan: Enrichment) -> None:
    kind = plan.queue[0][0]
    batch = BATCHES[kind]
    size = batch.size if run.cursor.has_batch else 1
    same_kind = [one for one in plan.queue[:size] if one[0] == kind]
    idents = [ident for _, ident in same_kind]
    if len(idents) > 1:
        _take_batch(run, plan, kind, idents)
    else:
        _take_one(run, plan, kind, idents[0])


def _take_one(run: Run, plan: Enrichment, kind: str, ident: str) -> None:
    uri = Source(kind, ident).uri
    try:
        page = run.ask(Call(kind, ident), uri)
    except SourceRefusedError:
        plan.unknown += 1
    else:
        run.keep(page, None, is_consistent=None)
        plan.taken[kind] = plan.taken.get(kind, 0) + 1
    _settle(run, plan, [uri])


def _take_batch(run: Run, plan: Enrichment, kind: str, idents: list[str]) -> None:
    batch = BATCHES[kind]
    try:
        page = run.ask(Call(batch.kind, ",".join(idents)), batch.kind)
    except (EndpointGoneError, SourceRefusedError):
        run.cursor.has_batch = False
        plan.calls_left -= 1
        return
    run.keep(page, None, is_consistent=None)
    known = sum(isinstance(body, dict) for body in page.body[batch.kind])
    plan.taken[kind] = plan.taken.get(kind, 0) + known
    plan.unknown += len(idents) - known
    _settle(run, plan, [Source(kind, ident).uri for ident in idents])


def _settle(run: Run, plan: Enrichment, uris: Iterable[str]) -> None:
    for uri in uris:
        run.note_enriched(_STATE_PREFIX + uri)
        del plan.queue[0]
    plan.calls_left -= 1


def _stop(plan: Enrichment, exc: Exception) -> None:
    plan.stopped_by = type(exc).__name__
    logger.warning("enrichment stopped", extra={"reason": str(exc)})
