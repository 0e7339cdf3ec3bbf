"""What ExtractSpotify reads from its environment."""

from collections.abc import Mapping
from dataclasses import dataclass

from tonearm_pipeline.settings import DEFAULT_NAMESPACE, EnvReader
from tonearm_pipeline.spotify.quota import DEVELOPMENT, QUOTA_MODES


@dataclass(frozen=True)
class Settings:
    """What the function reads from its environment; each field is the name in lower case."""

    bucket: str
    state_table: str
    spotify_secret_arn: str
    spotify_api_url: str
    spotify_token_url: str
    quota_mode: str
    max_park_hours: float
    drop_personal_fields: bool
    full_check_days: int
    enrich_days: int
    retention_days: int
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
            spotify_secret_arn=env.text("SPOTIFY_SECRET_ARN"),
            spotify_api_url=env.url("SPOTIFY_API_URL", "https://api.spotify.com/v1/"),
            spotify_token_url=env.url(
                "SPOTIFY_TOKEN_URL", "https://accounts.spotify.com/api/token"
            ),
            quota_mode=env.choice("QUOTA_MODE", QUOTA_MODES, DEVELOPMENT),
            max_park_hours=env.number("MAX_PARK_HOURS", 36),
            drop_personal_fields=env.flag("DROP_PERSONAL_FIELDS", default=True),
            full_check_days=env.integer("FULL_CHECK_DAYS", 7),
            enrich_days=env.integer("ENRICH_DAYS", 90, minimum=1),
            retention_days=env.integer("RETENTION_DAYS", 400, minimum=2),
            metrics_namespace=env.text("POWERTOOLS_METRICS_NAMESPACE", DEFAULT_NAMESPACE),
        )
        env.check()
        return settings
