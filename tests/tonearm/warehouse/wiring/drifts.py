"""What people and accidents do to a wired stack and account, one function each."""

import json
import urllib.request
from collections.abc import Callable
from typing import NamedTuple

from tests.tonearm.warehouse.wiring.local_sides import OTHER_QUEUE, PACE, LocalSides
from tonearm.findings import Kind
from tonearm.stack import update_parameters
from tonearm.warehouse.keys import new_key_pair

STRANGER = "arn:aws:iam::000000000000:user/somebody-else"
PIPE = "TONEARM.LANDING.SONGS_PIPE"
OTHER_COPY = """copy into tonearm.landing.songs from @tonearm.landing.curated/songs/
pattern = '.*never[.]parquet' file_format = (format_name = 'tonearm.landing.parquet_files')
match_by_column_name = case_insensitive on_error = skip_file"""
FIFTEEN_DAYS = 15 * 24 * 3600


class Drift(NamedTuple):
    """One seeded drift: what is done, what the status calls it, words of its line."""

    id: str
    seed: Callable[[LocalSides], None]
    kind: Kind
    says: str


def distrust(output: str) -> Callable[[LocalSides], None]:
    def seed(sides: LocalSides) -> None:
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": STRANGER},
                    "Action": "sts:AssumeRole",
                    "Condition": {"StringEquals": {"sts:ExternalId": "tonearm"}},
                }
            ],
        }
        sides.clients("iam").update_assume_role_policy(
            RoleName=sides.stack.output(output).rsplit("/", 1)[-1],
            PolicyDocument=json.dumps(policy),
        )

    return seed


def parameter(key: str, value: str) -> Callable[[LocalSides], None]:
    def seed(sides: LocalSides) -> None:
        update_parameters(sides.clients, sides.stack, {key: value}, PACE, lambda _: None)

    return seed


def sql(*statements: str) -> Callable[[LocalSides], None]:
    return lambda sides: sides.run(*statements)


def notifications(*queues: str) -> Callable[[LocalSides], None]:
    def seed(sides: LocalSides) -> None:
        rules = [{"Name": "prefix", "Value": "curated/"}, {"Name": "suffix", "Value": ".parquet"}]
        configuration = [
            {
                "QueueArn": queue,
                "Events": ["s3:ObjectCreated:*"],
                "Filter": {"Key": {"FilterRules": rules}},
            }
            for queue in queues
        ]
        sides.clients("s3").put_bucket_notification_configuration(
            Bucket=sides.stack.output("Bucket"),
            NotificationConfiguration={"QueueConfigurations": configuration},
        )

    return seed


def secret(make: Callable[[], str]) -> Callable[[LocalSides], None]:
    def seed(sides: LocalSides) -> None:
        arn = sides.stack.output("SnowflakeKeySecretArn")
        sides.clients("secretsmanager").put_secret_value(SecretId=arn, SecretString=make())

    return seed


def stale_pipe(sides: LocalSides) -> None:
    sides.run(f"alter pipe {PIPE} set pipe_execution_paused = true")
    request = urllib.request.Request(
        f"http://127.0.0.1:{sides.snowflake_port}/_control",
        data=json.dumps({"advance_seconds": FIFTEEN_DAYS}).encode(),
        headers={"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=5).close()


def unrecorded_change(sides: LocalSides) -> None:
    """As if the file had said something else when it was applied last."""
    sides.run(
        "insert into tonearm.ops.applied_sql (subject, checksum, applied_at)"
        " select '61_mart_newest_songs.sql', 'other', current_timestamp()"
    )


DRIFTS = [
    Drift("trust-edited", distrust("SnowflakeReadRoleArn"), Kind.TRUST, "-snowflake-read does not"),
    Drift(
        "wrong-principal",
        parameter("SnowflakePrincipalArn", STRANGER),
        Kind.PARAMETER,
        f"SnowflakePrincipalArn is '{STRANGER}'",
    ),
    Drift("no-notification", notifications(), Kind.NOTIFICATION, "does not tell"),
    Drift("other-notification", notifications(OTHER_QUEUE), Kind.NOTIFICATION, "does not tell"),
    Drift(
        "paused-pipe",
        sql(f"alter pipe {PIPE} set pipe_execution_paused = true"),
        Kind.PIPE_PAUSED,
        f"pipe {PIPE} is paused",
    ),
    Drift("stale-pipe", stale_pipe, Kind.PIPE_PAUSED, f"pipe {PIPE} is paused"),
    Drift("no-pipe", sql(f"drop pipe {PIPE}"), Kind.MISSING, f"pipe {PIPE} is missing"),
    Drift(
        "changed-copy",
        sql(f"drop pipe {PIPE}", f"create pipe {PIPE} auto_ingest = true as {OTHER_COPY}"),
        Kind.PIPE_CHANGED,
        f"pipe {PIPE} runs another COPY than 32_pipe_songs.sql says",
    ),
    Drift(
        "no-column",
        sql("alter table tonearm.landing.albums drop column label"),
        Kind.COLUMN,
        "table TONEARM.LANDING.ALBUMS has no column LABEL",
    ),
    Drift(
        "stale-integration",
        sql("alter storage integration tonearm_s3 set storage_aws_role_arn = 'arn:old-role'"),
        Kind.INTEGRATION,
        "TONEARM_S3: STORAGE_AWS_ROLE_ARN is 'arn:old-role'",
    ),
    Drift(
        "suspended-task",
        sql("alter task tonearm.ops.purge suspend"),
        Kind.TASK,
        "task TONEARM.OPS.PURGE is suspended",
    ),
    Drift("no-key", secret(lambda: "changeme"), Kind.KEY, "holds no unencrypted private key"),
]

# Independent of each other: seeded together, each named, healed by one deploy.
TOGETHER = [
    Drift(
        "notify-trust-edited",
        distrust("SnowflakeNotifyRoleArn"),
        Kind.TRUST,
        "-snowflake-notify does not",
    ),
    Drift(
        "wrong-queue",
        parameter("SnowpipeQueueArn", OTHER_QUEUE),
        Kind.PARAMETER,
        f"SnowpipeQueueArn is '{OTHER_QUEUE}'",
    ),
    Drift(
        "no-view",
        sql("drop view tonearm.mart.newest_songs"),
        Kind.MISSING,
        "view TONEARM.MART.NEWEST_SONGS is missing",
    ),
    Drift(
        "disabled-integration",
        sql("alter storage integration tonearm_s3 set enabled = false"),
        Kind.INTEGRATION,
        "TONEARM_S3: ENABLED is 'false', not 'true'",
    ),
    Drift(
        "other-external-id",
        sql("alter storage integration tonearm_s3 set storage_aws_external_id = 'theirs'"),
        Kind.INTEGRATION,
        "TONEARM_S3: STORAGE_AWS_EXTERNAL_ID is 'theirs'",
    ),
    Drift(
        "other-location",
        sql(
            "alter storage integration tonearm_s3 set"
            " storage_allowed_locations = ('s3://elsewhere/')"
        ),
        Kind.INTEGRATION,
        "TONEARM_S3: STORAGE_ALLOWED_LOCATIONS is 's3://elsewhere/'",
    ),
    Drift(
        "errors-disabled",
        sql("alter notification integration tonearm_load_errors set enabled = false"),
        Kind.INTEGRATION,
        "TONEARM_LOAD_ERRORS: ENABLED is 'false'",
    ),
    Drift(
        "user-has-other-key",
        lambda sides: sides.run(
            f"alter user tonearm_service set rsa_public_key = '{new_key_pair().public_key}'"
        ),
        Kind.KEY,
        "user TONEARM_SERVICE does not take the secret's key",
    ),
    Drift(
        "no-table",
        sql("drop table tonearm.landing.songs"),
        Kind.MISSING,
        "table TONEARM.LANDING.SONGS is missing",
    ),
    Drift(
        "sql-changed",
        unrecorded_change,
        Kind.SQL,
        "61_mart_newest_songs.sql (2 statements) has changed since it was applied",
    ),
]
