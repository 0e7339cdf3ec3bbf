import io
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from glue_assets import handler
from glue_assets.packing import content_hash, package_folder
from glue_assets.shipping import RESOURCE_ID, Code
from tests.lambdas.glue_assets.conftest import FakeCloudFormation
from tests.lambdas.lambda_context import FakeContext
from tests.lambdas.local_aws import BUCKET, START, FakeClock

JOBS = package_folder("tonearm_glue").parent
SCRIPTS = [JOBS / f"{name}.py" for name in ("albums", "artists", "songs")]
HASH = content_hash(package_folder("tonearm_glue"), [package_folder("msgspec")], SCRIPTS)
PLACE = f"assets/glue/{HASH}"
KEY = f"{PLACE}/tonearm_glue.zip"
KEYS = [f"{PLACE}/albums.py", f"{PLACE}/artists.py", f"{PLACE}/songs.py", KEY]
WITHOUT_PACKAGE = Code("no_such_package", (), ())


@pytest.fixture(autouse=True)
def fresh_client() -> Iterator[None]:
    handler._s3.cache_clear()
    yield
    handler._s3.cache_clear()


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    fake = FakeClock()
    monkeypatch.setattr(handler, "CLOCK", fake)
    return fake


def handle(event: dict[str, object]) -> None:
    handler.lambda_handler(event, FakeContext())


def keys() -> list[str]:
    answer = boto3.client("s3").list_objects_v2(Bucket=BUCKET)
    return [entry["Key"] for entry in answer.get("Contents", [])]


def body_of(key: str) -> bytes:
    return boto3.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_scripts_and_package_are_shipped_under_their_hash(
    aws: None, cloudformation: FakeCloudFormation, request_type: str
) -> None:
    handle(cloudformation.event(request_type, PhysicalResourceId="assets/glue/older.zip"))

    assert cloudformation.answers == [
        {
            "Status": "SUCCESS",
            "Reason": "",
            "PhysicalResourceId": RESOURCE_ID,
            "StackId": "arn:aws:cloudformation:eu-central-1:123456789012:stack/tonearm/1",
            "RequestId": "request-1",
            "LogicalResourceId": "GlueAssets",
            "Data": {
                "ExtraPyFiles": f"s3://{BUCKET}/{KEY}",
                "Hash": HASH,
                "AlbumsScript": f"s3://{BUCKET}/{PLACE}/albums.py",
                "ArtistsScript": f"s3://{BUCKET}/{PLACE}/artists.py",
                "SongsScript": f"s3://{BUCKET}/{PLACE}/songs.py",
            },
        }
    ]
    assert cloudformation.content_types == [""]
    assert keys() == KEYS
    with zipfile.ZipFile(io.BytesIO(body_of(KEY))) as archive:
        assert {"tonearm_glue/contract.py", "native/msgspec/json.py"} <= {*archive.namelist()}
    assert body_of(f"{PLACE}/songs.py") == (JOBS / "songs.py").read_bytes()


def test_what_is_there_is_not_uploaded_again(aws: None, cloudformation: FakeCloudFormation) -> None:
    boto3.client("s3").put_object(Bucket=BUCKET, Key=KEY, Body=b"already here")

    handle(cloudformation.event())

    assert body_of(KEY) == b"already here"
    assert cloudformation.answers[0]["Status"] == "SUCCESS"


OLDER = "assets/glue/0123456789abcdef/albums.py"


@pytest.mark.parametrize(
    "event",
    [("Update", RESOURCE_ID), ("Delete", "assets/glue/older.zip")],
    ids=["new code", "the name an earlier version gave it"],
)
def test_the_code_that_a_running_job_loads_stays(
    aws: None, cloudformation: FakeCloudFormation, event: tuple[str, str]
) -> None:
    boto3.client("s3").put_object(Bucket=BUCKET, Key=OLDER, Body=b"running")

    handle(cloudformation.event(event[0], PhysicalResourceId=event[1]))

    assert body_of(OLDER) == b"running"
    assert cloudformation.answers[0]["PhysicalResourceId"] in {RESOURCE_ID, event[1]}


def test_with_the_resource_every_version_of_its_code_goes_and_nothing_else(
    aws: None, cloudformation: FakeCloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3 = boto3.client("s3")
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for key in (OLDER, OLDER, "raw/1/manifest.json"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    s3.delete_object(Bucket=BUCKET, Key=OLDER)
    handle(cloudformation.event())
    monkeypatch.setattr(handler, "CODE", WITHOUT_PACKAGE)

    handle(cloudformation.event("Delete", PhysicalResourceId=RESOURCE_ID))

    left = s3.list_object_versions(Bucket=BUCKET)
    assert [one["Key"] for one in left["Versions"]] == ["raw/1/manifest.json"]
    assert "DeleteMarkers" not in left
    assert cloudformation.answers[1]["Status"] == "SUCCESS"
    assert cloudformation.answers[1]["PhysicalResourceId"] == RESOURCE_ID


def test_a_bucket_that_is_gone_does_not_hold_up_the_deletion(
    aws: None, cloudformation: FakeCloudFormation
) -> None:
    properties = {"Bucket": "no-such-bucket"}

    handle(
        cloudformation.event(
            "Delete", PhysicalResourceId=RESOURCE_ID, ResourceProperties=properties
        )
    )

    assert cloudformation.answers[0]["Status"] == "SUCCESS"


def test_what_a_failed_creation_wrote_is_taken_by_the_deletion_that_follows(
    aws: None, cloudformation: FakeCloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler, "CODE", Code("tonearm_glue", (), ("no_such_job",)))
    handle(cloudformation.event())
    (failed,) = cloudformation.answers

    handle(cloudformation.event("Delete", PhysicalResourceId=failed["PhysicalResourceId"]))

    assert failed["Status"] == "FAILED"
    assert "the script no_such_job.py is not in the layer" in failed["Reason"]
    assert keys() == []


def test_rights_that_are_known_a_little_later_are_waited_for(
    aws: None, cloudformation: FakeCloudFormation, clock: FakeClock
) -> None:
    refusals = refuse_puts(2)

    handle(cloudformation.event())

    assert cloudformation.answers[0]["Status"] == "SUCCESS"
    assert (refusals, clock.slept) == ([], [2, 4])


def test_rights_that_never_come_are_a_clear_refusal(
    aws: None, cloudformation: FakeCloudFormation, clock: FakeClock
) -> None:
    refuse_puts(99)

    handle(cloudformation.event())

    assert cloudformation.answers[0]["Status"] == "FAILED"
    assert "PutObject was refused (AccessDenied)" in cloudformation.answers[0]["Reason"]
    assert clock.slept == [2, 4, 8, 16]


def refuse_puts(times: int) -> list[int]:
    """Let S3 refuse so many PutObject calls; the list empties with them."""
    left = list(range(times))

    def refuse(**_: object) -> Any:
        if not left:
            return None
        left.pop()
        body = b"<Error><Code>AccessDenied</Code><Message>not yet</Message></Error>"
        return AWSResponse("", 403, HTTPHeaders(), Body(body))

    handler._s3().meta.events.register_first("before-send.s3.PutObject", refuse)
    return left


class Body(io.BytesIO):
    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()


PROMISED = {"ResourceType": "Custom::RunsPromised", "ResourceProperties": {"Schedule": "x"}}


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_runs_are_promised_from_the_second_at_which_the_schedule_was_set(
    cloudformation: FakeCloudFormation, request_type: str
) -> None:
    handle(cloudformation.event(request_type, **PROMISED, PhysicalResourceId="1"))

    assert cloudformation.answers[0]["PhysicalResourceId"] == str(int(START.timestamp()))


def test_a_promise_that_is_taken_back_needs_nothing(cloudformation: FakeCloudFormation) -> None:
    handle(cloudformation.event("Delete", **PROMISED, PhysicalResourceId="1"))

    assert cloudformation.answers[0]["Status"] == "SUCCESS"
    assert cloudformation.answers[0]["PhysicalResourceId"] == "1"


def test_a_missing_layer_is_a_clear_refusal(
    aws: None, cloudformation: FakeCloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler, "CODE", WITHOUT_PACKAGE)

    handle(cloudformation.event())

    (answer,) = cloudformation.answers
    assert answer["Status"] == "FAILED"
    assert answer["Reason"] == (
        "SettingsError: the package no_such_package cannot be imported: is its layer attached? "
        "(log stream stream-1)"
    )
    assert answer["PhysicalResourceId"] == RESOURCE_ID


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
