"""The deployed stack beside its template: what each resource should be, and is called."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

from tonearm.errors import OperatorError
from tonearm.stack import Stack
from tonearm.verify.intrinsics import NO_VALUE, Resolver

_ARNS: Final = {
    "AWS::S3::Bucket": "arn:{partition}:s3:::{id}",
    "AWS::Serverless::Function": "arn:{partition}:lambda:{region}:{account}:function:{id}",
    "AWS::IAM::Role": "arn:{partition}:iam::{account}:role/{id}",
    "AWS::DynamoDB::Table": "arn:{partition}:dynamodb:{region}:{account}:table/{id}",
    "AWS::Logs::LogGroup": "arn:{partition}:logs:{region}:{account}:log-group:{id}:*",
    "AWS::SQS::Queue": "arn:{partition}:sqs:{region}:{account}:{id}",
}
_LAYER: Final = "AWS::Lambda::LayerVersion"
# What a custom resource answered at the deploy and nobody can ask again.
UNKNOWN: Final = "(unknown)"


class Resource(NamedTuple):
    """One resource of the template: its logical id, physical id, and properties filled in."""

    logical: str
    physical: str
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """Where a stack is."""

    partition: str
    region: str
    account: str

    @classmethod
    def of(cls, stack_id: str) -> "Place":
        """The place that a stack's ARN tells."""
        _, partition, _, region, account, *_ = stack_id.split(":")
        return cls(partition, region, account)


class Deployed:
    """A stack as it was deployed: its own template, not this folder's.

    Args:
        clients: makes AWS clients by service name.
        stack: the stack.
    """

    def __init__(self, clients: Callable[[str], Any], stack: Stack) -> None:
        self._clients = clients
        self.stack = stack
        self.place = Place.of(stack.stack_id)

    @cached_property
    def template(self) -> Mapping[str, Any]:
        """The template as `sam deploy` handed it over."""
        from samcli.yamlhelper import yaml_parse

        body = self._clients("cloudformation").get_template(
            StackName=self.stack.name, TemplateStage="Original"
        )["TemplateBody"]
        found: Mapping[str, Any] = yaml_parse(body) if isinstance(body, str) else body
        return found

    @cached_property
    def physical(self) -> Mapping[str, str]:
        """The physical id of each logical one; a layer also under the template's own name."""
        pages = self._clients("cloudformation").get_paginator("list_stack_resources")
        found: dict[str, str] = {}
        for page in pages.paginate(StackName=self.stack.name):
            for item in page["StackResourceSummaries"]:
                found[item["LogicalResourceId"]] = item.get("PhysicalResourceId", "")
                if item["ResourceType"] == _LAYER:  # SAM adds ten letters of a hash
                    found[item["LogicalResourceId"][:-10]] = item["PhysicalResourceId"]
        return found

    def resources(self, kind: str) -> Iterator[Resource]:
        """The resources of a type whose condition holds.

        Raises:
            OperatorError: CloudFormation does not have one that the template makes.
        """
        for logical, item in self.template["Resources"].items():
            if item["Type"] != kind:
                continue
            if "Condition" in item and not self.resolve.holds(item["Condition"]):
                continue
            if logical not in self.physical:
                raise OperatorError(f"the stack has no {logical}", "run `sam deploy`")
            yield Resource(logical, self.name_of(logical), item.get("Properties", {}))

    @cached_property
    def resolve(self) -> Resolver:
        """Fills the template's functions."""
        pseudo = {
            "AWS::StackName": self.stack.name,
            "AWS::StackId": self.stack.stack_id,
            "AWS::AccountId": self.place.account,
            "AWS::Region": self.place.region,
            "AWS::Partition": self.place.partition,
            "AWS::URLSuffix": "amazonaws.com",
        }
        refs = {**self.physical, **self.stack.parameters, **pseudo}
        return Resolver(self.template, refs, self._attribute)

    def name_of(self, logical: str) -> str:
        """The physical id; of a queue its name, as its id is an address."""
        physical = self.physical[logical]
        return physical.rsplit("/", 1)[-1] if self._is_queue(logical) else physical

    def value(self, node: Any, default: Any = None) -> Any:
        """A property with its functions filled in; the default when it has none."""
        found = self.resolve(node) if node is not None else NO_VALUE
        return default if found is NO_VALUE else found

    def _is_queue(self, logical: str) -> bool:
        return self._kind(logical) == "AWS::SQS::Queue"

    def _kind(self, logical: str) -> str:
        return str(self.template["Resources"].get(logical, {}).get("Type", ""))

    def _attribute(self, logical: str, attribute: str) -> str:
        kind = self._kind(logical)
        if (logical, attribute) == ("GlueAssets", "ExtraPyFiles"):
            return self.stack.output("GlueCode")
        if attribute == "Arn" and kind in _ARNS:
            place = vars(self.place)
            return _ARNS[kind].format(**place, id=self.name_of(logical))
        if attribute == "QueueName":
            return self.name_of(logical)
        if kind.startswith("Custom::"):
            return UNKNOWN
        raise OperatorError(f"{kind} has an attribute {attribute} that verify does not know")
