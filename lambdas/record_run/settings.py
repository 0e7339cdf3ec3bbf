"""What RecordRun reads from its environment."""

from collections.abc import Mapping
from dataclasses import dataclass

from tonearm_pipeline.settings import DEFAULT_NAMESPACE, EnvReader

SERVICE = "record_run"
"""The function's name in its logs and figures."""


@dataclass(frozen=True)
class Settings:
    """The settings of one stack.

    Attributes:
        bucket: where the run's documents lie.
        state_table: DynamoDB table with the state of each source.
        topic_arn: topic that is told how runs end.
        metrics_namespace: CloudWatch namespace of the stack's figures.
    """

    bucket: str
    state_table: str
    topic_arn: str
    metrics_namespace: str

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Return the settings.

        Raises:
            SettingsError: lists every missing or malformed name.
        """
        env = EnvReader(environ)
        settings = cls(
            bucket=env.bucket("BUCKET"),
            state_table=env.text("STATE_TABLE"),
            topic_arn=env.text("TOPIC_ARN"),
            metrics_namespace=env.text("POWERTOOLS_METRICS_NAMESPACE", DEFAULT_NAMESPACE),
        )
        env.check()
        return settings
