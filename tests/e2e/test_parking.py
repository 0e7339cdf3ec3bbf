"""A daily quota that ends in the middle: parked for thirteen hours, on from the very page."""

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.local_cloud import Cloud
from tests.faults.catalogues import Wanted, write_account
from tests.faults.fake import Fake
from tonearm.local import executions
from tonearm.local.executions import Finished, StateVisit

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

THIRTEEN_HOURS = 46_800
# The Wait state sleeps thirteen hours in ten seconds.
SCALED_SECONDS = 10
# The first answer holds a hundred entries, two pages follow, then a look at the version.
CALLS_OF_ONE_READ = 4
DAILY_CALLS = 6
WAIT = "WaitForQuota"


@pytest.fixture
def fake(cloud: Cloud) -> Iterator[Fake]:
    found = Fake(cloud.stack.ports.spotify_url)
    found.control(reset=True)
    try:
        yield found
    finally:
        found.control(reset=True)
        found.close()


@pytest.fixture
def scaled_waits(cloud: Cloud) -> Iterator[None]:
    set_wait_scale(cloud, SCALED_SECONDS / THIRTEEN_HOURS)
    yield
    set_wait_scale(cloud, cloud.stack.wait_scale)


def set_wait_scale(cloud: Cloud, scale: float) -> None:
    request = urllib.request.Request(
        f"{cloud.stack.ports.aws_url}/_ministack/config",
        data=json.dumps({"stepfunctions._SFN_WAIT_SCALE": scale}).encode(),
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert json.loads(answer.read())["applied"]


def serve(fake: Fake, folder: Path, name: str) -> str:
    """Let the account hold one list of 180 songs; its address."""
    wanted = Wanted(name, 180)
    write_account(folder, [wanted])
    fake.control(catalogue=str(folder))
    return wanted.uri


def start(cloud: Cloud, source: str) -> str:
    name = f"parking-{time.time_ns()}"
    machine = cloud.stack.outputs["StateMachineArn"]
    stepfunctions = cloud.stack.client("stepfunctions")
    return executions.start(stepfunctions, machine, name, {"sources": [source]})


def follow(cloud: Cloud, arn: str, in_wait: Callable[[], None]) -> Finished:
    """Wait for the end of an execution; `in_wait` is called once in every Wait state."""
    waits = 0

    def look(visits: tuple[StateVisit, ...]) -> None:
        nonlocal waits
        entered = [visit for visit in visits if visit.name == WAIT]
        if len(entered) > waits:
            waits = len(entered)
            in_wait()

    return executions.follow(cloud.stack.client("stepfunctions"), arn, look)


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


def document(cloud: Cloud, run_id: str, name: str) -> dict[str, Any]:
    s3 = cloud.stack.client("s3")
    key = f"runs/{run_id}/{name}.json"
    body = s3.get_object(Bucket=cloud.stack.outputs["Bucket"], Key=key)["Body"].read()
    found: dict[str, Any] = json.loads(body)
    return found


def run_id_of(finished: Finished) -> str:
    return str(next(v.output["run_id"] for v in finished.visits if v.name == "PlanRun"))


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
    cloud: Cloud, fake: Fake, scaled_waits: None, tmp_path: Path
) -> None:
    source = serve(fake, tmp_path / "parked", "parked")
    page = {"kind": "quota_exceeded", "path": "offset=150", "retry_after": THIRTEEN_HOURS}
    fake.control(faults=[page])
    calls_in_wait: list[int] = []

    def in_wait() -> None:
        calls_in_wait.append(len(fake.calls()))
        end_cool_down(cloud)

    arn = start(cloud, source)
    finished = follow(cloud, arn, in_wait)

    assert finished.is_green, finished.cause
    names = [visit.name for visit in finished.visits]
    assert names[:6] == [
        "PlanRun",
        "ExtractSpotify",
        "IsExtractDone",
        WAIT,
        "ExtractSpotify",
        "IsExtractDone",
    ]
    answers = [visit.output for visit in finished.visits if visit.name == "ExtractSpotify"]
    assert [answer["status"] for answer in answers] == ["wait", "done"]
    assert answers[0]["wait_seconds"] in (THIRTEEN_HOURS, THIRTEEN_HOURS + 1)
    # No function ran, and nothing was asked for, while it waited.
    assert event_types_in_wait(cloud, arn) == []
    assert calls_in_wait == [3]
    offsets = [call["params"].get("offset") for call in fake.calls()]
    assert offsets == [None, "100", "150", "150", None]
    run_id = run_id_of(finished)
    assert document(cloud, run_id, "ledger")["balances"] is True
    waited_seconds = document(cloud, run_id, "receipt")["calls"]["waited_seconds"]
    assert waited_seconds in (THIRTEEN_HOURS, THIRTEEN_HOURS + 1)


def test_the_wait_costs_no_function_time(
    cloud: Cloud, fake: Fake, scaled_waits: None, tmp_path: Path
) -> None:
    source = serve(fake, tmp_path / "idle", "idle")
    fake.control(faults=[{"kind": "quota_exceeded", "retry_after": THIRTEEN_HOURS}])

    arn = start(cloud, source)
    finished = follow(cloud, arn, lambda: end_cool_down(cloud))

    seconds = {visit.name: visit.seconds or 0.0 for visit in finished.visits}
    assert seconds[WAIT] > SCALED_SECONDS / 2
    # The functions took the few seconds their calls take, not a part of the wait.
    extracting = sum(v.seconds or 0.0 for v in finished.visits if v.name == "ExtractSpotify")
    assert finished.seconds > seconds[WAIT]
    assert event_types_in_wait(cloud, arn) == []
    assert extracting < finished.seconds - seconds[WAIT]


def test_two_executions_at_once_share_one_budget(
    cloud: Cloud, fake: Fake, scaled_waits: None, tmp_path: Path
) -> None:
    source = serve(fake, tmp_path / "shared", "both")
    counted_before = calls_counted(cloud)
    # Enough for one of them, and two calls of the other.
    fake.control(daily_quota={"requests": DAILY_CALLS, "window_seconds": 86_400})

    def in_wait() -> None:
        if any(call["status"] == 429 for call in fake.calls()):
            fake.control(daily_quota=None)
            end_cool_down(cloud)

    arns = [start(cloud, source), start(cloud, source)]
    first, second = (follow(cloud, arn, in_wait) for arn in arns)

    assert first.is_green, first.cause
    assert second.is_green, second.cause
    # One waited while the other read, and then for the quota that the other had used up.
    waits = sorted(sum(visit.name == WAIT for visit in one.visits) for one in (first, second))
    assert waits[0] == 0
    assert waits[1] >= 2
    calls = fake.calls()
    assert [call["status"] for call in calls].count(429) == 1
    assert calls_counted(cloud) - counted_before == len(calls) == 2 * CALLS_OF_ONE_READ + 1
    # Neither asked between the other's calls.
    offsets = [call["params"].get("offset") for call in calls]
    assert offsets[:CALLS_OF_ONE_READ] == [None, "100", "150", None]
