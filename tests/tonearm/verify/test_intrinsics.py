"""A template's functions are filled in as CloudFormation does it."""

from typing import Any

import pytest

from tonearm.errors import OperatorError
from tonearm.verify.comparing import differing
from tonearm.verify.deployed import UNKNOWN
from tonearm.verify.intrinsics import Resolver

TEMPLATE: dict[str, Any] = {
    "Conditions": {
        "IsOn": {"Fn::Equals": [{"Ref": "State"}, "ON"]},
        "IsOff": {"Fn::Not": [{"Condition": "IsOn"}]},
        "Both": {"Fn::And": [{"Condition": "IsOn"}, {"Condition": "IsOff"}]},
        "Either": {"Fn::Or": [{"Condition": "IsOn"}, {"Condition": "IsOff"}]},
    },
    "Mappings": {"Layers": {"eu-west-1": {"Version": "12"}}},
}
REFS = {"State": "ON", "AWS::Region": "eu-west-1", "Bucket": "lake", "Name": "a-b"}


@pytest.fixture
def resolve() -> Resolver:
    return Resolver(TEMPLATE, REFS, lambda logical, attribute: f"{logical}#{attribute}")


@pytest.mark.parametrize(
    ("node", "value"),
    [
        ({"Ref": "Bucket"}, "lake"),
        ({"Fn::GetAtt": ["Bucket", "Arn"]}, "Bucket#Arn"),
        ({"Fn::GetAtt": "Bucket.Arn"}, "Bucket#Arn"),
        (
            {"Fn::Sub": "${Bucket.Arn}/x/${AWS::Region}/${!Literal}"},
            "Bucket#Arn/x/eu-west-1/${Literal}",
        ),
        ({"Fn::Sub": ["${V}:${State}", {"V": {"Ref": "Bucket"}}]}, "lake:ON"),
        ({"Fn::If": ["IsOn", "yes", "no"]}, "yes"),
        ({"Fn::If": ["IsOff", "yes", "no"]}, "no"),
        ({"Fn::If": ["Both", "yes", "no"]}, "no"),
        ({"Fn::If": ["Either", "yes", "no"]}, "yes"),
        ({"Fn::Join": ["_", {"Fn::Split": ["-", {"Ref": "Name"}]}]}, "a_b"),
        ({"Fn::Select": [1, {"Fn::Split": ["-", {"Ref": "Name"}]}]}, "b"),
        ({"Fn::FindInMap": ["Layers", {"Ref": "AWS::Region"}, "Version"]}, "12"),
        ({"Fn::FindInMap": ["Layers", "x", "y", {"DefaultValue": "0"}]}, "0"),
        ({"a": {"Ref": "AWS::NoValue"}, "b": 1}, {"b": 1}),
        ([{"Fn::If": ["IsOff", 1, {"Ref": "AWS::NoValue"}]}, 2], [2]),
        ({"Ref": "Bucket", "other": 1}, {"Ref": "Bucket", "other": 1}),
    ],
)
def test_a_function_gives_what_cloudformation_gives(
    resolve: Resolver, node: Any, value: Any
) -> None:
    assert resolve(node) == value


@pytest.mark.parametrize("node", [{"Ref": "Nobody"}, {"Fn::FindInMap": ["Layers", "x", "y"]}])
def test_a_name_nobody_knows_is_an_error(resolve: Resolver, node: Any) -> None:
    with pytest.raises(OperatorError, match=r"Nobody|Layers\.x\.y"):
        resolve(node)


@pytest.mark.parametrize(
    ("wanted", "found", "lines"),
    [
        ({"Threshold": "1"}, {"Threshold": 1.0}, []),
        ({"On": True}, {"On": "true"}, []),
        ({"Names": ["a", "b"]}, {"Names": ["b", "a"]}, []),
        ({"Place": f"s3://{UNKNOWN}"}, {"Place": "s3://x"}, []),
        ({"Map": {"a": 1}}, {"Map": {"a": "1"}}, []),
        ({"Map": {"a": 1}}, {"Map": {"a": 1, "b": 2}}, ["Map is {'a': 1, 'b': 2}, not {'a': 1}"]),
        ({"Names": ["a"]}, {"Names": ["a", "b"]}, ["Names is ['a', 'b'], not ['a']"]),
        ({"Word": "a"}, {}, ["Word is absent, not a"]),
        ({"Days": 30}, {"Days": 31, "More": 1}, ["Days is 31, not 30"]),
    ],
)
def test_properties_are_compared_by_what_they_say(
    wanted: dict[str, Any], found: dict[str, Any], lines: list[str]
) -> None:
    assert list(differing(wanted, found)) == lines
