"""Writes the requirements of the Lambda package and the layers from the lock file."""

import subprocess
import sys
from pathlib import Path

from tonearm.project import LAMBDAS, ROOT

# The Python runtime of Lambda brings these itself.
RUNTIME_PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "six")
TARGETS = {
    "lambdas": LAMBDAS / "requirements.txt",
    "snowflake-layer": LAMBDAS / "snowflake_layer" / "requirements.txt",
    "glue": ROOT / "glue_jobs" / "requirements.txt",
}


def requirements(group: str) -> str:
    """The pinned packages of a dependency group, one a line, without what the runtime brings."""
    left_out = [f"--no-emit-package={name}" for name in RUNTIME_PACKAGES]
    answer = subprocess.run(  # noqa: S603 - our own arguments
        [*_uv(), "export", "--quiet", "--frozen", f"--only-group={group}", *EXPORT, *left_out],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return answer.stdout


EXPORT = ("--no-hashes", "--no-header", "--no-annotate")


def _uv() -> list[str]:
    own = ROOT / ".tonearm" / "uv" / "bin" / "uv"
    return [str(own)] if own.exists() else ["uv"]


def write(targets: dict[str, Path]) -> None:
    """Write every requirements file."""
    for group, path in targets.items():
        path.write_text(requirements(group))
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    write(TARGETS)
