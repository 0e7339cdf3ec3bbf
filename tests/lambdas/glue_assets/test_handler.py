import io
import zipfile
from collections.abc import Iterator

import boto3
import pytest

from glue_assets import handler
from glue_assets.packing import content_hash, package_folder
from tests.lambdas.glue_assets.conftest import FakeCloudFormation
from tests.lambdas.lambda_context import FakeContext
from tests.lambdas.local_aws import BUCKET

HASH = content_hash(package_folder("tonearm_glue"), [package_folder("msgspec")])
KEY = f"assets/glue/{HASH}.zip"


@pytest.fixture(autouse=True)
def fresh_client() -> Iterator[None]:
    handler._s3.cache_clear()
    yield
    handler._s3.cache_clear()


def handle(event: dict[str, object]) -> None:
    handler.lambda_handler(event, FakeContext())


def keys() -> list[str]:
    answer = boto3.client("s3").list_objects_v2(Bucket=BUCKET)
    return [entry["Key"] for entry in answer.get("Contents", [])]


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_the_package_is_shipped_under_its_hash(
    aws: None, cloudformation: FakeCloudFormation, request_type: str
) -> None:
    handle(cloudformation.event(request_type, PhysicalResourceId="assets/glue/older.zip"))

    assert cloudformation.answers == [
        {
            "Status": "SUCCESS",
            "Reason": "",
            "PhysicalResourceId": KEY,
            "StackId": "arn:aws:cloudformation:eu-central-1:123456789012:stack/tonearm/1",
            "RequestId": "request-1",
            "LogicalResourceId": "GlueAssets",
            "Data": {"ExtraPyFiles": f"s3://{BUCKET}/{KEY}", "Hash": HASH},
        }
    ]
    assert cloudformation.content_types == [""]
    body = boto3.client("s3").get_object(Bucket=BUCKET, Key=KEY)["Body"].read()
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert {"tonearm_glue/contract.py", "native/msgspec/json.py"} <= {*archive.namelist()}


def test_what_is_there_is_not_uploaded_again(aws: None, cloudformation: FakeCloudFormation) -> None:
    boto3.client("s3").put_object(Bucket=BUCKET, Key=KEY, Body=b"already here")

    handle(cloudformation.event())

    body = boto3.client("s3").get_object(Bucket=BUCKET, Key=KEY)["Body"].read()
    assert body == b"already here"
    assert cloudformation.answers[0]["Status"] == "SUCCESS"


def test_deleting_leaves_the_zips_and_keeps_the_name(
    aws: None, cloudformation: FakeCloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle(cloudformation.event())
    monkeypatch.setattr(handler, "PACKAGE", "no_such_package")

    handle(cloudformation.event("Delete", PhysicalResourceId=KEY))

    assert keys() == [KEY]
    assert cloudformation.answers[1]["Status"] == "SUCCESS"
    assert cloudformation.answers[1]["PhysicalResourceId"] == KEY


def test_a_missing_layer_is_a_clear_refusal(
    aws: None, cloudformation: FakeCloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler, "PACKAGE", "no_such_package")

    handle(cloudformation.event())

    (answer,) = cloudformation.answers
    assert answer["Status"] == "FAILED"
    assert answer["Reason"] == (
        "SettingsError: the package no_such_package cannot be imported: is its layer attached? "
        "(log stream stream-1)"
    )
    assert answer["PhysicalResourceId"] == "GlueAssets-not-created"


def test_a_bucket_that_is_not_there_is_a_clear_refusal(
    aws: None, cloudformation: FakeCloudFormation
) -> None:
    properties = {"Bucket": "no-such-bucket"}

    handle(cloudformation.event("Update", PhysicalResourceId="old", ResourceProperties=properties))

    (answer,) = cloudformation.answers
    assert answer["Status"] == "FAILED"
    assert "NoSuchBucket" in answer["Reason"]
    assert answer["PhysicalResourceId"] == "old", "a failed update must delete nothing"


@pytest.mark.parametrize("properties", [{}, None, {"Bucket": ""}])
def test_an_event_without_a_bucket_is_refused(
    aws: None, cloudformation: FakeCloudFormation, properties: object
) -> None:
    handle(cloudformation.event(ResourceProperties=properties))

    assert "'Bucket' is missing or empty" in cloudformation.answers[0]["Reason"]


def test_a_request_of_another_type_is_refused(
    aws: None, cloudformation: FakeCloudFormation
) -> None:
    handle(cloudformation.event("Rename"))

    assert (
        "RequestType must be one of Create, Update, Delete" in cloudformation.answers[0]["Reason"]
    )


@pytest.mark.parametrize("url", ["file:///etc/hosts", "ftp://127.0.0.1/x"])
def test_an_answer_goes_to_http_addresses_only(
    aws: None, cloudformation: FakeCloudFormation, url: str
) -> None:
    with pytest.raises(ValueError, match="no http"):
        handle(cloudformation.event(ResponseURL=url))
