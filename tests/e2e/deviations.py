"""The seeded deviations of a verified stack: what is done, which step is red, and with what fix."""

from typing import Final, NamedTuple

from tests.e2e import spoiling
from tests.e2e.spoiling import ALARM, SHIFT, Spoil, secret_of, statements
from tonearm.local.stack import STACK_NAME

WIRE: Final = f"run `tonearm snowflake deploy --stack-name {STACK_NAME}`"
DEPLOY: Final = f"run `sam deploy --stack-name {STACK_NAME}`"
BY_HAND: Final = "drift-aware change set"
LOGIN: Final = f"run `tonearm login --stack-name {STACK_NAME}`"


class Deviation(NamedTuple):
    """What is done, which step must fail, words of its fault, and words of the fix."""

    id: str
    spoil: Spoil
    step: str
    says: str
    fix: str


DEVIATIONS: Final = (
    Deviation("codec", spoiling.other_codec, "codecs", "packed with zstd", "--full"),
    Deviation("lost-file", spoiling.lost_file, "files", "is missing", "--full"),
    Deviation("changed-file", spoiling.other_codec, "files", "changed after", "--full"),
    Deviation("lost-layer", spoiling.lost_layer, "layer", "lost its layer AWSSDKPandas", BY_HAND),
    Deviation("argument", spoiling.other_argument, "glue_jobs", "--job-bookmark-option", BY_HAND),
    Deviation("job-code", spoiling.lost_job_code, "glue_jobs", "is not there", DEPLOY),
    Deviation("definition", spoiling.other_definition, "state_machine", "WaitForSnowpipe", BY_HAND),
    Deviation("lost-right", spoiling.lost_right, "rights", "has lost s3:PutObject on", BY_HAND),
    Deviation(
        "denied-right", spoiling.denied_right, "rights", "is denied sns:Publish", "take that"
    ),
    Deviation("silent-alarm", spoiling.silent_alarm, "alarms", ALARM, "enable-alarm-actions"),
    Deviation(
        "logs-for-ever", spoiling.logs_for_ever, "logs", "keeps everything", "put-retention-policy"
    ),
    Deviation("lost-logs", spoiling.lost_log_group, "logs", "is missing", "create-log-group"),
    Deviation("lost-event", spoiling.lost_event, "doctor", "does not tell", WIRE),
    Deviation("empty-secret", secret_of("{}"), "login", "misses client_id", LOGIN),
    Deviation(
        "wrong-app",
        secret_of('{"client_id": "nobody", "client_secret": "wrong"}'),
        "login",
        "client secret in the secret is wrong",
        LOGIN,
    ),
    Deviation("lost-table", spoiling.lost_table, "catalogue", "no table albums", "--full"),
    Deviation(
        "lost-partition", spoiling.lost_partition, "partitions", "has no partition", "--full"
    ),
    Deviation(
        "paused-pipe",
        statements(
            "alter pipe tonearm.landing.albums_pipe set pipe_execution_paused = true",
            "alter pipe tonearm.landing.albums_pipe set pipe_execution_paused = false",
        ),
        "snowpipe",
        "the pipe of albums is PAUSED",
        WIRE,
    ),
    Deviation(
        "suspended-task",
        statements("alter task tonearm.ops.purge suspend", "alter task tonearm.ops.purge resume"),
        "tasks",
        "task TONEARM.OPS.PURGE is suspended",
        WIRE,
    ),
    Deviation(
        "suspended-dynamic-table",
        statements(
            "alter dynamic table tonearm.core.albums suspend",
            "alter dynamic table tonearm.core.albums resume",
        ),
        "dynamic_tables",
        "dynamic table TONEARM.CORE.ALBUMS is suspended",
        WIRE,
    ),
    Deviation(
        "time-zone",
        statements(SHIFT.format(hours=-8), SHIFT.format(hours=8)),
        "time_zone",
        "landing.albums has instants from outside the run",
        WIRE,
    ),
)
