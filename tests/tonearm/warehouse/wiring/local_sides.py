"""Both sides on this machine: the local AWS with the small stack, the local Snowflake server."""

import io
import json
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from rich.console import Console

from tests.tonearm.warehouse.wiring.small_stack import small_template
from tonearm.findings import Finding
from tonearm.local import processes
from tonearm.screen import Screen
from tonearm.stack import CAPABILITIES, Pace, Stack, read_stack
from tonearm.warehouse.keys import KeyPair, key_pair_of, new_key_pair
from tonearm.warehouse.wiring import deploy as deploying
from tonearm.warehouse.wiring.inspect_sides import Sides
from tonearm.warehouse.wiring.options import Admin, Options
from tonearm.warehouse.wiring.parameters import names_for

REGION, ACCOUNT_ID = "us-east-1", "000000000000"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:sf-snowpipe-test"
OTHER_QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:another-queue"
AWS_VARIABLES = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
}
PACE = Pace(poll_seconds=0.1, stack_seconds=60, drain_seconds=1, read_seconds=5)
QUEUE_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": "*",
        }
    ],
}


@dataclass
class Outcome:
    """What a command found and printed."""

    findings: list[Finding]
    text: str

    @property
    def kinds(self) -> set[str]:
        return {finding.check for finding in self.findings}


@dataclass
class LocalSides:
    """The two sides and what the tests do to them."""

    aws_port: int
    snowflake_port: int
    stack_name: str
    services: list[processes.Service] = field(default_factory=list)
    admin_key: KeyPair = field(default_factory=new_key_pair)

    @classmethod
    def start(cls, folder: Path) -> "LocalSides":
        made = cls(processes.free_port(), processes.free_port(), "tonearm-test")
        cloud = ["tonearm.local.cloud", "--port", str(made.aws_port)]
        cloud += ["--data", str(folder / "aws"), "--spark-workers", "0"]
        made.services.append(processes.start("local AWS", cloud, folder, AWS_VARIABLES))
        made.start_snowflake(folder)
        made.services[0].wait_until(lambda: processes.listens(made.aws_port))
        made.create_queues()
        made.create_stack()
        return made

    def apart(self, folder: Path, stack_name: str, *more: str) -> "LocalSides":
        """Another stack in the same AWS, with an account of its own, started with more options."""
        made = LocalSides(self.aws_port, processes.free_port(), stack_name)
        made.start_snowflake(folder, *more)
        made.create_stack()
        return made

    def start_snowflake(self, folder: Path, *more: str) -> None:
        server = ["tonearm.local.snowflake_server", "--port", str(self.snowflake_port)]
        server += ["--s3-endpoint", f"127.0.0.1:{self.aws_port}", "--notification-channel", QUEUE]
        server += more
        service = processes.start("local Snowflake", server, folder, AWS_VARIABLES)
        self.services.append(service)
        service.wait_until(lambda: processes.listens(self.snowflake_port))

    def stop(self) -> None:
        for service in self.services:
            service.stop()

    def create_queues(self) -> None:
        for arn in (QUEUE, OTHER_QUEUE):
            self.clients("sqs").create_queue(
                QueueName=arn.rsplit(":", 1)[-1], Attributes={"Policy": json.dumps(QUEUE_POLICY)}
            )

    def clients(self, service: str) -> Any:
        return _client(service, self.aws_port)

    def create_stack(self) -> None:
        self.clients("cloudformation").create_stack(
            StackName=self.stack_name, TemplateBody=small_template(), Capabilities=CAPABILITIES
        )
        assert PACE.wait_until(lambda: self.stack.status == "CREATE_COMPLETE", 60)

    @property
    def options(self) -> Options:
        return Options(
            self.stack_name,
            account="LOCAL-TEST",
            host="127.0.0.1",
            port=self.snowflake_port,
            protocol="http",
        )

    @property
    def sides(self) -> Sides:
        admin = Admin("ADMIN", "ACCOUNTADMIN", self.admin_key.private_pem)
        return Sides(self.clients, self.options, admin, PACE)

    @property
    def stack(self) -> Stack:
        return read_stack(self.clients, self.stack_name)

    def deploy(
        self, *, answer: bool = True, credit_quota: int | None = None, **options: bool
    ) -> Outcome:
        text = io.StringIO()
        screen = Screen(Console(file=text, width=400))
        sides = replace(self.sides, options=replace(self.options, credit_quota=credit_quota))
        findings = deploying.deploy(sides, screen, lambda: answer, **options)
        return Outcome(findings, text.getvalue())

    def status(self) -> Outcome:
        text = io.StringIO()
        findings = deploying.status(self.sides, Screen(Console(file=text, width=400)))
        return Outcome(findings, text.getvalue())

    def run(self, *statements: str) -> None:
        with self.sides.open() as account:
            for statement in statements:
                account.run(statement)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        with self.sides.open() as account:
            return account.rows(sql)

    def secret(self) -> str:
        arn = self.stack.output("SnowflakeKeySecretArn")
        return str(self.clients("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])

    def put_file(self, key: str, content: bytes) -> None:
        self.clients("s3").put_object(Bucket=self.stack.output("Bucket"), Key=key, Body=content)

    def accepts(self, private_pem: str) -> bool:
        """Whether the service user can sign in with a key."""
        key = key_pair_of(private_pem.encode())
        return not self.sides.service_refusal(names_for(self.options, self.stack), key)

    def events(self) -> int:
        """How much the stack has been through."""
        cloudformation = self.clients("cloudformation")
        pages = cloudformation.get_paginator("describe_stack_events")
        return sum(len(page["StackEvents"]) for page in pages.paginate(StackName=self.stack_name))


@cache
def _client(service: str, port: int) -> Any:
    """One client of a service for all tests: making one takes longer than most calls."""
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
