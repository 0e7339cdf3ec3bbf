"""The template as CloudFormation sees it: SAM's part translated, every function resolved.

Names that only AWS gives are made up in the form that AWS gives them.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from tests.contract.template_reader import long_form, template

ACCOUNT: Final = "123456789012"
_CODE: Final = {"CodeUri", "ContentUri", "DefinitionUri"}
_ARNS: Final = {
    "AWS::S3::Bucket": "arn:{p}:s3:::{name}",
    "AWS::DynamoDB::Table": "arn:{p}:dynamodb:{r}:{a}:table/{name}",
    "AWS::Lambda::Function": "arn:{p}:lambda:{r}:{a}:function:{name}",
    "AWS::Lambda::LayerVersion": "arn:{p}:lambda:{r}:{a}:layer:{name}:1",
    "AWS::IAM::Role": "arn:{p}:iam::{a}:role/{name}",
    "AWS::IAM::ManagedPolicy": "arn:{p}:iam::{a}:policy/{name}",
    "AWS::SNS::Topic": "arn:{p}:sns:{r}:{a}:{name}",
    "AWS::SQS::Queue": "arn:{p}:sqs:{r}:{a}:{name}",
    "AWS::SecretsManager::Secret": "arn:{p}:secretsmanager:{r}:{a}:secret:{name}-AbCdEf",
    "AWS::StepFunctions::StateMachine": "arn:{p}:states:{r}:{a}:stateMachine:{name}",
    "AWS::Logs::LogGroup": "arn:{p}:logs:{r}:{a}:log-group:{name}:*",
    "AWS::CloudWatch::Alarm": "arn:{p}:cloudwatch:{r}:{a}:alarm:{name}",
    "AWS::Events::Rule": "arn:{p}:events:{r}:{a}:rule/{name}",
}
# `Ref` of these is the ARN; of all others the name.
_REF_IS_ARN: Final = {
    "AWS::Lambda::LayerVersion",
    "AWS::IAM::ManagedPolicy",
    "AWS::SNS::Topic",
    "AWS::SecretsManager::Secret",
    "AWS::StepFunctions::StateMachine",
}
_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "Equals": lambda left, right: str(left) == str(right),
    "Not": lambda one: not one,
    "Or": lambda *many: any(many),
    "Contains": lambda many, one: one in many,
    "Join": lambda between, parts: between.join(parts),
    "Split": lambda between, text: text.split(between),
    "Select": lambda index, parts: parts[int(index)],
}
_NAMES: Final = ("BucketName", "Name", "RoleName", "LogGroupName", "AlarmName", "StateMachineName")


@cache
def translated() -> dict[str, Any]:
    """The template without SAM's own types, its functions in their long form."""
    plain = _with_uploaded_code(long_form(template()))
    translator = Translator(None, Parser(), boto_session=boto3.Session(region_name="us-east-1"))
    result: dict[str, Any] = translator.translate(plain, {})
    return result


def _with_uploaded_code(node: Any) -> Any:
    if isinstance(node, list):
        return [_with_uploaded_code(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: "s3://code/key" if key in _CODE else _with_uploaded_code(value)
        for key, value in node.items()
    }


class Rendering:
    """One stack of the template.

    Args:
        region: where it is.
        stack: its name.
        parameters: those that differ from their defaults.
    """

    def __init__(self, region: str = "us-east-1", stack: str = "tonearm", **parameters: str):
        self.body = translated()
        self.region = region
        partition = "aws-cn" if region.startswith("cn-") else "aws"
        defaults = {n: str(p.get("Default", "")) for n, p in self.body["Parameters"].items()}
        self.values = {
            **defaults,
            **parameters,
            "AWS::Region": region,
            "AWS::StackName": stack,
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": partition,
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::NoValue": "",
        }

    def resources(self, kind: str = "") -> dict[str, dict[str, Any]]:
        """The properties of every resource whose condition holds, by name."""
        found = self.body["Resources"].items()
        return {
            name: self.value(item.get("Properties", {}))
            for name, item in found
            if kind in ("", item["Type"])
            and ("Condition" not in item or self.holds(item["Condition"]))
        }

    def rules_hold(self) -> bool:
        """Whether every rule's assertions do."""
        return all(
            self.value(assertion["Assert"])
            for rule in self.body["Rules"].values()
            if self.value(rule["RuleCondition"])
            for assertion in rule["Assertions"]
        )

    def holds(self, condition: str) -> bool:
        return bool(self.value(self.body["Conditions"][condition]))

    def value(self, node: Any) -> Any:
        """The node without functions."""
        if isinstance(node, list):
            return [self.value(item) for item in node]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((key, argument),) = node.items()
            if key == "Ref":
                return self._ref(argument)
            if key == "Condition":
                return self.holds(argument)
            if key.startswith("Fn::"):
                return self._function(key.removeprefix("Fn::"), argument)
        absent = {"Ref": "AWS::NoValue"}
        chosen = {key: self._chosen(value) for key, value in node.items()}
        return {key: self.value(value) for key, value in chosen.items() if value != absent}

    def _chosen(self, node: Any) -> Any:
        """The branch of an `Fn::If` that is taken."""
        while isinstance(node, dict) and set(node) == {"Fn::If"}:
            condition, yes, no = node["Fn::If"]
            node = yes if self.holds(condition) else no
        return node

    def _ref(self, name: str) -> Any:
        if name in self.values:
            return self.values[name]
        kind = self.body["Resources"][name]["Type"]
        return self._arn(name) if kind in _REF_IS_ARN else self._name(name)

    def _attribute(self, name: str, attribute: str) -> str:
        return self._arn(name) if attribute == "Arn" else f"{name}.{attribute}"

    def _name(self, name: str) -> str:
        item = self.body["Resources"][name]
        own = next((item["Properties"][n] for n in _NAMES if n in item.get("Properties", {})), None)
        if own is not None:
            return str(self.value(own))
        if item["Type"] == "AWS::Glue::Database":
            return str(self.value(item["Properties"]["DatabaseInput"]["Name"]))
        made = f"{self.values['AWS::StackName']}-{name}-1A2B3C4D5E"
        return made.lower() if item["Type"] == "AWS::S3::Bucket" else made

    def _arn(self, name: str) -> str:
        form = _ARNS[self.body["Resources"][name]["Type"]]
        place = {"p": self.values["AWS::Partition"], "r": self.region, "a": ACCOUNT}
        return form.format(name=self._name(name), **place)

    def _function(self, function: str, argument: Any) -> Any:
        if function == "GetAtt":
            return self._attribute(*argument)
        if function == "Sub":
            return self._substituted(argument)
        if function == "If":
            return self.value(self._chosen({"Fn::If": argument}))
        arguments = [self.value(one) for one in argument]
        if function == "FindInMap":
            name, first, second = arguments
            return self.body["Mappings"][name][first][second]
        return _FUNCTIONS[function](*arguments)

    def _substituted(self, argument: Any) -> str:
        text, names = (argument, {}) if isinstance(argument, str) else argument
        return re.sub(r"\$\{([\w:.]+)\}", lambda m: self._named(m[1], names), text)

    def _named(self, name: str, names: Mapping[str, Any]) -> str:
        if name in names:
            return str(self.value(names[name]))
        resource, _, attribute = name.partition(".")
        return str(self._attribute(resource, attribute) if attribute else self._ref(name))
