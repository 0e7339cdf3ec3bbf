"""RecordRun wired to the in-memory AWS, with a queue that hears what the topic is told."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from record_run.fail import Failing
from record_run.notify import Topic
from record_run.old_attempts import Superseded
from record_run.record import Recording
from record_run.usage import RunMeter
from tests.lambdas.history import FakeHistory, a_history
from tests.lambdas.local_aws import BUCKET, FakeClock
from tests.lambdas.tonearm_pipeline.finished_run import (
    RUN_ID,
    load_document,
    published_manifest,
    raw_manifest,
)
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.state.last_good import LastGoodRun
from tonearm_pipeline.state.sources import SourceStates
from tonearm_pipeline.state.table import StateTable
from tonearm_pipeline.state.unfinished import UnfinishedRuns

EXECUTION = "arn:aws:states:eu-central-1:123456789012:execution:pipeline:daily-1"
MANIFEST_KEY = f"raw/{RUN_ID}/manifest.json"
PUBLISHED_KEY = f"runs/{RUN_ID}/manifest.json"
LOAD_KEY = f"runs/{RUN_ID}/load.json"


def success_event(**overrides: Any) -> dict[str, Any]:
    return {
        "outcome": "succeeded",
        "run_id": RUN_ID,
        "snapshot_date": "2026-11-22",
        "attempt": 1,
        "manifest_key": MANIFEST_KEY,
        "published_key": PUBLISHED_KEY,
        "execution_id": EXECUTION,
        "started_at": "2026-11-22T08:53:00Z",
        **overrides,
    }


def failure_event(**overrides: Any) -> dict[str, Any]:
    return {
        "outcome": "failed",
        "run_id": RUN_ID,
        "state": "PublishRun",
        "error": {"Error": "AuditError", "Cause": json.dumps({"errorMessage": "it differs"})},
        "execution_id": EXECUTION,
        "started_at": "2026-11-22T08:53:00Z",
        **overrides,
    }


@pytest.fixture
def finished(store: JsonStore) -> JsonStore:
    """The documents of a run that went well."""
    store.put(MANIFEST_KEY, raw_manifest())
    store.put(PUBLISHED_KEY, published_manifest())
    store.put(LOAD_KEY, load_document())
    return store


@pytest.fixture
def topic_arn(aws: None) -> str:
    return boto3.client("sns").create_topic(Name="runs")["TopicArn"]


@pytest.fixture
def heard(topic_arn: str) -> Callable[[], list[dict[str, Any]]]:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="notes")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    arn = attributes["Attributes"]["QueueArn"]
    boto3.client("sns").subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=arn)

    def notes() -> list[dict[str, Any]]:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in answer.get("Messages", [])]

    return notes


@pytest.fixture
def meter(aws: None) -> RunMeter:
    history: Any = FakeHistory(a_history())
    return RunMeter(history, boto3.client("s3"), BUCKET)


@pytest.fixture
def recording(
    store: JsonStore, table: StateTable, clock: FakeClock, topic_arn: str, meter: RunMeter
) -> Recording:
    topic = Topic(boto3.client("sns"), topic_arn)
    return Recording(
        store=store,
        states=SourceStates(table),
        last_good=LastGoodRun(table),
        superseded=Superseded(boto3.client("s3"), BUCKET),
        topic=topic,
        namespace="Tonearm",
        clock=clock,
        meter=meter,
    )


@pytest.fixture
def unfinished(table: StateTable, clock: FakeClock) -> UnfinishedRuns:
    return UnfinishedRuns(table, clock)


@pytest.fixture
def failing(
    store: JsonStore,
    clock: FakeClock,
    topic_arn: str,
    meter: RunMeter,
    unfinished: UnfinishedRuns,
) -> Failing:
    topic = Topic(boto3.client("sns"), topic_arn)
    return Failing(store, topic, "Tonearm", clock, meter, unfinished)
