"""What people and accidents do to a verified stack, one each; afterwards it is as it was."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Final

import pyarrow.parquet as pq

from tests.e2e.local_cloud import Cloud
from tonearm.local.stack import STACK_NAME

ALARM: Final = f"{STACK_NAME}-run-failed"
_DATABASE: Final = f"{STACK_NAME.replace('-', '_')}_curated"


@dataclass(frozen=True)
class Scene:
    """A verified local cloud and what its run has published."""

    cloud: Cloud
    source: str
    manifest: dict[str, Any]

    def aws(self, service: str) -> Any:
        return self.cloud.stack.client(service)

    def physical(self, logical: str) -> str:
        found = self.aws("cloudformation").describe_stack_resources(StackName=STACK_NAME)
        return next(
            str(item["PhysicalResourceId"])
            for item in found["StackResources"]
            if item["LogicalResourceId"] == logical
        )

    @property
    def bucket(self) -> str:
        return self.cloud.stack.outputs["Bucket"]

    @property
    def first_album_file(self) -> str:
        return str(self.manifest["entities"]["albums"]["files"][0]["key"])


type Spoil = Callable[[Scene], AbstractContextManager[None]]


@contextmanager
def another_body(scene: Scene, key: str, body: bytes | None) -> Iterator[None]:
    """An object with another body, or none."""
    s3 = scene.aws("s3")
    before = s3.get_object(Bucket=scene.bucket, Key=key)["Body"].read()
    if body is None:
        s3.delete_object(Bucket=scene.bucket, Key=key)
    else:
        s3.put_object(Bucket=scene.bucket, Key=key, Body=body)
    try:
        yield
    finally:
        s3.put_object(Bucket=scene.bucket, Key=key, Body=before)


def other_codec(scene: Scene) -> AbstractContextManager[None]:
    before = scene.aws("s3").get_object(Bucket=scene.bucket, Key=scene.first_album_file)
    packed = io.BytesIO()
    pq.write_table(pq.read_table(io.BytesIO(before["Body"].read())), packed, compression="zstd")
    return another_body(scene, scene.first_album_file, packed.getvalue())


def lost_file(scene: Scene) -> AbstractContextManager[None]:
    return another_body(scene, scene.first_album_file, None)


def lost_job_code(scene: Scene) -> AbstractContextManager[None]:
    job = scene.aws("glue").get_job(JobName=scene.physical("AlbumsJob"))["Job"]
    place = job["DefaultArguments"]["--extra-py-files"]
    return another_body(scene, place.removeprefix(f"s3://{scene.bucket}/"), None)


@contextmanager
def lost_layer(scene: Scene) -> Iterator[None]:
    functions, name = scene.aws("lambda"), scene.physical("PublishRunFunction")
    has = functions.get_function_configuration(FunctionName=name)["Layers"]
    arns = [layer["Arn"] for layer in has]
    functions.update_function_configuration(FunctionName=name, Layers=arns[:1])
    try:
        yield
    finally:
        functions.update_function_configuration(FunctionName=name, Layers=arns)


@contextmanager
def other_argument(scene: Scene) -> Iterator[None]:
    glue, name = scene.aws("glue"), scene.physical("SongsJob")
    before = glue.get_job(JobName=name)["Job"]["DefaultArguments"]
    changed = {**before, "--job-bookmark-option": "job-bookmark-enable"}
    glue.update_job(JobName=name, JobUpdate={"DefaultArguments": changed})
    try:
        yield
    finally:
        glue.update_job(JobName=name, JobUpdate={"DefaultArguments": before})


@contextmanager
def other_definition(scene: Scene) -> Iterator[None]:
    machines, arn = scene.aws("stepfunctions"), scene.cloud.stack.outputs["StateMachineArn"]
    before = machines.describe_state_machine(stateMachineArn=arn)["definition"]
    changed = json.loads(before)
    changed["States"]["WaitForSnowpipe"]["Seconds"] = 1
    machines.update_state_machine(stateMachineArn=arn, definition=json.dumps(changed))
    try:
        yield
    finally:
        machines.update_state_machine(stateMachineArn=arn, definition=before)


def policy_of(scene: Scene, role: str, change: Callable[[dict[str, Any]], None]) -> Spoil:
    @contextmanager
    def spoilt(_: Scene) -> Iterator[None]:
        iam, name = scene.aws("iam"), scene.physical(role)
        (policy,) = iam.list_role_policies(RoleName=name)["PolicyNames"]
        before = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        changed = json.loads(json.dumps(before))
        change(changed)
        put = {"RoleName": name, "PolicyName": policy}
        iam.put_role_policy(**put, PolicyDocument=json.dumps(changed))
        try:
            yield
        finally:
            iam.put_role_policy(**put, PolicyDocument=json.dumps(before))

    return spoilt


def lost_right(scene: Scene) -> AbstractContextManager[None]:
    def without_put(document: dict[str, Any]) -> None:
        for statement in document["Statement"]:
            if statement["Sid"] == "WriteCurated":
                statement["Action"] = "s3:GetObject"

    return policy_of(scene, "PublishRunFunctionRole", without_put)(scene)


def denied_right(scene: Scene) -> AbstractContextManager[None]:
    def with_deny(document: dict[str, Any]) -> None:
        document["Statement"].append({"Effect": "Deny", "Action": "sns:Publish", "Resource": "*"})

    return policy_of(scene, "RecordRunFunctionRole", with_deny)(scene)


@contextmanager
def silent_alarm(scene: Scene) -> Iterator[None]:
    alarms = scene.aws("cloudwatch")
    alarms.disable_alarm_actions(AlarmNames=[ALARM])
    try:
        yield
    finally:
        alarms.enable_alarm_actions(AlarmNames=[ALARM])


def _log_group(scene: Scene) -> tuple[str, int]:
    name = scene.physical("PlanRunLogGroup")
    (found,) = scene.aws("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return name, int(found["retentionInDays"])


@contextmanager
def logs_for_ever(scene: Scene) -> Iterator[None]:
    logs, (name, days) = scene.aws("logs"), _log_group(scene)
    logs.delete_retention_policy(logGroupName=name)
    try:
        yield
    finally:
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)


@contextmanager
def lost_log_group(scene: Scene) -> Iterator[None]:
    logs, (name, days) = scene.aws("logs"), _log_group(scene)
    logs.delete_log_group(logGroupName=name)
    try:
        yield
    finally:
        logs.create_log_group(logGroupName=name)
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)


@contextmanager
def lost_event(scene: Scene) -> Iterator[None]:
    s3 = scene.aws("s3")
    before = s3.get_bucket_notification_configuration(Bucket=scene.bucket)
    before.pop("ResponseMetadata", None)
    put = s3.put_bucket_notification_configuration
    put(Bucket=scene.bucket, NotificationConfiguration={})
    try:
        yield
    finally:
        put(Bucket=scene.bucket, NotificationConfiguration=before)


def secret_of(text: str) -> Spoil:
    @contextmanager
    def spoilt(scene: Scene) -> Iterator[None]:
        secrets, arn = scene.aws("secretsmanager"), scene.cloud.stack.outputs["SpotifySecretArn"]
        before = secrets.get_secret_value(SecretId=arn)["SecretString"]
        secrets.put_secret_value(SecretId=arn, SecretString=text)
        try:
            yield
        finally:
            secrets.put_secret_value(SecretId=arn, SecretString=before)

    return spoilt


@contextmanager
def lost_table(scene: Scene) -> Iterator[None]:
    glue = scene.aws("glue")
    table = glue.get_table(DatabaseName=_DATABASE, Name="albums")["Table"]
    with lost_partition(scene):
        glue.delete_table(DatabaseName=_DATABASE, Name="albums")
        try:
            yield
        finally:
            kept = ("Name", "Description", "StorageDescriptor", "PartitionKeys", "Parameters")
            made = {key: table[key] for key in (*kept, "TableType")}
            glue.create_table(DatabaseName=_DATABASE, TableInput=made)


@contextmanager
def lost_partition(scene: Scene) -> Iterator[None]:
    glue, day = scene.aws("glue"), scene.manifest["snapshot_date"]
    named = {"DatabaseName": _DATABASE, "TableName": "albums"}
    found = glue.get_partition(**named, PartitionValues=[day])["Partition"]
    glue.delete_partition(**named, PartitionValues=[day])
    try:
        yield
    finally:
        kept = {key: found[key] for key in ("Values", "StorageDescriptor", "Parameters")}
        glue.create_partition(**named, PartitionInput=kept)


def statements(spoil: str, heal: str) -> Spoil:
    @contextmanager
    def spoilt(scene: Scene) -> Iterator[None]:
        run_id = scene.manifest["run_id"]
        scene.cloud.query(spoil.format(run_id=run_id))
        try:
            yield
        finally:
            scene.cloud.query(heal.format(run_id=run_id))

    return spoilt


SHIFT: Final = (
    "update tonearm.landing.albums set extracted_at = dateadd('hour', {hours}, extracted_at)"
    " where run_id = '{{run_id}}'"
)
