"""Starts and follows executions over a small account that a test writes."""

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.local_cloud import FIRST_DAY, Cloud
from tests.faults.catalogues import Wanted, write_account, write_catalogue
from tests.faults.fake import Fake
from tonearm.runs import executions
from tonearm.runs.executions import Finished, StateVisit

WAIT = "WaitForQuota"
SONGS = 180


@contextmanager
def steered(cloud: Cloud) -> Iterator[Fake]:
    """The cloud's fake Spotify with the built-in catalogue, before and afterwards."""
    fake = Fake(cloud.stack.ports.spotify_url)
    fake.control(reset=True, day=FIRST_DAY.isoformat())
    try:
        yield fake
    finally:
        fake.control(reset=True, day=FIRST_DAY.isoformat())
        fake.close()


def serve(fake: Fake, folder: Path, name: str) -> str:
    """Let the account hold one list of 180 songs, its albums and artists; the list's address."""
    wanted = Wanted(name, SONGS)
    write_account(folder, [wanted])
    write_catalogue(folder, [wanted])
    fake.control(catalogue=str(folder))
    return wanted.uri


def start(cloud: Cloud, source: str, **options: Any) -> str:
    """Start an execution that reads a source whole; its ARN."""
    name = f"driven-{time.time_ns()}"
    machine = cloud.stack.outputs["StateMachineArn"]
    stepfunctions = cloud.stack.client("stepfunctions")
    run_input = {"sources": [source], "force_full": True, **options}
    return executions.start(stepfunctions, machine, name, run_input)


def forget_the_size_of_the_quota(cloud: Cloud) -> None:
    """Let the window have its usual size, whatever earlier tests have taught the stack."""
    cloud.stack.client("dynamodb").delete_item(
        TableName=cloud.stack.outputs["StateTable"],
        Key={"pk": {"S": "quota"}, "sk": {"S": "limit"}},
    )


def set_wait_scale(cloud: Cloud, scale: float) -> None:
    """Let every wait of the state machine last this share of its time."""
    request = urllib.request.Request(
        f"{cloud.stack.ports.aws_url}/_ministack/config",
        data=json.dumps({"stepfunctions._SFN_WAIT_SCALE": scale}).encode(),
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert json.loads(answer.read())["applied"]


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


def document(cloud: Cloud, run_id: str, name: str) -> dict[str, Any]:
    """A JSON document of a run."""
    s3 = cloud.stack.client("s3")
    key = f"runs/{run_id}/{name}.json"
    body = s3.get_object(Bucket=cloud.stack.outputs["Bucket"], Key=key)["Body"].read()
    found: dict[str, Any] = json.loads(body)
    return found


def run_id_of(finished: Finished) -> str:
    """The name PlanRun gave the run."""
    return str(next(v.output["run_id"] for v in finished.visits if v.name == "PlanRun"))
