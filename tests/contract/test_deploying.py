"""What the first deploy, a second stack and a deletion meet on the real AWS."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from typing import Any, Final

import boto3
import pytest

from glue_assets.handler import CODE
from tests.contract.rendering import Rendering, translated
from tests.contract.template_reader import ROOT, resources, template
from tonearm.local.cloud.glue_rules import refusal
from tonearm.local.cloud.published_layers import LAYERS, is_published

KEY: Final = "arn:aws:kms:us-east-1:123456789012:key/1"
OWN_LAYER: Final = "arn:aws:lambda:us-east-1:123456789012:layer:pandas:1"
PARTITIONS: Final = ("aws", "aws-cn", "aws-us-gov")
REGIONS: Final = sorted(
    {r for p in PARTITIONS for r in boto3.Session().get_available_regions("lambda", p)}
    | set(template()["Mappings"]["PandasLayer"])
)
LONGEST_REGION: Final = max(REGIONS, key=len)


def pandas_layer(rendering: Rendering) -> str:
    layers = rendering.resources("AWS::Lambda::Function")["PublishRunFunction"]["Layers"]
    return str(layers[1])


# ------------------------------------------------------------------ layers
@pytest.mark.parametrize("region", sorted(LAYERS))
def test_every_region_of_the_pages_list_has_its_layer_and_not_the_broken_one(region: str) -> None:
    arn = pandas_layer(Rendering(region))

    assert is_published(arn), arn
    assert arn.split(":")[1] == ("aws-cn" if region.startswith("cn-") else "aws")
    # 3.17.0, the newest number of the list, breaks on datetime64 columns.
    assert int(arn.rpartition(":")[2]) < LAYERS[region].newest


@pytest.mark.parametrize("region", [r for r in REGIONS if r not in LAYERS])
def test_where_aws_publishes_none_a_layer_of_ones_own_is_asked_for(region: str) -> None:
    assert not Rendering(region).rules_hold()

    own = Rendering(region, AwsSdkPandasLayerArn=OWN_LAYER)

    assert own.rules_hold()
    assert pandas_layer(own) == OWN_LAYER


@pytest.mark.parametrize("region", sorted(LAYERS))
def test_where_aws_publishes_one_nothing_is_asked_for(region: str) -> None:
    assert Rendering(region).rules_hold()


def test_publish_runs_tests_run_with_the_release_that_is_deployed() -> None:
    (deployed,) = re.findall(
        r'"AWS SDK for pandas" ([\d.]+) for', (ROOT / "template.yaml").read_text()
    )
    layer = tomllib.loads((ROOT / "tests" / "layer" / "pyproject.toml").read_text())

    assert f"awswrangler=={deployed}" in layer["project"]["dependencies"]


def test_layers_and_functions_are_built_for_one_architecture() -> None:
    layers = [r for r in template()["Resources"].values() if r["Type"].endswith("LayerVersion")]

    built = {layer["Metadata"]["BuildArchitecture"] for layer in layers}
    assert [*built] == template()["Globals"]["Function"]["Architectures"] == ["x86_64"]
    assert not [f for f in resources("AWS::Serverless::Function").values() if "Architectures" in f]


# ------------------------------------------------------------------ names
def account_wide_names(rendering: Rendering) -> set[str]:
    """The names of our own that an account, or the world, has once."""
    kinds = {
        "AWS::IAM::Role": "RoleName",
        "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
        "AWS::CloudWatch::Dashboard": "DashboardName",
        "AWS::S3::Bucket": "BucketName",
    }
    found = {
        properties[name]
        for kind, name in kinds.items()
        for properties in rendering.resources(kind).values()
        if name in properties
    }
    budgets = rendering.resources("AWS::Budgets::Budget").values()
    return found | {budget["Budget"]["BudgetName"] for budget in budgets}


def test_the_same_stack_name_in_two_regions_shares_no_name() -> None:
    here = account_wide_names(Rendering("us-east-1", MonthlyBudgetDollars="5"))
    there = account_wide_names(Rendering("eu-west-1", MonthlyBudgetDollars="5"))

    assert len(here) == len(there) == 3
    assert not here & there


def test_a_budget_counts_the_stack_of_its_region_alone() -> None:
    (budget,) = (
        Rendering("eu-west-1", MonthlyBudgetDollars="5").resources("AWS::Budgets::Budget").values()
    )

    assert budget["Budget"]["CostFilters"]["Region"] == ["eu-west-1"]


@pytest.mark.parametrize("stack", ["tonearm", "Tonearm-Of-Ada"])
def test_what_must_be_lower_case_is_whatever_the_stack_is_called(stack: str) -> None:
    rendering = Rendering(stack=stack)
    (bucket,) = rendering.resources("AWS::S3::Bucket").values()
    (database,) = rendering.resources("AWS::Glue::Database").values()

    assert "BucketName" not in bucket, "CloudFormation makes one in lower case"
    expected = f"{stack.lower().replace('-', '_')}_curated"
    assert database["DatabaseInput"]["Name"] == expected


def stack_names() -> list[str]:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    found = [env["global"]["parameters"]["stack_name"] for env in config.values() if env != 0.1]
    assert len(found) == 4
    return found


@pytest.mark.parametrize("stack", stack_names())
def test_the_names_of_our_stacks_fit_in_every_region(stack: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
    rendering = Rendering(LONGEST_REGION, stack)

    for role in rendering.resources("AWS::IAM::Role").values():
        assert len(role.get("RoleName", "")) <= 64
    for machine in rendering.resources("AWS::StepFunctions::StateMachine").values():
        assert len(machine["StateMachineName"]) <= 80
    for rule in rendering.resources("AWS::Events::Rule").values():
        assert len(rule["Name"]) <= 64


# ------------------------------------------------------------------ deleting
def test_what_is_kept_is_not_kept_when_the_first_deploy_fails() -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html"""
    kept = {n: r for n, r in template()["Resources"].items() if "DeletionPolicy" in r}

    assert set(kept) == {"Bucket", "StateTable"}
    for resource in kept.values():
        assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
        assert resource["UpdateReplacePolicy"] == "Retain"


def test_what_is_kept_or_may_come_back_has_no_name_that_the_next_deploy_would_want() -> None:
    (table,) = resources("AWS::DynamoDB::Table").values()
    functions = resources("AWS::Serverless::Function").values()
    groups = resources("AWS::Logs::LogGroup")

    assert "TableName" not in table
    for function in functions:
        group = groups[function["LoggingConfig"]["LogGroup"]["!Ref"]]
        assert "LogGroupName" not in group


# ------------------------------------------------------------------ order
@cache
def order() -> dict[str, set[str]]:
    """What each resource waits for, by name, when there is a key."""
    rendering = Rendering(KmsKeyArn=KEY)
    known = {
        name: item
        for name, item in translated()["Resources"].items()
        if "Condition" not in item or rendering.holds(item["Condition"])
    }
    return {name: set(_names(rendering._chosen(item))) & set(known) for name, item in known.items()}


def _names(node: Any) -> Iterator[str]:
    """Every resource or parameter that a part of the template refers to."""
    if isinstance(node, list):
        for item in node:
            yield from _names(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _named_by(key, value)
            yield from _names(value)


def _named_by(function: str, value: Any) -> list[str]:
    first = value[0] if isinstance(value, list) else value
    match function:
        case "Ref" | "Fn::GetAtt":
            return [str(first).split(".")[0]]
        case "DependsOn":
            return value if isinstance(value, list) else [value]
        case "Fn::Sub":
            return [name.split(".")[0] for name in re.findall(r"\$\{([\w.]+)\}", first)]
    return []


def before(name: str) -> set[str]:
    """Everything that is there before a resource is made."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        new = order()[waiting.pop()] - found
        found |= new
        waiting += new
    return found


def test_no_resource_waits_for_itself() -> None:
    assert len(list(TopologicalSorter(order()).static_order())) == len(order()) > 40


def test_what_writes_during_the_deploy_may_use_the_key_by_then() -> None:
    assert "KeyPolicy" in before("GlueAssets")
    assert "BucketPolicy" not in before("KeyPolicy")


@pytest.mark.parametrize("job", resources("AWS::Glue::Job"))
def test_a_job_finds_its_code_and_its_log_groups(job: str) -> None:
    assert {"GlueAssets", "GlueOutputLogGroup", "GlueErrorLogGroup"} <= before(job)


# ------------------------------------------------------------------ jobs
def test_each_job_runs_the_script_that_is_shipped_under_its_name() -> None:
    jobs = Rendering().resources("AWS::Glue::Job")

    places = {job["Command"]["ScriptLocation"] for job in jobs.values()}
    assert places == {f"GlueAssets.{name.title()}Script" for name in CODE.scripts}
    for name, job in jobs.items():
        assert job["Command"]["ScriptLocation"] == f"GlueAssets.{name.removesuffix('Job')}Script"
        assert (ROOT / "glue_jobs" / f"{job['Name'].rpartition('-')[2]}.py").is_file()


def test_no_policy_names_more_than_one_bucket() -> None:
    text = str(list(Rendering().resources("AWS::IAM::Role").values()))

    buckets = set(re.findall(r"arn:aws:s3:::([^/'\"]*)", text))
    assert len(buckets) == 1
    assert not any("*" in name for name in buckets)


@pytest.mark.parametrize("job", resources("AWS::Glue::Job"))
def test_glue_heeds_every_argument_of_a_job(job: str) -> None:
    properties = Rendering().resources("AWS::Glue::Job")[job]

    assert refusal(properties["GlueVersion"], properties["DefaultArguments"]) == ""


def statements_of(role: str) -> list[dict[str, Any]]:
    (policy,) = Rendering().resources("AWS::IAM::Role")[role]["Policies"]
    found: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return found


@pytest.mark.parametrize("job", resources("AWS::Glue::Job"))
def test_a_jobs_logs_go_to_groups_of_the_stack_that_it_may_write_to(job: str) -> None:
    rendering = Rendering()
    prefix = rendering.resources("AWS::Glue::Job")[job]["DefaultArguments"][
        "--custom-logGroup-prefix"
    ]
    groups = [f"{prefix}/output", f"{prefix}/error"]

    there = {g.get("LogGroupName") for g in rendering.resources("AWS::Logs::LogGroup").values()}
    assert set(groups) <= there
    (logs,) = (s for s in statements_of(f"{job}Role") if s["Sid"] == "WriteLogs")
    assert [arn.split(":log-group:")[1] for arn in logs["Resource"]] == [f"{g}:*" for g in groups]
    assert set(logs["Action"]) == {"logs:CreateLogStream", "logs:PutLogEvents"}


@pytest.mark.parametrize("job", resources("AWS::Glue::Job"))
def test_a_job_may_write_in_parts_and_take_them_back(job: str) -> None:
    allowed = {
        action
        for statement in statements_of(f"{job}Role")
        for action in (
            [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        )
    }

    assert {
        "s3:AbortMultipartUpload",
        "s3:ListBucketMultipartUploads",
        "s3:ListMultipartUploadParts",
    } <= allowed
