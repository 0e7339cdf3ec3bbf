"""What the template promises of encryption, access, traces and retention."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.template_reader import resources, template

RETENTION = {"!Ref": "RetentionDays"}
KEPT_PREFIXES = {"raw/", "curated/", "quarantine/", "runs/"}
BOUNDARY = {
    "!If": ["HasBoundary", {"!Ref": "PermissionsBoundaryArn"}, {"!Ref": "AWS::NoValue"}],
}
# Log delivery and X-Ray have no permissions by resource.
WITHOUT_RESOURCE = ("logs:", "xray:")


def bucket() -> dict[str, Any]:
    (found,) = resources("AWS::S3::Bucket").values()
    return found


def statements() -> Iterator[dict[str, Any]]:
    """Every statement that allows something, of the roles and of SAM's functions."""
    for kind in ("AWS::IAM::Role", "AWS::Serverless::Function", "AWS::Serverless::StateMachine"):
        for properties in resources(kind).values():
            for policy in properties.get("Policies", []):
                yield from policy.get("PolicyDocument", policy)["Statement"]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_the_bucket_is_closed_and_keeps_versions() -> None:
    closed = bucket()["PublicAccessBlockConfiguration"]

    assert len(closed) == 4
    assert all(closed.values())
    assert bucket()["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket()["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_the_bucket_takes_nothing_but_tls() -> None:
    (policy,) = resources("AWS::S3::BucketPolicy").values()

    (statement,) = policy["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert statement["Action"] == "s3:*"
    assert statement["Resource"] == [
        {"!GetAtt": "Bucket.Arn"},
        {"!Sub": "${Bucket.Arn}/*"},
    ]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": False}}


def test_objects_live_as_long_as_the_retention_says() -> None:
    rules = bucket()["LifecycleConfiguration"]["Rules"]

    kept = {rule["Prefix"] for rule in rules if rule.get("ExpirationInDays") == RETENTION}
    assert kept == KEPT_PREFIXES
    assert all(rule["Status"] == "Enabled" for rule in rules)
    (tidy,) = (rule for rule in rules if "Prefix" not in rule)
    assert tidy["NoncurrentVersionExpiration"]["NoncurrentDays"] <= 30


def test_the_bucket_is_encrypted_with_the_key_that_is_given_or_its_own() -> None:
    (rule,) = bucket()["BucketEncryption"]["ServerSideEncryptionConfiguration"]

    key = {"!If": ["HasKey", {"!Ref": "KmsKeyArn"}, {"!Ref": "AWS::NoValue"}]}
    assert rule["ServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": {"!If": ["HasKey", "aws:kms", "AES256"]},
        "KMSMasterKeyID": key,
    }
    assert template()["Parameters"]["KmsKeyArn"]["Default"] == ""


def test_every_role_that_touches_objects_may_use_the_key() -> None:
    (policy,) = resources("AWS::IAM::ManagedPolicy").values()

    functions = {f"{name}Role" for name in resources("AWS::Serverless::Function")}
    readers = {name for name in resources("AWS::IAM::Role") if name not in {"SnowflakeNotifyRole"}}
    assert {role["!Ref"] for role in policy["Roles"]} == functions | readers
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert statement["Resource"] == {"!Ref": "KmsKeyArn"}
    assert template()["Resources"]["KeyPolicy"]["Condition"] == "HasKey"


def test_every_role_has_the_boundary() -> None:
    assert template()["Globals"]["Function"]["PermissionsBoundary"] == BOUNDARY
    for kind in ("AWS::IAM::Role", "AWS::Serverless::StateMachine"):
        for name, properties in resources(kind).items():
            assert properties["PermissionsBoundary"] == BOUNDARY, name
    for name, properties in resources("AWS::Serverless::Function").items():
        assert "PermissionsBoundary" not in properties, name
        assert "Role" not in properties, name


def test_no_statement_allows_a_whole_service_or_everything() -> None:
    found = list(statements())

    assert len(found) > 20
    for statement in found:
        actions = as_list(statement["Action"])
        assert not any("*" in action for action in actions), statement
        if "*" in as_list(statement["Resource"]):
            assert all(action.startswith(WITHOUT_RESOURCE) for action in actions), statement


def test_functions_and_state_machine_are_traced() -> None:
    assert template()["Globals"]["Function"]["Tracing"] == "Active"
    assert not [p for p in resources("AWS::Serverless::Function").values() if "Tracing" in p]
    (machine,) = resources("AWS::Serverless::StateMachine").values()
    assert machine["Tracing"] == {"Enabled": True}


def test_the_execution_log_holds_no_data() -> None:
    (machine,) = resources("AWS::Serverless::StateMachine").values()

    assert machine["Logging"]["IncludeExecutionData"] is False
    assert machine["Logging"]["Level"] == "ALL"


def test_every_log_group_forgets() -> None:
    groups = resources("AWS::Logs::LogGroup")

    # A group for each function, two for the jobs and one for the state machine.
    assert len(groups) == len(resources("AWS::Serverless::Function")) + 3
    for name, properties in groups.items():
        assert properties["RetentionInDays"] == {"!Ref": "LogRetentionDays"}, name


@pytest.mark.parametrize("word", ["secret", "token", "password", "key"])
def test_no_parameter_and_no_variable_holds_a_secret(word: str) -> None:
    names = {name.lower() for name in template()["Parameters"]}
    for properties in resources("AWS::Serverless::Function").values():
        names |= {name.lower() for name in properties.get("Environment", {}).get("Variables", {})}

    held = {name for name in names if word in name and not name.endswith(("arn", "url"))}
    assert held == set()
