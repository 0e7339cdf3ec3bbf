"""The arguments every job takes."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class JobArgs:
    """Where a job reads and writes, and which run it works for."""

    bucket_uri: str
    raw: str
    manifest: str
    staged: str
    run_id: str
    snapshot_date: date
    attempt: int

    @property
    def raw_prefix(self) -> str:
        """Key of the folder of raw parts inside the bucket, ending in `/`."""
        return _folder(self.raw.removeprefix(self.bucket_uri))

    @property
    def manifest_key(self) -> str:
        """Key of the raw manifest inside the bucket."""
        return self.manifest.removeprefix(self.bucket_uri)

    def staged_folder(self, *parts: str) -> str:
        """Address of a folder under this attempt's staging area."""
        return _folder(self.staged) + "/".join(parts)


def parse_args(argv: Sequence[str]) -> JobArgs:
    """The job's arguments; what Glue adds of its own (`--JOB_NAME`, `--TempDir`, ...) is ignored.

    The same reading as Glue's own option reader, which is argparse without abbreviations
    (awslabs/aws-glue-libs, awsglue/utils.py), so a script needs no Glue library.
    """
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in ("bucket_uri", "raw", "manifest", "staged", "run_id"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--snapshot_date", required=True, type=date.fromisoformat)
    parser.add_argument("--attempt", required=True, type=int)
    known, _ignored = parser.parse_known_args(list(argv))
    return JobArgs(**vars(known))


def _folder(address: str) -> str:
    return address if address.endswith("/") else f"{address}/"
