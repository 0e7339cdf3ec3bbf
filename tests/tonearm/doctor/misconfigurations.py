"""What goes wrong with a deployed stack, one function each, with the finding and its fix."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from tests.lambdas.scripted_spotify import json_fault
from tests.lambdas.tonearm_pipeline.finished_run import load_document
from tests.tonearm.doctor.healthy import PRINCIPAL, UNKNOWN_PLAYLIST, Healthy, trust
from tests.tonearm.fake_stack import BUCKET
from tonearm_pipeline.clock import SystemClock
from tonearm_pipeline.errors import RateLimitedError
from tonearm_pipeline.quota import QuotaLedger
from tonearm_pipeline.state_table import StateTable

type Seed = Callable[[Healthy], object]

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


def token_reply(status: int, error: str) -> Seed:
    return lambda stack: stack.spotify.desk.replies.extend([(status, {"error": error})] * 9)


def parameter(key: str, value: str) -> Seed:
    return lambda stack: stack.parameters.update({key: value})


def login_of(days_ago: int) -> Seed:
    def seed(stack: Healthy) -> None:
        stack.put_login(authorized_at=(stack.now - timedelta(days=days_ago)).isoformat())

    return seed


def cool_down(stack: Healthy) -> None:
    ledger(stack).start_cool_down(RateLimitedError(7200, "QUOTA_EXCEEDED", "playlists/{id}"))


def spend(stack: Healthy) -> None:
    ledger(stack).spend(990)


def ledger(stack: Healthy) -> QuotaLedger:
    return QuotaLedger(StateTable(stack.aws("dynamodb"), "state"), SystemClock())


def forbid(path: str) -> Seed:
    return lambda stack: stack.spotify.world.forbidden.add(path)


def distrust(role: str) -> Seed:
    def seed(stack: Healthy) -> None:
        stack.aws("iam").update_assume_role_policy(
            RoleName=role, PolicyDocument=trust(PRINCIPAL + "x", "ours")
        )

    return seed


def suspend_versions(stack: Healthy) -> None:
    stack.aws("s3").put_bucket_versioning(
        Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"}
    )


def change_template(before: str, after: str) -> Seed:
    def seed(stack: Healthy) -> None:
        assert before in stack.template
        stack.template = stack.template.replace(before, after, 1)

    return seed


def red_run(stack: Healthy) -> None:
    run_id = stack.add_run("daily-2", "FAILED", hours_ago=1)
    arn = stack.stepfunctions.executions[0]["executionArn"]
    failure = {"execution_id": arn, "error": "WarehouseNotWiredError", "state": "ConfirmLoad"}
    stack.put(f"runs/{run_id}/failure.json", failure)


def document(name: str, value: Callable[[], Any]) -> Seed:
    return lambda stack: stack.put(f"runs/{stack.run_id}/{name}.json", value())


def load_with(status: str) -> Callable[[], Any]:
    def made() -> Any:
        load = load_document()
        load["files"][0]["status"] = status
        return load

    return made


def quarantined(stack: Healthy) -> None:
    manifest = stack.manifest()
    manifest["entities"]["songs"]["quarantined"] = 2
    stack.put(f"runs/{stack.run_id}/manifest.json", manifest)


def vanished_field(stack: Healthy) -> None:
    run_id = stack.add_run("daily-2", hours_ago=1)
    presence = {"songs": {"popularity": [0, 6], "isrc": [5, 6]}}
    stack.put(f"runs/{run_id}/manifest.json", stack.manifest(field_presence=presence))


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
        vanished_field,
        "fields",
        "songs.popularity has vanished",
        "check the app's quota mode",
    ),
]
