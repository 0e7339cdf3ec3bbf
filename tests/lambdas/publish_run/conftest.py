"""PublishRun wired to the in-memory AWS of the Lambdas' tests."""

import boto3
import pytest

from publish_run.audit_facts import QuarantineLimits
from publish_run.catalog import Catalog
from publish_run.copies import Publisher
from publish_run.facts import FactsReader
from publish_run.publish import Publishing
from tests.lambdas.local_aws import BUCKET, FakeClock
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.staged import StagedStore
from tonearm_pipeline.state.last_good import LastGoodRun
from tonearm_pipeline.state.table import StateTable

DATABASE = "tonearm"


@pytest.fixture
def publishing(store: JsonStore, table: StateTable, clock: FakeClock) -> Publishing:
    boto3.client("glue").create_database(DatabaseInput={"Name": DATABASE})
    return publishing_over(store, table, clock)


def publishing_over(
    store: JsonStore,
    table: StateTable,
    clock: FakeClock,
    limits: QuarantineLimits | None = None,
    catalog: Catalog | None = None,
) -> Publishing:
    return Publishing(
        store=store,
        facts=FactsReader(store, StagedStore(store.s3, BUCKET), LastGoodRun(table)),
        publisher=Publisher(store.s3, BUCKET),
        catalog=catalog or Catalog(DATABASE, BUCKET),
        limits=limits or QuarantineLimits(share=0.05, rows=1000),
        clock=clock,
    )
