"""The entry point of the ExtractSpotify function."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from extract_spotify.extract import Deps, ExtractRequest, extract
from extract_spotify.run import logger
from tonearm_pipeline.clock import Deadline, SystemClock
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.settings import EnvReader
from tonearm_pipeline.spotify.client import SpotifyClient
from tonearm_pipeline.spotify.quota import DEVELOPMENT, QUOTA_MODES, CallWindow
from tonearm_pipeline.spotify.tokens import AccessTokens, SecretStore
from tonearm_pipeline.state.table import StateTable

DEFAULT_NAMESPACE: Final = "Tonearm"


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


@cache
def _deps() -> Deps:
    settings = Settings.from_env(os.environ)
    clock = SystemClock()
    secrets = SecretStore(boto3.client("secretsmanager"), settings.spotify_secret_arn)
    tokens = AccessTokens(secrets, settings.spotify_token_url, clock)
    api_url = settings.spotify_api_url.rstrip("/") + "/"
    return Deps(
        store=JsonStore(boto3.client("s3"), settings.bucket),
        table=StateTable(boto3.client("dynamodb"), settings.state_table),
        client=SpotifyClient(api_url, tokens, clock),
        window=CallWindow(clock),
        clock=clock,
        quota_mode=settings.quota_mode,
        max_park_hours=settings.max_park_hours,
        full_check_days=settings.full_check_days,
        drop_personal_fields=settings.drop_personal_fields,
        enrich_days=settings.enrich_days,
        retention_days=settings.retention_days,
        namespace=settings.metrics_namespace,
    )


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Read on from where a run stands; the answer says what the state machine does next."""
    request = ExtractRequest.from_event(event)
    logger.append_keys(run_id=request.run_id)
    deadline = Deadline.from_context(context)
    return extract(request, _deps(), deadline, context.aws_request_id).as_event()
