"""Who the stack is at Spotify, how long its login lasts, what it may read, what quota is left.

Each question is one call, counted in the stack's own quota ledger like a run's.
"""

from collections.abc import Iterator
from datetime import UTC

from extract_spotify.refusals import advice_for
from tonearm.doctor.context import Context
from tonearm.findings import LOGIN, Fact, Finding, Said, run_command, set_parameter
from tonearm_pipeline.clock import Deadline, SystemClock
from tonearm_pipeline.errors import (
    BadSourceError,
    NeedsLoginError,
    PipelineError,
    RateLimitedError,
    WrongAppError,
)
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
from tonearm_pipeline.spotify.tokens import WARNING_DAYS, AccessTokens, SecretStore, login_days_left
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


def check_quota(context: Context) -> Said:
    """What the rolling day still allows, and whether a cool-down is on."""
    ledger = _ledger(context)
    mode = context.stack.parameter("QuotaMode") or "development"
    used, left = ledger.used(), ledger.left(mode)
    yield Fact("quota", f"{used:,} calls in the last 24 hours, about {left:,} left ({mode} mode)")
    if cool_down := ledger.cool_down():
        until = f"{cool_down.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        why = cool_down.reason or "rate limit"
        yield Finding("quota", f"Spotify lets nobody call until {until} ({why})", f"wait: {until}")
    last = _last_calls(context)
    if last and left < last:
        what = f"about {left:,} calls are left, the last run took {last:,}"
        fix = "wait some hours, or name fewer sources with " + run_command(
            "tonearm run --source PLAYLIST_URL", context.stack_name
        ).removeprefix("run ")
        yield Finding("quota", what, fix)


def check_login(context: Context) -> Said:
    """Whether there is a login, whose it is, and how long it lasts."""
    tokens = _tokens(context)
    fix = run_command(LOGIN, context.stack_name)
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
        yield from _without_user(context)
        return
    yield from _life(context, authorized_at)
    yield from _account(context, tokens)


def check_sources(context: Context) -> Said:
    """Whether each source of the stack can be read, and why not."""
    try:
        sources = _sources(context)
    except BadSourceError as error:
        fix = set_parameter("DefaultSources", "me/playlists", context.stack_name)
        yield Finding("sources", str(error), fix)
        return
    if _ledger(context).cool_down():
        return
    client = _client(context, _tokens(context))
    try:
        has_user = client.has_user
    except NeedsLoginError:
        return
    for source in sources:
        if not has_user and source.kind not in (ALBUM, ARTIST):
            continue
        try:
            yield from _source(context, client, source)
        except RateLimitedError as error:
            _ledger(context).start_cool_down(error)
            what = f"{source.uri}: Spotify asks to wait {error.retry_after_seconds:,} s"
            yield Finding("quota", what, "wait, and look again")
            return


def check_refused(context: Context) -> Said:
    """What the last run found refused, with the reasons it wrote down."""
    for run in context.green[:1]:
        raw = context.runs.json_object(f"raw/{run.run_id}/manifest.json") or {}
        for refused in raw.get("refused", []):
            kind = refused["source"].split(":")[1] if ":" in refused["source"] else ""
            advice = advice_for(kind, refused.get("status"), refused.get("reason"))
            yield Fact("sources", f"{refused['source']} is left out: {advice.why} {advice.fix}")


def _source(context: Context, client: SpotifyClient, source: Source) -> Said:
    try:
        client.ask(Call(_FIRST_CALL[source.kind], source.id), _gate(context))
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


def _without_user(context: Context) -> Said:
    try:
        sources = _sources(context)
    except BadSourceError:
        return
    private = [s.uri for s in sources if s.kind not in (ALBUM, ARTIST)]
    yield Fact("login", "nobody has logged in: the app reads albums and artists only")
    if private:
        what = f"nobody has logged in, and {', '.join(private)} need a user"
        yield Finding("login", what, run_command(LOGIN, context.stack_name))


def _life(context: Context, authorized_at: str | None) -> Iterator[Finding | Fact]:
    days = login_days_left(authorized_at, context.now)
    fix = run_command(LOGIN, context.stack_name)
    if days is None:
        what = "the secret does not say when the user agreed, so nobody knows when the login ends"
        yield Finding("login", what, fix)
    elif days <= WARNING_DAYS:
        yield Finding("login", f"the login ends in {days} days", fix)
    else:
        yield Fact("login", f"the login lasts {days} more days")


def _account(context: Context, tokens: AccessTokens) -> Said:
    if _ledger(context).cool_down():
        return
    try:
        me = _client(context, tokens).ask(Call("me"), _gate(context)).body
    except SourceRefusedError as error:
        what = f"Spotify refuses the app for this user ({error.status})"
        fix = f"its owner needs Premium, and the user must be on the app's list: {_APP_PAGE}"
        yield Finding("login", what, fix)
    except PipelineError as error:
        yield Finding("login", f"Spotify did not say who this is: {error}", "try again later")
    else:
        yield Fact("login", f"logged in as {me.get('display_name') or me['id']} ({me['id']})")


def _sources(context: Context) -> tuple[Source, ...]:
    return parse_sources(context.stack.parameter("DefaultSources").split(","))


def _last_calls(context: Context) -> int:
    """The calls of the last run that succeeded."""
    for run in context.green[:1]:
        receipt = context.runs.document(run.run_id, "receipt")
        return int(receipt["calls"]["total"]) if receipt else 0
    return 0


def _table(context: Context) -> StateTable:
    return StateTable(context.clients("dynamodb"), context.stack.output("StateTable"))


def _ledger(context: Context) -> QuotaLedger:
    return QuotaLedger(_table(context), SystemClock())


def _tokens(context: Context) -> AccessTokens:
    secret = context.stack.output("SpotifySecretArn")
    store = SecretStore(context.clients("secretsmanager"), secret)
    return AccessTokens(store, context.stack.parameter("SpotifyTokenUrl"), SystemClock())


def _client(context: Context, tokens: AccessTokens) -> SpotifyClient:
    return SpotifyClient(context.stack.parameter("SpotifyApiUrl"), tokens, SystemClock())


def _gate(context: Context) -> CallGate:
    clock = SystemClock()
    return CallGate(
        deadline=Deadline(lambda: _SECONDS, 0),
        clock=clock,
        ledger=_ledger(context),
        window=CallWindow(clock),
        keep_lease=lambda: None,
        calls={},
    )
