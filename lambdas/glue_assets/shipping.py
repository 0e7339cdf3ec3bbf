"""Ships the Glue jobs' code: scripts and a zip of what they share, under the hash of it all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from glue_assets.answer import SUCCESS, Answer
from glue_assets.packing import content_hash, package_folder, zip_packages
from tonearm_pipeline.errors import BadEventError, SettingsError
from tonearm_pipeline.event_fields import text_field
from tonearm_pipeline.json_store import JsonStore, storage_errors

if TYPE_CHECKING:  # the stubs are not in the functions' package
    from mypy_boto3_s3 import S3Client

RESOURCE_ID: Final = "tonearm-glue-assets"
FOLDER: Final = "assets/glue/"
_REQUEST_TYPES: Final = ("Create", "Update", "Delete")
_NO_BUCKET: Final = "NoSuchBucket"


@dataclass(frozen=True)
class Code:
    """What the jobs run.

    Attributes:
        package: the shared package.
        libraries: packages it needs beside what Glue brings.
        scripts: a job each; they lie beside the shared package.
    """

    package: str
    libraries: tuple[str, ...]
    scripts: tuple[str, ...]


def ship(event: Mapping[str, Any], s3: S3Client, code: Code) -> Answer:
    """Do what CloudFormation asks and return the answer.

    Code of earlier versions stays, since job runs that are under way still load it. Only when the
    resource itself goes, and with it the jobs, all of it goes: a bucket that CloudFormation takes
    away again after a first deploy that failed must be empty. A Delete does not need the code.

    Raises:
        BadEventError: the event is not one of a custom resource, or names no bucket.
        SettingsError: the package or a script is not there.
        StorageUnavailableError: S3 did not answer.
        AwsRefusedError: S3 refused.
    """
    request_type = text_field(event, "RequestType")
    if request_type not in _REQUEST_TYPES:
        raise BadEventError(f"RequestType must be one of {', '.join(_REQUEST_TYPES)}")
    properties = event.get("ResourceProperties")
    bucket = text_field(properties if isinstance(properties, dict) else {}, "Bucket")
    if request_type == "Delete":
        physical_id = text_field(event, "PhysicalResourceId")
        if physical_id == RESOURCE_ID:  # else it is what an earlier version was named
            _remove_all(s3, bucket)
        return Answer(SUCCESS, physical_id)
    return Answer(SUCCESS, RESOURCE_ID, _shipped(s3, bucket, code))


def _shipped(s3: S3Client, bucket: str, code: Code) -> dict[str, str]:
    """Write what is not there yet; the addresses of all of it."""
    folder, *others = (package_folder(name) for name in (code.package, *code.libraries))
    scripts = {name: _script(folder.parent, name) for name in code.scripts}
    digest = content_hash(folder, others, list(scripts.values()))
    place = f"{FOLDER}{digest}/"
    store = JsonStore(s3, bucket)
    archive = f"{place}{code.package}.zip"
    store.put_bytes_once(archive, zip_packages(folder, others), "application/zip")
    told = {"ExtraPyFiles": f"s3://{bucket}/{archive}", "Hash": digest}
    for name, path in scripts.items():
        store.put_bytes_once(f"{place}{path.name}", path.read_bytes(), "text/x-python")
        told[f"{name.title()}Script"] = f"s3://{bucket}/{place}{path.name}"
    return told


def _script(folder: Path, name: str) -> Path:
    path = folder / f"{name}.py"
    if not path.is_file():
        raise SettingsError(f"the script {path.name} is not in the layer: is its build whole?")
    return path


def _remove_all(s3: S3Client, bucket: str) -> None:
    """Remove every version; a bucket that is gone holds none."""
    with storage_errors(f"empty s3://{bucket}/{FOLDER}"):
        try:
            for page in s3.get_paginator("list_object_versions").paginate(
                Bucket=bucket, Prefix=FOLDER
            ):
                for one in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                    s3.delete_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])
        except s3.exceptions.ClientError as exc:
            if exc.response["Error"]["Code"] != _NO_BUCKET:
                raise
