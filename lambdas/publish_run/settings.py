"""What PublishRun reads from its environment."""

from collections.abc import Mapping
from dataclasses import dataclass

from publish_run.audit_facts import QuarantineLimits
from tonearm_pipeline.settings import EnvReader

DEFAULT_MAX_SHARE = 0.05
DEFAULT_MAX_ROWS = 1000


@dataclass(frozen=True)
class Settings:
    """The settings of one stack.

    Attributes:
        bucket: where raw, staged and curated lie.
        state_table: DynamoDB table that points to the last good run.
        glue_database: database of the Data Catalog.
        limits: how much may go to quarantine.
    """

    bucket: str
    state_table: str
    glue_database: str
    limits: QuarantineLimits

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
            glue_database=env.text("GLUE_DATABASE"),
            limits=QuarantineLimits(
                share=env.number("QUARANTINE_MAX_SHARE", DEFAULT_MAX_SHARE),
                rows=env.integer("QUARANTINE_MAX_ROWS", DEFAULT_MAX_ROWS),
            ),
        )
        env.check()
        return settings
