"""Ships the Glue jobs' shared code: a zip under the hash of its content, uploaded once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from glue_assets.answer import SUCCESS, Answer
from glue_assets.packing import content_hash, package_folder, zip_packages
from tonearm_pipeline.errors import BadEventError
from tonearm_pipeline.event_fields import text_field
from tonearm_pipeline.json_store import JsonStore

if TYPE_CHECKING:  # the stubs are not in the functions' package
    from mypy_boto3_s3 import S3Client

_REQUEST_TYPES: Final = ("Create", "Update", "Delete")


def ship(event: Mapping[str, Any], s3: S3Client, package: str, libraries: Sequence[str]) -> Answer:
    """Do what CloudFormation asks and return the answer.

    On Delete the zips stay: job runs that are under way still load them, and the bucket's lifecycle
    or its removal takes them. Nor does a Delete need the package.

    Raises:
        BadEventError: the event is not one of a custom resource, or names no bucket.
        SettingsError: the package cannot be imported.
        StorageUnavailableError: S3 did not answer.
    """
    request_type = text_field(event, "RequestType")
    if request_type not in _REQUEST_TYPES:
        raise BadEventError(f"RequestType must be one of {', '.join(_REQUEST_TYPES)}")
    if request_type == "Delete":
        return Answer(SUCCESS, text_field(event, "PhysicalResourceId"))
    properties = event.get("ResourceProperties")
    bucket = text_field(properties if isinstance(properties, dict) else {}, "Bucket")
    folder, *others = (package_folder(name) for name in (package, *libraries))
    digest = content_hash(folder, others)
    key = f"assets/glue/{digest}.zip"
    JsonStore(s3, bucket).put_bytes_once(key, zip_packages(folder, others), "application/zip")
    return Answer(SUCCESS, key, {"ExtraPyFiles": f"s3://{bucket}/{key}", "Hash": digest})
