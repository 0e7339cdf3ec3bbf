"""What PlanRun reads from its environment."""

from collections.abc import Mapping
from dataclasses import dataclass

from tonearm_pipeline.settings import EnvReader
from tonearm_pipeline.sources import ENRICH_CHOICES, NONE
from tonearm_pipeline.spotify.quota import DEVELOPMENT, QUOTA_MODES


@dataclass(frozen=True)
class Settings:
    """What the function reads from its environment; each field is the name in lower case."""

    bucket: str
    state_table: str
    default_sources: tuple[str, ...]
    quota_mode: str
    full_check_days: int
    enrich: str
    max_calls_per_run: int
    max_cost_per_run: float

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
            default_sources=env.words("DEFAULT_SOURCES", ""),
            quota_mode=env.choice("QUOTA_MODE", QUOTA_MODES, DEVELOPMENT),
            full_check_days=env.integer("FULL_CHECK_DAYS", 7),
            enrich=env.choice("ENRICH", tuple(ENRICH_CHOICES), NONE),
            max_calls_per_run=env.integer("MAX_CALLS_PER_RUN", 0),
            max_cost_per_run=env.number("MAX_COST_PER_RUN", 0.0),
        )
        env.check()
        return settings
