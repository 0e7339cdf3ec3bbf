"""`tonearm snowflake deploy` on the whole local stack: the second call changes nothing."""

import io

import pytest
from rich.console import Console

from tests.e2e.local_cloud import Cloud
from tonearm.findings import Finding
from tonearm.local.stack import STACK_NAME
from tonearm.screen import Screen
from tonearm.stack import Pace, read_stack
from tonearm.warehouse.keys import new_key_pair
from tonearm.warehouse.wiring import deploy as deploying
from tonearm.warehouse.wiring.inspect_sides import Sides
from tonearm.warehouse.wiring.options import Admin, Options
from tonearm.warehouse.wiring.parameters import completed

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


def sides_of(cloud: Cloud) -> Sides:
    stack = read_stack(cloud.stack.client, STACK_NAME)
    admin = Admin("ADMIN", "ACCOUNTADMIN", new_key_pair().private_pem)
    options = completed(Options(STACK_NAME), stack)
    return Sides(cloud.stack.client, options, admin, Pace(poll_seconds=0.2))


def deploy(cloud: Cloud) -> tuple[list[Finding], str]:
    text = io.StringIO()
    screen = Screen(Console(file=text, width=400))
    return deploying.deploy(sides_of(cloud), screen, lambda: True), text.getvalue()


def test_the_second_deploy_of_the_whole_stack_changes_nothing(cloud: Cloud) -> None:
    cloudformation = cloud.stack.client("cloudformation")

    left, said = deploy(cloud)
    stack = read_stack(cloud.stack.client, STACK_NAME)
    events = cloudformation.describe_stack_events(StackName=STACK_NAME)["StackEvents"]
    rows = cloud.query("select count(*) from tonearm.ops.applied_sql")
    again, said_again = deploy(cloud)

    # A template without these parameters cannot trust the notification integration.
    assert [finding.subject for finding in left] == [], said
    assert [finding.subject for finding in again] == [], said_again
    assert "Applying" not in said_again
    assert read_stack(cloud.stack.client, STACK_NAME) == stack
    assert cloudformation.describe_stack_events(StackName=STACK_NAME)["StackEvents"] == events
    assert cloud.query("select count(*) from tonearm.ops.applied_sql") == rows
    assert (
        stack.parameter("SnowflakePrincipalArn") == "arn:aws:iam::000000000000:user/local-snowflake"
    )
