"""Who the stack is at Spotify, how long its login lasts, what it may read, what quota is left.

Each question is one call, counted in the stack's own quota ledger like a run's.
"""

from collections.abc import Iterator
from datetime import UTC

from extract_spotify.refusals import advice_for
from tonearm.doctor.context import Patient
from tonearm.findings import LOGIN, Fact, Finding, Said, run_command, set_parameter
from tonearm_pipeline.clock import Deadline, SystemClock
from tonearm_pipeline.errors import (
    BadSourceError,
    NeedsLoginError,
    PipelineError,
    RateLimitedError,
    WrongAppError,
)
from tonearm_pipeline.login_life import WARNING_DAYS, login_days_left
from tonearm_pipeline.sources import (
    ALBUM,
    ARTIST,
    MY_PLAYLISTS,
    MY_TRACKS,
    PLAYLIST,
    Source,
    parse_sources,
)
from tonearm_pipeline.spotify.client import Call, SpotifyClient
from tonearm_pipeline.spotify.quota import CallGate, CallWindow, QuotaLedger
from tonearm_pipeline.spotify.responses import SourceRefusedError
from tonearm_pipeline.spotify.tokens import AccessTokens, SecretStore
from tonearm_pipeline.state.table import StateTable

_APP_PAGE = "developer.spotify.com/dashboard"
_FIRST_CALL = {
    PLAYLIST: "playlist_items",
    ALBUM: "album",
    ARTIST: "artist",
    MY_PLAYLISTS: "my_playlists",
    MY_TRACKS: "saved_tracks_head",
}
_SECONDS = 120


def check_quota(patient: Patient) -> Said:
    """What the rolling day still allows, and whether a cool-down is on."""
    ledger = _ledger(patient)
    mode = patient.stack.parameter("QuotaMode") or "development"
    used, left = ledger.used(), ledger.left(mode)
    yield Fact("quota", f"{used:,} calls in the last 24 hours, about {left:,} left ({mode} mode)")
    if cool_down := ledger.cool_down():
        until = f"{cool_down.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        why = cool_down.reason or "rate limit"
        yield Finding("quota", f"Spotify lets nobody call until {until} ({why})", f"wait: {until}")
    last = _last_calls(patient)
    if last and left < last:
        what = f"about {left:,} calls are left, the last run took {last:,}"
        fix = "wait some hours, or name fewer sources with " + run_command(
            "tonearm run --source PLAYLIST_URL", patient.stack_name
        ).removeprefix("run ")
        yield Finding("quota", what, fix)


def check_login(patient: Patient) -> Said:
    """Whether there is a login, whose it is, and how long it lasts."""
    tokens = _tokens(patient)
    fix = run_command(LOGIN, patient.stack_name)
    try:
        has_user, authorized_at = tokens.has_user, tokens.authorized_at
        tokens.access_token()
    except (NeedsLoginError, WrongAppError) as error:
        yield Finding("login", str(error).removesuffix("; run `tonearm login`"), fix)
        return
    except PipelineError as error:
        yield Finding("login", f"no token: {error}", "try again later")
        return
    if not has_user:
        yield from _without_user(patient)
        return
    yield from _life(patient, authorized_at)
    yield from _account(patient, tokens)


def check_sources(patient: Patient) -> Said:
    """Whether each source of the stack can be read, and why not."""
    try:
        sources = _sources(patient)
    except BadSourceError as error:
        fix = set_parameter("DefaultSources", "me/playlists", patient.stack_name)
        yield Finding("sources", str(error), fix)
        return
    if _ledger(patient).cool_down():
        return
    client = _client(patient, _tokens(patient))
    try:
        has_user = client.has_user
    except NeedsLoginError:
        return
    for source in sources:
        if not has_user and source.kind not in (ALBUM, ARTIST):
            continue
        try:
            yield from _source(patient, client, source)
        except RateLimitedError as error:
            _ledger(patient).start_cool_down(error)
            what = f"{source.uri}: Spotify asks to wait {error.retry_after_seconds:,} s"
            yield Finding("quota", what, "wait, and look again")
            return


def check_refused(patient: Patient) -> Said:
    """What the last run found refused, with the reasons it wrote down."""
    for run in patient.green[:1]:
        raw = patient.runs.json_object(f"raw/{run.run_id}/manifest.json") or {}
        for refused in raw.get("refused", []):
            kind = refused["source"].split(":")[1] if ":" in refused["source"] else ""
            advice = advice_for(kind, refused.get("status"), refused.get("reason"))
            yield Fact("sources", f"{refused['source']} is left out: {advice.why} {advice.fix}")


def _source(patient: Patient, client: SpotifyClient, source: Source) -> Said:
    try:
        client.ask(Call(_FIRST_CALL[source.kind], source.id), _gate(patient))
    except SourceRefusedError as error:
        advice = advice_for(source.kind, error.status, error.reason)
        what = f"{source.uri} cannot be read ({error.status}): {advice.why}"
        yield Finding("sources", what, advice.fix)
    except RateLimitedError:
        raise
    except PipelineError:
        return  # the login's own check tells it
    else:
        yield Fact("sources", f"{source.uri} can be read")


def _without_user(patient: Patient) -> Said:
    try:
        sources = _sources(patient)
    except BadSourceError:
        return
    private = [s.uri for s in sources if s.kind not in (ALBUM, ARTIST)]
    yield Fact("login", "nobody has logged in: the app reads albums and artists only")
    if private:
        what = f"nobody has logged in, and {', '.join(private)} need a user"
        yield Finding("login", what, run_command(LOGIN, patient.stack_name))


def _life(patient: Patient, authorized_at: str | None) -> Iterator[Finding | Fact]:
    days = login_days_left(authorized_at, patient.now)
    fix = run_command(LOGIN, patient.stack_name)
    if days is None:
        what = "the secret does not say when the user agreed, so nobody knows when the login ends"
        yield Finding("login", what, fix)
    elif days <= WARNING_DAYS:
        yield Finding("login", f"the login ends in {days} days", fix)
    else:
        yield Fact("login", f"the login lasts {days} more days")


def _account(patient: Patient, tokens: AccessTokens) -> Said:
    if _ledger(patient).cool_down():
        return
    try:
        me = _client(patient, tokens).ask(Call("me"), _gate(patient)).body
    except SourceRefusedError as error:
        what = f"Spotify refuses the app for this user ({error.status})"
        fix = f"its owner needs Premium, and the user must be on the app's list: {_APP_PAGE}"
        yield Finding("login", what, fix)
    except PipelineError as error:
        yield Finding("login", f"Spotify did not say who this is: {error}", "try again later")
    else:
        yield Fact("login", f"logged in as {me.get('display_name') or me['id']} ({me['id']})")


def _sources(patient: Patient) -> tuple[Source, ...]:
    return parse_sources(patient.stack.parameter("DefaultSources").split(","))


def _last_calls(patient: Patient) -> int:
    """The calls of the last run that succeeded."""
    for run in patient.green[:1]:
        receipt = patient.runs.document(run.run_id, "receipt")
        return int(receipt["calls"]["total"]) if receipt else 0
    return 0


def _table(patient: Patient) -> StateTable:
    return StateTable(patient.clients("dynamodb"), patient.stack.output("StateTable"))


def _ledger(patient: Patient) -> QuotaLedger:
    return QuotaLedger(_table(patient), SystemClock())


def _tokens(patient: Patient) -> AccessTokens:
    secret = patient.stack.output("SpotifySecretArn")
    store = SecretStore(patient.clients("secretsmanager"), secret)
    return AccessTokens(store, patient.stack.parameter("SpotifyTokenUrl"), SystemClock())


def _client(patient: Patient, tokens: AccessTokens) -> SpotifyClient:
    return SpotifyClient(patient.stack.parameter("SpotifyApiUrl"), tokens, SystemClock())


def _gate(patient: Patient) -> CallGate:
    clock = SystemClock()
    return CallGate(
        deadline=Deadline(lambda: _SECONDS, 0),
        clock=clock,
        ledger=_ledger(patient),
        window=CallWindow(clock),
        keep_lease=lambda: None,
        calls={},
    )
