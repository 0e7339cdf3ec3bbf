"""Runs checkov over the template; what it finds must be just what is explained here.

checkov pins versions that the project's lock cannot hold, so it lives in an environment of its own.
"""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
HOME: Final = ROOT / ".tonearm" / "checkov"
VERSION: Final = "3.3.30"
TEMPLATE: Final = ROOT / "template.yaml"
SECONDS: Final = 600
# What checkov would have and this stack does not, by check; each for the same reason everywhere.
REASONS: Final[dict[str, str]] = {
    "CKV_AWS_18": "access logs need a second bucket to keep; CloudTrail tells who read objects",
    "CKV_AWS_19": "the bucket is encrypted; the check cannot follow the choice of the key by !If",
    "CKV_AWS_26": "CloudWatch alarms may not publish to a topic under the AWS-managed key",
    "CKV_AWS_27": "the queue is encrypted by SQS itself; the check asks for a key of KMS",
    "CKV_AWS_115": "the state machine invokes one at a time; a reserve would take from the account",
    "CKV_AWS_116": "invoked synchronously, and the state machine catches every failure",
    "CKV_AWS_117": "talks to Spotify and Snowflake over the internet, to nothing inside a VPC",
    "CKV_AWS_119": "encrypted under the AWS-managed key; the table holds names and counts",
    "CKV_AWS_149": "encrypted under the AWS-managed key of Secrets Manager; one role reads each",
    "CKV_AWS_158": "encrypted by CloudWatch; logs hold neither secrets nor personal data",
    "CKV_AWS_173": "variables hold names and settings, no secret",
    "CKV_AWS_195": "what jobs write is encrypted by the bucket; bookmarks are off",
}


def main() -> int:
    """Print every finding and its reason; 1 when one has none, or a reason has no finding."""
    failed = failed_checks(_installed())
    for check, resource in sorted(failed):
        sys.stdout.write(f"{check:<12} {resource:<50} {REASONS.get(check, 'NO REASON')}\n")
    unexplained = {check for check, _ in failed} - set(REASONS)
    unneeded = set(REASONS) - {check for check, _ in failed}
    for check in sorted(unneeded):
        sys.stdout.write(f"{check}: its reason is no longer needed\n")
    sys.stdout.write(
        f"checkov: {len(failed)} findings explained by {len(REASONS)} reasons,"
        f" {len(unexplained)} unexplained, {len(unneeded)} reasons too many\n"
    )
    return 1 if unexplained or unneeded else 0


def failed_checks(checkov: Path) -> set[tuple[str, str]]:
    """Check and resource of each finding; nothing is asked for over the network."""
    command = [str(checkov), "--file", str(TEMPLATE), "--framework", "cloudformation"]
    command += ["--skip-download", "--quiet", "--compact", "--output", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        sys.exit(f"tonearm: checkov gave no report: {done.stderr.strip()[-500:]}")
    found = report["results"]["failed_checks"]
    return {(one["check_id"], one["resource"]) for one in found}


def _installed() -> Path:
    checkov = HOME / "bin" / "checkov"
    stamp = HOME / "version"
    if not stamp.exists() or stamp.read_text() != VERSION:
        sys.stderr.write(f"installing checkov {VERSION} into {HOME.relative_to(ROOT)} …\n")
        venv.create(HOME, with_pip=True, clear=True)
        install = [str(HOME / "bin" / "pip"), "install", "--quiet", f"checkov=={VERSION}"]
        quiet = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        if subprocess.run(install, check=False, env=quiet).returncode:
            sys.exit(f"tonearm: checkov {VERSION} could not be installed: is PyPI reachable?")
        stamp.write_text(VERSION)
    return checkov


if __name__ == "__main__":
    sys.exit(main())
