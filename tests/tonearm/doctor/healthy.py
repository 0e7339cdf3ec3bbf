"""A stack without a fault, for a test to spoil in one place."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from tests.contract.template_reader import template
from tests.lambdas.local_aws import REGION, create_state_table
from tests.lambdas.scripted_spotify import ScriptedSpotify, spotify_id
from tests.lambdas.tonearm_pipeline.finished_run import (
    load_document,
    published_manifest,
    raw_manifest,
)
from tests.tonearm.fake_stack import BUCKET, MACHINE, FakeStepFunctions
from tonearm.doctor.context import Context
from tonearm.doctor.examining import examine
from tonearm.findings import Diagnosis
from tonearm.project import TEMPLATE
from tonearm.warehouse.keys import new_key_pair

PRINCIPAL = "arn:aws:iam::111111111111:user/abc1-s"
NOTIFIER = "arn:aws:iam::111111111111:user/abc2-n"
QUEUE = f"arn:aws:sqs:{REGION}:123456789012:sf-snowpipe-x"
STACK_ID = f"arn:aws:cloudformation:{REGION}:123456789012:stack/tonearm/1-2-3"
TEMPLATE_PARAMETERS = template()["Parameters"]
PEM = new_key_pair().private_pem.decode()


class Healthy:
    """The stack `tonearm`, and what a test changes of it."""

    def __init__(self, spotify: ScriptedSpotify) -> None:
        self.spotify = spotify
        self._clients: dict[str, Any] = {}
        self.status = "UPDATE_COMPLETE"
        self.template = TEMPLATE.read_text()
        self.stepfunctions = FakeStepFunctions()
        self.now = datetime.now(UTC)
        self.album = spotify.world.add_album("album1x", 3)
        self.playlist = spotify.world.add_playlist("playlist1x", 3).uri
        self.parameters = self._parameters()
        self.outputs = {"StateMachineArn": MACHINE, "Bucket": BUCKET, "StateTable": "state"}
        self._create_bucket()
        create_state_table(self.aws("dynamodb"), "state")
        self._create_secrets()
        self._create_roles()
        self._create_topic_and_rule()
        self.run_id = self.add_run("daily-1")

    def __call__(self, service: str) -> Any:
        """The client of a service."""
        if service == "stepfunctions":
            return self.stepfunctions
        return self if service == "cloudformation" else self.aws(service)

    def aws(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = boto3.client(service)  # type: ignore[call-overload]
        return self._clients[service]

    def examine(self) -> Diagnosis:
        return examine(Context(self, "tonearm", self.now))

    # ------------------------------------------------------------------ CloudFormation
    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        given = [{"ParameterKey": k, "ParameterValue": v} for k, v in self.parameters.items()]
        told = [{"OutputKey": k, "OutputValue": v} for k, v in self.outputs.items()]
        stack = {"StackId": STACK_ID, "StackStatus": self.status}
        return {"Stacks": [{**stack, "Parameters": given, "Outputs": told}]}

    def get_template(self, StackName: str, TemplateStage: str) -> dict[str, Any]:  # noqa: N803
        assert TemplateStage == "Original"
        return {"TemplateBody": self.template}

    # ------------------------------------------------------------------ what tests do
    def put(self, key: str, document: object) -> None:
        self.aws("s3").put_object(Bucket=BUCKET, Key=key, Body=json.dumps(document).encode())

    def put_secret(self, key: str, text: str) -> None:
        self.aws("secretsmanager").put_secret_value(SecretId=self.outputs[key], SecretString=text)

    def put_login(self, **changes: Any) -> None:
        secret = {
            "client_id": "app",
            "client_secret": "hush",
            "refresh_token": "refresh-1",
            "authorized_at": (self.now - timedelta(days=10)).isoformat(),
        }
        self.put_secret("SpotifySecretArn", json.dumps(secret | changes))

    def add_run(self, name: str, status: str = "SUCCEEDED", hours_ago: float = 2) -> str:
        """A run that ended, with its documents; the newest one now."""
        run_id = self.stepfunctions.add(name, status, [])
        item = self.stepfunctions.executions[0]
        item["stopDate"] = self.now - timedelta(hours=hours_ago)
        self.put(f"runs/{run_id}/manifest.json", self.manifest())
        self.put(f"runs/{run_id}/load.json", load_document())
        self.put(f"runs/{run_id}/ledger.json", {"balances": True, "differences": []})
        self.put(f"runs/{run_id}/receipt.json", {"calls": {"total": 23}})
        self.put(f"raw/{run_id}/manifest.json", raw_manifest() | {"refused": []})
        return run_id

    def manifest(self, **changes: Any) -> dict[str, Any]:
        """A published manifest without quarantined rows; songs show their popularity."""
        made = published_manifest()
        made["entities"]["playlist_entries"]["quarantined"] = 0
        made["field_presence"] = {"songs": {"popularity": [6, 6], "isrc": [5, 6]}}
        return made | changes

    # ------------------------------------------------------------------ how it is made
    def _parameters(self) -> dict[str, str]:
        defaults = {
            name: str(parameter.get("Default", ""))
            for name, parameter in TEMPLATE_PARAMETERS.items()
        }
        return defaults | {
            "DefaultSources": f"me/playlists,{self.playlist},{self.album}",
            "SpotifyApiUrl": self.spotify.api_url,
            "SpotifyTokenUrl": self.spotify.token_url,
            "SnowflakeAccount": "ORG-ACCOUNT",
            "SnowflakePrincipalArn": PRINCIPAL,
            "SnowflakeExternalId": "ours",
            "SnowpipeQueueArn": QUEUE,
            "SnowflakeNotifyPrincipalArn": NOTIFIER,
            "SnowflakeNotifyExternalId": "theirs",
            "AlarmEmail": "ops@example.org",
        }

    def _create_bucket(self) -> None:
        s3 = self.aws("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy")
        block = dict.fromkeys((*names, "RestrictPublicBuckets"), True)
        s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=block)
        self.put_notification(QUEUE)

    def put_notification(self, *queues: str) -> None:
        rules = [{"Name": "prefix", "Value": "curated/"}, {"Name": "suffix", "Value": ".parquet"}]
        configurations = [
            {
                "QueueArn": queue,
                "Events": ["s3:ObjectCreated:*"],
                "Filter": {"Key": {"FilterRules": rules}},
            }
            for queue in queues
        ]
        self.aws("s3").put_bucket_notification_configuration(
            Bucket=BUCKET, NotificationConfiguration={"QueueConfigurations": configurations}
        )

    def _create_secrets(self) -> None:
        manager = self.aws("secretsmanager")
        for key, name in (("SpotifySecretArn", "spotify"), ("SnowflakeKeySecretArn", "key")):
            self.outputs[key] = manager.create_secret(Name=f"tonearm/{name}")["ARN"]
        self.put_login()
        self.put_secret("SnowflakeKeySecretArn", PEM)

    def _create_roles(self) -> None:
        for output, name, principal, external_id in (
            ("SnowflakeReadRoleArn", "tonearm-snowflake-read", PRINCIPAL, "ours"),
            ("SnowflakeNotifyRoleArn", "tonearm-snowflake-notify", NOTIFIER, "theirs"),
        ):
            role = self.aws("iam").create_role(
                RoleName=name, AssumeRolePolicyDocument=trust(principal, external_id)
            )
            self.outputs[output] = role["Role"]["Arn"]

    def _create_topic_and_rule(self) -> None:
        sns = self.aws("sns")
        topic = sns.create_topic(Name="tonearm")["TopicArn"]
        self.outputs["TopicArn"] = topic
        self.subscription = sns.subscribe(
            TopicArn=topic, Protocol="email", Endpoint="ops@example.org", ReturnSubscriptionArn=True
        )["SubscriptionArn"]
        self.aws("events").put_rule(Name="tonearm-daily", ScheduleExpression="cron(0 5 * * ? *)")


def trust(principal: str, external_id: str) -> str:
    """A trust policy as the template writes it."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


UNKNOWN_PLAYLIST = f"spotify:playlist:{spotify_id('nowhere1x')}"
