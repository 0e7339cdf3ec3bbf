"""A daily quota that ends in the middle: parked for thirteen hours, on from the very page."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.driving import (
    WAIT,
    document,
    follow,
    run_id_of,
    serve,
    set_wait_scale,
    start,
    steered,
)
from tests.e2e.local_cloud import Cloud
from tests.faults.fake import Fake
from tonearm.runs import executions

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

THIRTEEN_HOURS = 46_800
# The Wait state sleeps that long in ten seconds: room for a second execution to park.
SCALED_SECONDS = 10
# The first answer holds a hundred entries, two pages follow, then a look at the version.
DAILY_CALLS = 2
A_DAY = 86_400


@pytest.fixture
def fake(cloud: Cloud) -> Iterator[Fake]:
    with steered(cloud) as found:
        yield found


@contextmanager
def scaled_waits(cloud: Cloud, longest_seconds: int) -> Iterator[None]:
    set_wait_scale(cloud, SCALED_SECONDS / longest_seconds)
    try:
        yield
    finally:
        set_wait_scale(cloud, cloud.stack.wait_scale)


def end_cool_down(cloud: Cloud) -> None:
    """Let the quota's wait be over: what the clock does on AWS while the Wait state waits."""
    cloud.stack.client("dynamodb").update_item(
        TableName=cloud.stack.outputs["StateTable"],
        Key={"pk": {"S": "quota"}, "sk": {"S": "cooldown"}},
        UpdateExpression="SET until_epoch = :now",
        ExpressionAttributeValues={":now": {"N": str(int(time.time()) - 1)}},
    )


def calls_counted(cloud: Cloud) -> int:
    """The calls all runs of the stack have counted together."""
    answer = cloud.stack.client("dynamodb").query(
        TableName=cloud.stack.outputs["StateTable"],
        KeyConditionExpression="pk = :pk AND begins_with(sk, :hour)",
        ExpressionAttributeValues={":pk": {"S": "quota"}, ":hour": {"S": "hour#"}},
    )
    return sum(int(item["calls"]["N"]) for item in answer["Items"])


def event_types_in_wait(cloud: Cloud, arn: str) -> list[str]:
    """What the history says happened between entering and leaving the Wait state."""
    stepfunctions = cloud.stack.client("stepfunctions")
    pages = stepfunctions.get_paginator("get_execution_history").paginate(executionArn=arn)
    events = [event for page in pages for event in page["events"]]
    names = [
        (event.get("stateEnteredEventDetails") or event.get("stateExitedEventDetails") or {}).get(
            "name"
        )
        for event in events
    ]
    first, last = (at for at, name in enumerate(names) if name == WAIT)
    return [event["type"] for event in events[first + 1 : last]]


def test_a_quota_of_thirteen_hours_parks_the_run_at_its_page(
    cloud: Cloud, fake: Fake, tmp_path: Path
) -> None:
    source = serve(fake, tmp_path / "parked", "parked")
    page = {"kind": "quota_exceeded", "path": "offset=150", "retry_after": THIRTEEN_HOURS}
    fake.control(faults=[page])
    calls_in_wait: list[int] = []

    def in_wait() -> None:
        calls_in_wait.append(len(fake.calls()))
        end_cool_down(cloud)

    with scaled_waits(cloud, THIRTEEN_HOURS):
        arn = start(cloud, source)
        finished = follow(cloud, arn, in_wait)

    assert finished.is_green, finished.cause
    names = [visit.name for visit in finished.visits]
    assert names[:7] == [
        "PlanRun",
        "IsReplay",
        "ExtractSpotify",
        "IsExtractDone",
        WAIT,
        "ExtractSpotify",
        "IsExtractDone",
    ]
    answers = [visit.output for visit in finished.visits if visit.name == "ExtractSpotify"]
    assert [answer["status"] for answer in answers] == ["wait", "done"]
    assert answers[0]["wait_seconds"] in (THIRTEEN_HOURS, THIRTEEN_HOURS + 1)
    # No function ran, and nothing was asked for, while it waited: the functions took the few
    # seconds their calls take, not a part of the wait.
    assert event_types_in_wait(cloud, arn) == []
    assert calls_in_wait == [3]
    waited = sum(visit.seconds or 0.0 for visit in finished.visits if visit.name == WAIT)
    extracting = sum(v.seconds or 0.0 for v in finished.visits if v.name == "ExtractSpotify")
    assert SCALED_SECONDS / 2 < waited < finished.seconds
    assert extracting < finished.seconds - waited
    offsets = [call["params"].get("offset") for call in fake.calls()]
    assert offsets == [None, "100", "150", "150", None]
    run_id = run_id_of(finished)
    assert document(cloud, run_id, "ledger")["balances"] is True
    waited_seconds = document(cloud, run_id, "receipt")["calls"]["waited_seconds"]
    assert waited_seconds in (THIRTEEN_HOURS, THIRTEEN_HOURS + 1)


def test_two_executions_at_once_share_one_budget(cloud: Cloud, fake: Fake, tmp_path: Path) -> None:
    source = serve(fake, tmp_path / "shared", "both")
    counted_before = calls_counted(cloud)
    fake.control(daily_quota={"requests": DAILY_CALLS, "window_seconds": A_DAY})
    others: list[str] = []
    calls_in_wait: list[int] = []

    def in_wait() -> None:
        others.append(start(cloud, source))
        wait_until_it_waits(cloud, others[0])
        calls_in_wait.append(len(fake.calls()))
        fake.control(daily_quota=None)
        end_cool_down(cloud)

    with scaled_waits(cloud, A_DAY):
        first = follow(cloud, start(cloud, source), in_wait)
        second = follow(cloud, others[0], lambda: None)

    assert first.is_green, first.cause
    assert second.is_green, second.cause
    # The second found the budget spent and the first one parked: it waited without a call.
    assert calls_in_wait == [DAILY_CALLS + 1]
    answers = [visit.output for visit in second.visits if visit.name == "ExtractSpotify"]
    assert answers[0]["status"] == "wait"
    assert answers[0]["counts"]["calls"] == 0
    # Then the first went on at its page, and the second began when the first was through.
    calls = fake.calls()
    offsets = [call["params"].get("offset") for call in calls]
    assert offsets == [None, "100", "150", "150", None, None, "100", "150", None]
    assert [call["status"] for call in calls].count(429) == 1
    assert calls_counted(cloud) - counted_before == len(calls)


def wait_until_it_waits(cloud: Cloud, arn: str) -> None:
    stepfunctions = cloud.stack.client("stepfunctions")
    give_up_at = time.monotonic() + SCALED_SECONDS
    while time.monotonic() < give_up_at:
        events = stepfunctions.get_execution_history(executionArn=arn)["events"]
        if any(e.get("stateEnteredEventDetails", {}).get("name") == WAIT for e in events):
            return
        time.sleep(executions.LOCAL_POLL_SECONDS)
    raise AssertionError("the second execution does not wait")
