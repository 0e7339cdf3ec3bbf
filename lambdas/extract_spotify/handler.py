"""The entry point of the ExtractSpotify function."""

import os
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from extract_spotify.extract import Deps, ExtractRequest, extract
from extract_spotify.run import logger
from extract_spotify.settings import Settings
from tonearm_pipeline.clock import Deadline, SystemClock
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.spotify.client import SpotifyClient
from tonearm_pipeline.spotify.quota import CallWindow
from tonearm_pipeline.spotify.tokens import AccessTokens, SecretStore
from tonearm_pipeline.state.table import StateTable


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
