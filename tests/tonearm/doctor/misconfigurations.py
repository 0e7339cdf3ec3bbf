"""Each seeded misconfiguration with the finding it must give and the fix that must stand there."""

from datetime import timedelta
from typing import NamedTuple

from tests.lambdas.scripted_spotify import json_fault
from tests.lambdas.tonearm_pipeline.finished_run import load_document
from tests.tonearm.doctor.healthy import UNKNOWN_PLAYLIST
from tests.tonearm.doctor.seeds import (
    Seed,
    change_template,
    cool_down,
    distrust,
    document,
    forbid,
    load_with,
    login_of,
    lost,
    parameter,
    quarantined,
    red_run,
    spend,
    suspend_versions,
    token_reply,
)
from tests.tonearm.fake_stack import BUCKET

LOGIN = "run `tonearm login`"
WIRE = "run `tonearm snowflake deploy`"
DEPLOY = "run `sam deploy`"


class Misconfiguration(NamedTuple):
    """What is done, which check must find it, words of the finding, and words of its fix."""

    id: str
    seed: Seed
    check: str
    says: str
    fix: str


MISCONFIGURATIONS = [
    Misconfiguration(
        "no-secret",
        lambda s: s.put_secret("SpotifySecretArn", "{}"),
        "login",
        "misses client_id, client_secret",
        LOGIN,
    ),
    Misconfiguration(
        "secret-no-json",
        lambda s: s.put_secret("SpotifySecretArn", "hush"),
        "login",
        "is not a JSON object",
        LOGIN,
    ),
    Misconfiguration(
        "dead-login",
        token_reply(400, "invalid_grant"),
        "login",
        "the refresh token is no longer good",
        LOGIN,
    ),
    Misconfiguration(
        "wrong-app", token_reply(400, "invalid_client"), "login", "client secret", LOGIN
    ),
    Misconfiguration("login-ends", login_of(160), "login", "the login ends in 21 days", LOGIN),
    Misconfiguration(
        "login-age-unknown",
        lambda s: s.put_login(authorized_at=None),
        "login",
        "nobody knows when the login ends",
        LOGIN,
    ),
    Misconfiguration(
        "no-user",
        lambda s: s.put_login(refresh_token=None),
        "login",
        "nobody has logged in, and me/playlists",
        LOGIN,
    ),
    Misconfiguration(
        "no-premium", forbid("me"), "login", "refuses the app for this user", "needs Premium"
    ),
    Misconfiguration(
        "malformed-source",
        parameter("DefaultSources", "https://example.com/x"),
        "sources",
        "https://example.com/x",
        "run `sam deploy --parameter-overrides DefaultSources=me/playlists`",
    ),
    Misconfiguration(
        "unknown-source",
        parameter("DefaultSources", UNKNOWN_PLAYLIST),
        "sources",
        f"{UNKNOWN_PLAYLIST} cannot be read (404)",
        "Check the link",
    ),
    Misconfiguration(
        "foreign-playlist",
        lambda s: s.spotify.world.forbidden.add(s.playlist.split(":")[-1]),
        "sources",
        "cannot be read (403): Spotify gives the entries of a playlist only to its owner",
        "Copy it into a playlist of your own",
    ),
    Misconfiguration(
        "missing-scope",
        forbid("me/playlists"),
        "sources",
        "me/playlists cannot be read (403)",
        "Run `tonearm login` again",
    ),
    Misconfiguration("cool-down", cool_down, "quota", "lets nobody call until", "wait: 20"),
    Misconfiguration(
        "quota-used-up", spend, "quota", "the last run took 23", "`tonearm run --source"
    ),
    Misconfiguration(
        "rate-limited",
        lambda s: setattr(s.spotify, "every", json_fault(429, Retry_After="600")),
        "quota",
        "Spotify asks to wait 600 s",
        "wait",
    ),
    Misconfiguration(
        "failed-update",
        lambda s: setattr(s, "status", "UPDATE_ROLLBACK_FAILED"),
        "stack",
        "the stack is UPDATE_ROLLBACK_FAILED",
        DEPLOY,
    ),
    Misconfiguration(
        "old-template",
        change_template("MaxConcurrentRuns: 3", "MaxConcurrentRuns: 1"),
        "template",
        "deployed resources differ from template.yaml: AlbumsJob",
        DEPLOY,
    ),
    Misconfiguration(
        "other-parameter",
        change_template("  EnrichDays:\n    Type: Number", "  EnrichDays:\n    Type: String"),
        "template",
        "deployed parameters differ from template.yaml: EnrichDays",
        DEPLOY,
    ),
    Misconfiguration(
        "schedule-off",
        parameter("ScheduleState", "DISABLED"),
        "schedule",
        "switched off",
        "run `sam deploy --parameter-overrides ScheduleState=ENABLED`",
    ),
    Misconfiguration(
        "rule-disabled",
        lambda s: s.aws("events").disable_rule(Name="tonearm-daily"),
        "schedule",
        "disabled by hand",
        "run `aws events enable-rule --name tonearm-daily`",
    ),
    Misconfiguration(
        "rule-deleted",
        lambda s: s.aws("events").delete_rule(Name="tonearm-daily"),
        "schedule",
        "the rule tonearm-daily is missing",
        DEPLOY,
    ),
    Misconfiguration(
        "nobody-told",
        lambda s: s.aws("sns").unsubscribe(SubscriptionArn=s.subscription),
        "alarms",
        "nobody is told",
        "run `sam deploy --parameter-overrides AlarmEmail=",
    ),
    Misconfiguration(
        "public-bucket",
        lambda s: s.aws("s3").delete_public_access_block(Bucket=BUCKET),
        "bucket",
        "does not block public access",
        "run `aws s3api put-public-access-block",
    ),
    Misconfiguration(
        "no-versions",
        suspend_versions,
        "bucket",
        "keeps no versions",
        "run `aws s3api put-bucket-versioning",
    ),
    Misconfiguration(
        "not-wired",
        parameter("SnowflakeAccount", ""),
        "wiring",
        "parameter SnowflakeAccount is empty",
        WIRE,
    ),
    Misconfiguration(
        "junk-key",
        lambda s: s.put_secret("SnowflakeKeySecretArn", "changeme"),
        "wiring",
        "holds no unencrypted private key",
        WIRE,
    ),
    Misconfiguration(
        "read-trust",
        distrust("tonearm-snowflake-read"),
        "trust",
        "role tonearm-snowflake-read does not trust",
        WIRE,
    ),
    Misconfiguration(
        "notify-trust",
        distrust("tonearm-snowflake-notify"),
        "trust",
        "role tonearm-snowflake-notify does not trust",
        WIRE,
    ),
    Misconfiguration(
        "no-notification", lambda s: s.put_notification(), "notification", "does not tell", WIRE
    ),
    Misconfiguration(
        "red-run",
        red_run,
        "runs",
        "failed in ConfirmLoad: WarehouseNotWiredError",
        "run `tonearm snowflake deploy`, then run `tonearm resume ",
    ),
    Misconfiguration(
        "stale",
        lambda s: setattr(s, "now", s.now + timedelta(hours=50)),
        "freshness",
        "ended 52 hours ago",
        "run `tonearm run`",
    ),
    Misconfiguration(
        "unbalanced",
        document("ledger", lambda: {"balances": False, "differences": [{}]}),
        "ledger",
        "does not balance (1 differences)",
        "run `tonearm resume ",
    ),
    Misconfiguration(
        "refused-file", document("load", load_with("failed")), "loads", "failed in Snowpipe", WIRE
    ),
    Misconfiguration(
        "waiting-file",
        document("load", load_with("pending")),
        "loads",
        "pending in Snowpipe",
        WIRE,
    ),
    Misconfiguration(
        "lost-events",
        document("load", lambda: load_document() | {"repairs": [{"kind": "refresh"}]}),
        "loads",
        "1 repairs were needed",
        WIRE,
    ),
    Misconfiguration(
        "quarantine",
        quarantined,
        "quarantine",
        "2 of 9 songs are in quarantine",
        f"aws s3 ls --recursive s3://{BUCKET}/quarantine/songs/",
    ),
    Misconfiguration(
        "vanished-field",
        lost("field", "songs.popularity"),
        "lost",
        "songs.popularity has vanished since 2026-11-20",
        "check the app's quota mode",
    ),
    Misconfiguration(
        "suspended-table",
        lost("suspended", "dynamic table TONEARM.CORE.SONGS"),
        "lost",
        "dynamic table TONEARM.CORE.SONGS is suspended since",
        "`tonearm snowflake status`",
    ),
    Misconfiguration(
        "lost-access",
        lost("source", "spotify:playlist:theirs"),
        "lost",
        "spotify:playlist:theirs can no longer be read since 2026-11-20",
        "open the link in Spotify",
    ),
]
