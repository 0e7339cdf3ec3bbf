"""Builds ConfirmLoad's parts. Importing it loads the Snowflake connector, which takes a second."""

import os

import boto3

from confirm_load.confirm import Confirming
from confirm_load.private_key import PrivateKey
from confirm_load.settings import Settings
from confirm_load.warehouse import open_warehouse
from tonearm_pipeline.clock import SystemClock
from tonearm_pipeline.json_store import JsonStore


def build_confirming() -> Confirming:
    """Return what confirms the loads of this stack.

    Raises:
        SettingsError: lists every missing or malformed environment variable.
    """
    settings = Settings.from_env(os.environ)
    key = PrivateKey(boto3.client("secretsmanager"), settings.snowflake.key_secret_arn)
    return Confirming(
        store=JsonStore(boto3.client("s3"), settings.bucket),
        warehouse=lambda: open_warehouse(settings.snowflake, key),
        clock=SystemClock(),
        max_tries=settings.max_tries,
        refresh_after=settings.refresh_after,
    )
