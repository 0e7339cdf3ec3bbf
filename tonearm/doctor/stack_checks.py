"""Whether the stack is what the template makes of it, and its parts were not changed by hand."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from tonearm.doctor.context import Context
from tonearm.findings import DEPLOY, Fact, Finding, Said, run_command, set_parameter
from tonearm.project import TEMPLATE

# What `sam deploy` writes its own values into.
_PACKAGED = frozenset({"CodeUri", "ContentUri", "DefinitionUri"})
_GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")
_BUSY = "_IN_PROGRESS"


def check_status(context: Context) -> Said:
    """Whether CloudFormation left the stack whole."""
    status = context.stack.status
    if status.endswith(_BUSY):
        yield Fact("stack", f"CloudFormation is at it: {status}")
    elif status not in _GOOD:
        what = f"the stack is {status}"
        console = "see the first failure in its events in the CloudFormation console"
        yield Finding("stack", what, f"{console}, then {run_command(DEPLOY, context.stack_name)}")


def check_template(context: Context) -> Said:
    """Whether the deployed template is this project's."""
    from samcli.yamlhelper import yaml_parse

    answer = context.clients("cloudformation").get_template(
        StackName=context.stack_name, TemplateStage="Original"
    )
    body, text = answer["TemplateBody"], TEMPLATE.read_text()
    if body == text:
        return
    deployed = yaml_parse(body) if isinstance(body, str) else body
    wanted = yaml_parse(text)
    fix = run_command(DEPLOY, context.stack_name)
    for section in ("Mappings", "Parameters", "Resources", "Outputs"):
        differing = _differing(deployed.get(section, {}), wanted.get(section, {}))
        if differing:
            what = f"deployed {section.lower()} differ from template.yaml: {', '.join(differing)}"
            yield Finding("template", what, fix)


def check_schedule(context: Context) -> Said:
    """Whether the daily run starts by itself."""
    if context.stack.parameter("ScheduleState") == "DISABLED":
        fix = set_parameter("ScheduleState", "ENABLED", context.stack_name)
        yield Finding("schedule", "the stack's schedule is switched off", fix)
        return
    name = f"{context.stack_name}-daily"
    try:
        rule = context.clients("events").describe_rule(Name=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        fix = run_command(DEPLOY, context.stack_name)
        yield Finding("schedule", f"the rule {name} is missing", fix)
        return
    if rule["State"] != "ENABLED":
        fix = f"run `aws events enable-rule --name {name}`"
        yield Finding("schedule", f"the rule {name} was disabled by hand", fix)


def check_subscribers(context: Context) -> Said:
    """Whether anybody is told of failures."""
    topic = context.stack.output("TopicArn")
    pages = context.clients("sns").get_paginator("list_subscriptions_by_topic")
    found = [item for page in pages.paginate(TopicArn=topic) for item in page["Subscriptions"]]
    waiting = [item for item in found if item["SubscriptionArn"] == "PendingConfirmation"]
    if not found:
        fix = set_parameter("AlarmEmail", "YOU@EXAMPLE.ORG", context.stack_name)
        yield Finding("alarms", "nobody is told when a run fails", fix)
    elif len(waiting) == len(found):
        what = "nobody has confirmed the subscription, so nobody is told when a run fails"
        yield Finding("alarms", what, "open the link in AWS's mail, or deploy with another address")


def check_bucket(context: Context) -> Said:
    """Whether the bucket is closed to the public and keeps versions, as the template says."""
    s3, bucket = context.clients("s3"), context.stack.output("Bucket")
    if not _is_closed(s3, bucket):
        fix = (
            f"run `aws s3api put-public-access-block --bucket {bucket} --public-access-block-"
            "configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,"
            "RestrictPublicBuckets=true`"
        )
        yield Finding("bucket", f"bucket {bucket} does not block public access", fix)
    if s3.get_bucket_versioning(Bucket=bucket).get("Status") != "Enabled":
        fix = (
            f"run `aws s3api put-bucket-versioning --bucket {bucket} "
            "--versioning-configuration Status=Enabled`"
        )
        yield Finding("bucket", f"bucket {bucket} keeps no versions", fix)


def _is_closed(s3: Any, bucket: str) -> bool:
    try:
        found = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchPublicAccessBlockConfiguration":
            return False
        raise
    return all(found.values())


def _differing(deployed: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """The names that only one side has or that say something else."""
    names = sorted(deployed.keys() | wanted.keys())
    return [n for n in names if _comparable(deployed.get(n)) != _comparable(wanted.get(n))]


def _comparable(node: Any) -> Any:
    """A part of a template without what packaging changes; numbers and texts are one."""
    if isinstance(node, Mapping):
        kept = {key: value for key, value in node.items() if key not in _PACKAGED}
        # `sam build` and `sam deploy` note for themselves where a resource came from.
        kept.pop("Metadata", None)
        return {key: _comparable(value) for key, value in kept.items()}
    if isinstance(node, list):
        return [_comparable(item) for item in node]
    if isinstance(node, bool):
        return str(node).lower()
    return None if node is None else str(node)
