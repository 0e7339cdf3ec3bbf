"""A deployed stack in memory: its executions are scripted, its documents lie in a fake bucket."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.lambdas.history import START, Event
from tonearm_pipeline.keys import run_id_of

STACK_ID = "arn:aws:cloudformation:eu-west-1:123456789012:stack/tonearm/3f2c"
MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:tonearm-pipeline"
EXECUTION = "arn:aws:states:eu-central-1:123456789012:execution:tonearm-pipeline:"
BUCKET = "tonearm-lake"


class FakePages:
    """A paginator that gives all in one page."""

    def __init__(self, page: dict[str, Any]) -> None:
        self.page = page

    def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
        yield self.page


class FakeS3:
    """Objects by key."""

    class exceptions:  # noqa: N801 - boto3's name
        class NoSuchKey(Exception):  # noqa: N818 - boto3's name
            pass

    def __init__(self) -> None:
        self.objects: dict[str, Any] = {}

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        assert Bucket == BUCKET
        if Key not in self.objects:
            raise self.exceptions.NoSuchKey
        return {"Body": io.BytesIO(json.dumps(self.objects[Key]).encode())}

    def get_paginator(self, operation: str) -> "FakePages":
        assert operation == "list_object_versions"
        return FakePages({"Versions": [{} for _ in self.objects]})


@dataclass
class FakeStepFunctions:
    """Executions, newest first, each with its history."""

    executions: list[dict[str, Any]] = field(default_factory=list)
    histories: dict[str, list[Event]] = field(default_factory=dict)
    started: list[dict[str, Any]] = field(default_factory=list)
    redriven: list[str] = field(default_factory=list)
    ends_as: str = "SUCCEEDED"

    def add(self, name: str, status: str, events: list[Event], **fields: Any) -> str:
        """Add an execution an hour after the one before; return its run_id."""
        start = START + timedelta(hours=len(self.executions))
        arn = EXECUTION + name
        item = {"executionArn": arn, "status": status, "startDate": start, "input": "{}", **fields}
        if status != "RUNNING":
            item["stopDate"] = start + timedelta(seconds=100)
        self.executions.insert(0, item)
        self.histories[arn] = events
        return run_id_of(arn, start.isoformat())

    def get_paginator(self, operation: str) -> Any:
        if operation == "list_executions":
            return FakePages({"executions": self.executions})
        return _Histories(self)

    def describe_execution(self, executionArn: str) -> dict[str, Any]:  # noqa: N803
        return next(item for item in self.executions if item["executionArn"] == executionArn)

    def start_execution(self, **given: Any) -> dict[str, Any]:
        assert given["stateMachineArn"] == MACHINE
        self.started.append(json.loads(given["input"]))
        self.add(given["name"], self.ends_as, [], input=given["input"])
        return {"executionArn": EXECUTION + given["name"]}

    def redrive_execution(self, executionArn: str) -> None:  # noqa: N803
        self.redriven.append(executionArn)
        self.describe_execution(executionArn)["status"] = "SUCCEEDED"


class _Histories:
    def __init__(self, fake: FakeStepFunctions) -> None:
        self.fake = fake

    def paginate(self, executionArn: str, **_: Any) -> Iterator[dict[str, Any]]:  # noqa: N803
        yield {"events": self.fake.histories[executionArn]}


class FakeStack:
    """The AWS clients of one deployed stack."""

    def __init__(self) -> None:
        self.stepfunctions = FakeStepFunctions()
        self.s3 = FakeS3()

    def __call__(self, service: str) -> Any:
        made = {"stepfunctions": self.stepfunctions, "s3": self.s3, "cloudformation": self}
        return made[service]

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        assert StackName in ("tonearm", "mine")
        outputs = {"StateMachineArn": MACHINE, "Bucket": BUCKET}
        listed = [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]
        found = {"StackId": STACK_ID, "StackStatus": "CREATE_COMPLETE", "Outputs": listed}
        return {"Stacks": [found]}
