"""Builds PublishRun's parts. Importing it loads pyarrow and awswrangler, which takes seconds."""

import os

import boto3

from publish_run.catalog import Catalog
from publish_run.copies import Publisher
from publish_run.facts import FactsReader
from publish_run.publish import Publishing
from publish_run.settings import Settings
from tonearm_pipeline.clock import SystemClock
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.staged import StagedStore
from tonearm_pipeline.state.last_good import LastGoodRun
from tonearm_pipeline.state.table import StateTable


def build_publishing() -> Publishing:
    """Return what publishes the runs of this stack.

    Raises:
        SettingsError: lists every missing or malformed environment variable.
    """
    settings = Settings.from_env(os.environ)
    s3 = boto3.client("s3")
    store = JsonStore(s3, settings.bucket)
    table = StateTable(boto3.client("dynamodb"), settings.state_table)
    return Publishing(
        store=store,
        facts=FactsReader(store, StagedStore(s3, settings.bucket), LastGoodRun(table)),
        publisher=Publisher(s3, settings.bucket),
        catalog=Catalog(settings.glue_database, settings.bucket),
        limits=settings.limits,
        clock=SystemClock(),
    )
