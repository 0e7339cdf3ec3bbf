"""No secret anywhere, and nothing personal outside of where it belongs; runs after the others."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from tests.e2e.commands import tonearm
from tests.e2e.driving import follow, forget_the_size_of_the_quota, run_id_of, serve, start, steered
from tests.e2e.functions import function_environment, run_that_cannot_log_in
from tests.e2e.local_cloud import SECOND_DAY, Cloud
from tests.e2e.traces import (
    Trace,
    file_traces,
    history_traces,
    load_traces,
    log_traces,
    object_traces,
)
from tests.faults.fake import Fake
from tonearm.local.days import DayResult
from tonearm.local.fake_spotify import ACCOUNT_ID, CLIENT_SECRET, USER_ID
from tonearm.local.fake_spotify.objects import current_user
from tonearm.local.fake_spotify.sample.catalogue import BANDMATES
from tonearm.local.fake_spotify.tokens import ACCESS_PREFIX, REFRESH_PREFIX
from tonearm.runs.executions import Finished

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

NAME, EMAIL = str(current_user()["display_name"]), str(current_user()["email"])
PERSONAL: Final = {USER_ID, ACCOUNT_ID, NAME, EMAIL, *BANDMATES}
# Whose list it is and who added what are what the account's user asked for, in columns of their
# own that `DropPersonalFields` empties; nothing else may hold them.
ALLOWED_COLUMNS: Final = {
    ("playlists", "owner_id"),
    ("playlists", "owner_name"),
    ("playlist_entries", "added_by_id"),
}
MAY_SEND: Final = {
    "Effect": "Allow",
    "Principal": {"Service": "sns.amazonaws.com"},
    "Action": "sqs:SendMessage",
    "Resource": "*",
}
ENTITIES: Final = {"albums", "artists", "songs", "playlist_entries", "playlists"}
FUNCTIONS: Final = ("PlanRun", "ExtractSpotify", "PublishRun", "ConfirmLoad", "RecordRun")


class Session(NamedTuple):
    """What was run, and everything it left.

    Attributes:
        told: logs, terminal, histories, pages, notes of the topic, the warehouse's words.
        objects: the bucket's objects.
        dropped: the run that drops personal fields.
        failed: the run that fails at its login.
    """

    told: list[Trace]
    objects: list[Trace]
    dropped: Finished
    failed: Finished


@pytest.fixture(scope="module")
def session(
    cloud: Cloud, sample_runs: list[DayResult], tmp_path_factory: pytest.TempPathFactory
) -> Session:
    folder = tmp_path_factory.mktemp("redaction")
    forget_the_size_of_the_quota(cloud)
    with steered(cloud) as fake, listening(cloud) as notes:
        run_that_asks_for_the_whole_profile(cloud, fake, folder)
        dropped = run_that_drops(cloud, fake)
        failed = run_that_cannot_log_in(cloud, fake)
        words = [
            Trace(" ".join(command), as_text(tonearm(cloud, *command)))
            for command in (("status",), ("receipt",), ("doctor",), ("status", run_id_of(dropped)))
        ]
        for at, run_id in enumerate((run_id_of(dropped), run_id_of(failed))):
            page = folder / f"{at}.html"
            tonearm(cloud, "report", run_id, "--output", str(page))
            words.append(Trace(page.name, page.read_text(encoding="utf-8")))
        words += [Trace("note of the topic", note) for note in notes()]
    told = [
        *words,
        Trace("terminal", cloud.screen_text.getvalue()),
        *log_traces(cloud),
        *file_traces(cloud),
        *history_traces(cloud),
        *load_traces(cloud, ENTITIES),
    ]
    return Session(told, list(object_traces(cloud)), dropped, failed)


def as_text(command: Any) -> str:
    return str(command.stdout) + str(command.stderr)


@contextmanager
def listening(cloud: Cloud) -> Iterator[Any]:
    """Subscribe to the stack's topic; gives what it was told."""
    sqs, sns = cloud.stack.client("sqs"), cloud.stack.client("sns")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [MAY_SEND]})
    queue = sqs.create_queue(QueueName="redaction-notes", Attributes={"Policy": policy})["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    subscription = sns.subscribe(
        TopicArn=cloud.stack.outputs["TopicArn"],
        Protocol="sqs",
        Endpoint=attributes["Attributes"]["QueueArn"],
    )["SubscriptionArn"]

    def notes() -> Iterator[str]:
        while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in messages:
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
                yield message["Body"]

    try:
        yield notes
    finally:
        sns.unsubscribe(SubscriptionArn=subscription)
        sqs.delete_queue(QueueUrl=queue)


def run_that_asks_for_the_whole_profile(cloud: Cloud, fake: Fake, folder: Path) -> None:
    """Extended mode gives the e-mail address; an account nobody remembers is asked for."""
    forget_the_account(cloud)
    serve(fake, folder / "account", "open")
    fake.control(mode="extended")
    finished = follow(cloud, start(cloud, "me/playlists"), lambda: None)
    fake.control(mode="development")
    assert finished.is_green, finished.cause


def run_that_drops(cloud: Cloud, fake: Fake) -> Finished:
    forget_the_account(cloud)
    fake.control(day=SECOND_DAY.isoformat())
    with function_environment(cloud, "extract_spotify", DROP_PERSONAL_FIELDS="true"):
        finished = follow(cloud, start(cloud, "me/playlists"), lambda: None)
    assert finished.is_green, finished.cause
    return finished


def forget_the_account(cloud: Cloud) -> None:
    """Let the next run ask whose login it is, and go on with none that has asked before."""
    table, dynamodb = cloud.stack.outputs["StateTable"], cloud.stack.client("dynamodb")
    for page in dynamodb.get_paginator("scan").paginate(TableName=table):
        for item in page["Items"]:
            if item["pk"]["S"].startswith(("account#", "unfinished#")):
                key = {name: item[name] for name in ("pk", "sk")}
                dynamodb.delete_item(TableName=table, Key=key)


def secrets_of(cloud: Cloud) -> set[str]:
    """What gives access: tokens by how they begin, the app's secret, the lines of the key."""
    pem = (cloud.stack.folder / "snowflake-key.pem").read_text()
    key = {line for line in pem.splitlines() if line and "PRIVATE KEY" not in line}
    return {ACCESS_PREFIX, REFRESH_PREFIX, CLIENT_SECRET} | key


def places_of(values: set[str], traces: list[Trace]) -> set[tuple[str, str, str]]:
    """Where any of these values stands: place, column, and the value."""
    return {
        (trace.place, trace.column[1], value)
        for trace in traces
        for value in values
        if value in trace.text
    }


def is_raw(trace: Trace) -> bool:
    return trace.place.startswith("raw/")


def test_what_is_looked_for_is_there_where_it_may_be(session: Session) -> None:
    raw = [trace for trace in session.objects if is_raw(trace)]
    columns = [trace for trace in session.objects if trace.column in ALLOWED_COLUMNS]

    assert {value for _, _, value in places_of(PERSONAL, raw)} == PERSONAL
    assert {value for _, _, value in places_of(PERSONAL, columns)} >= {NAME, *BANDMATES}
    assert {column for _, column, _ in places_of(PERSONAL, columns)} == {
        column for _, column in ALLOWED_COLUMNS
    }


def test_every_kind_of_place_was_looked_at(cloud: Cloud, session: Session) -> None:
    texts: dict[str, str] = {}
    for trace in session.told:
        texts[trace.place] = texts.get(trace.place, "") + trace.text

    stack = cloud.stack.client("cloudformation")
    for function in FUNCTIONS:
        found = stack.describe_stack_resource(
            StackName="tonearm-local", LogicalResourceId=f"{function}LogGroup"
        )
        group = found["StackResourceDetail"]["PhysicalResourceId"]
        assert run_id_of(session.dropped) in texts[group]
    assert "/tonearm/tonearm-local/glue/output" in texts
    assert "NeedsLoginError" in texts["status"]
    assert "NeedsLoginError" in texts["1.html"]
    assert "NeedsLoginError" in texts[session.failed.execution_arn]
    assert run_id_of(session.dropped) in texts["0.html"]
    assert run_id_of(session.failed) in texts["note of the topic"]
    assert "Loaded" in texts["load history of songs"]
    assert any(place.endswith("local-AWS.log") for place in texts)
    kinds = {trace.place.partition("/")[0] for trace in session.objects}
    assert kinds >= {"raw", "runs", "staged", "curated"}


def test_no_secret_is_anywhere(cloud: Cloud, session: Session) -> None:
    assert places_of(secrets_of(cloud), [*session.told, *session.objects]) == set()


def test_nothing_personal_is_told_but_whose_login_it_is_to_who_asks(session: Session) -> None:
    """`doctor` says on the operator's own screen which account the login belongs to."""
    assert places_of(PERSONAL, session.told) == {("doctor", "", NAME), ("doctor", "", USER_ID)}


def test_nothing_personal_is_stored_but_in_raw_and_its_columns(session: Session) -> None:
    others = [
        trace
        for trace in session.objects
        if not is_raw(trace) and trace.column not in ALLOWED_COLUMNS
    ]

    assert len(others) > 50
    assert places_of(PERSONAL, others) == set()


def test_a_run_that_drops_personal_fields_stores_none_at_all(session: Session) -> None:
    run_id = run_id_of(session.dropped)
    own = [trace for trace in session.objects if run_id in trace.place]

    assert {trace.column for trace in own} >= ALLOWED_COLUMNS
    assert any(is_raw(trace) for trace in own)
    assert places_of(PERSONAL, own) == set()
