"""A first deploy that fails, a deletion, and a deploy after either, of the project's template."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tonearm.errors import OperatorError
from tonearm.local import processes, sam
from tonearm.local.stack import LocalStack, Ports, Spotify
from tonearm.stack import read_stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

CAPITALS: Final = "Tonearm-Of-Ada"


class Account:
    """A local AWS account, and stacks of the template in it."""

    def __init__(self, folder: Path) -> None:
        ports = Ports.choose()
        self.log = folder / "sam.log"
        self.local = LocalStack(folder, ports, Spotify.fake(ports.spotify_url, ()))
        self.client = self.local.client

    def start(self) -> processes.Service:
        arguments = ["tonearm.local.cloud", "--port", str(self.local.ports.aws)]
        arguments += ["--data", str(self.local.folder / "aws"), "--spark-workers", "0"]
        service = processes.start(
            "local AWS", arguments, self.local.folder / "logs", self.local.aws_env
        )
        service.wait_until(lambda: processes.listens(self.local.ports.aws))
        return service

    def deploy(self, stack: str) -> dict[str, str]:
        arguments = ["deploy", "--config-env", sam.CONFIG_ENV, "--stack-name", stack]
        arguments += ["--parameter-overrides", "ScheduleState=DISABLED"]
        sam._sam(arguments, self.local.aws_env, self.log)
        return dict(read_stack(self.client, stack).outputs)

    def delete(self, stack: str) -> None:
        formation = self.client("cloudformation")
        formation.delete_stack(StackName=stack)
        formation.get_waiter("stack_delete_complete").wait(
            StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
        )

    def buckets(self, stack: str) -> list[str]:
        found = self.client("s3").list_buckets()["Buckets"]
        return [one["Name"] for one in found if one["Name"].startswith(stack.lower())]

    def tables(self, stack: str) -> list[str]:
        found: list[str] = self.client("dynamodb").list_tables()["TableNames"]
        return [name for name in found if name.startswith(stack)]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    folder = tmp_path_factory.mktemp("account")
    sam.build(folder / "sam.log")
    account = Account(folder)
    service = account.start()
    try:
        yield account
    finally:
        service.stop()


def objects(s3: Any, bucket: str) -> list[str]:
    answer = s3.list_object_versions(Bucket=bucket)
    return [one["Key"] for kind in ("Versions", "DeleteMarkers") for one in answer.get(kind, [])]


def test_a_first_deploy_that_fails_takes_all_of_it_away_and_can_be_repeated(
    account: Account,
) -> None:
    glue = account.client("glue")
    # The name of a job that is made after the code was shipped.
    taken = {"Name": "first-songs", "Role": "r", "Command": {"Name": "glueetl"}}
    glue.create_job(**taken, GlueVersion="6.0")

    with pytest.raises(OperatorError, match="sam deploy failed"):
        account.deploy("first")

    assert (account.buckets("first"), account.tables("first")) == ([], [])
    with pytest.raises(OperatorError, match="sam delete --stack-name first"):
        read_stack(account.client, "first")

    account.delete("first")
    glue.delete_job(JobName="first-songs")
    outputs = account.deploy("first")

    assert account.buckets("first") == [outputs["Bucket"]]


def test_a_stack_that_is_deleted_keeps_its_data_and_can_be_deployed_again(
    account: Account,
) -> None:
    s3 = account.client("s3")
    before = account.deploy("again")
    s3.put_object(Bucket=before["Bucket"], Key="curated/kept", Body=b"x")
    assert any(key.startswith("assets/glue/") for key in objects(s3, before["Bucket"]))

    account.delete("again")

    assert objects(s3, before["Bucket"]) == ["curated/kept"], "the code goes, the data stays"
    assert account.tables("again") == [before["StateTable"]]
    after = account.deploy("again")
    kept = {before["Bucket"], after["Bucket"]}
    assert set(account.buckets("again")) == kept
    assert len(kept) == 2
    # Snowflake's integrations hold these.
    for role in ("SnowflakeReadRoleArn", "SnowflakeNotifyRoleArn"):
        assert before[role] == after[role]


def test_a_stack_with_capitals_in_its_name_is_deployed(account: Account) -> None:
    outputs = account.deploy(CAPITALS)

    assert outputs["Bucket"].startswith("tonearm-of-ada-bucket-")
    assert outputs["GlueDatabase"] == "tonearm_of_ada_curated"


def test_a_layer_that_is_not_there_is_told_by_the_deploy(account: Account) -> None:
    arn = "arn:aws:lambda:us-east-1:336392948345:layer:AWSSDKPandas-Python313:99"
    arguments = ["deploy", "--config-env", sam.CONFIG_ENV, "--stack-name", "layerless"]
    arguments += ["--parameter-overrides", f"AwsSdkPandasLayerArn={arn}"]

    with pytest.raises(OperatorError):
        sam._sam(arguments, account.local.aws_env, account.log)

    events = account.client("cloudformation").describe_stack_events(StackName="layerless")
    told = [event.get("ResourceStatusReason", "") for event in events["StackEvents"]]
    assert any(f"GetLayerVersion on resource: {arn}" in reason for reason in told)
